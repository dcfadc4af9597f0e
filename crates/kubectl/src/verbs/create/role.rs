//! `kubectl create role` (kubectl: pkg/cmd/create/create_role.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "role",
    use_line: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a role with single rule",
    long: "Create a role with single rule.",
    example: "# Who has it may look at pods
kubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods

# Only at this one
kubectl create role pod-reader --verb=get --resource=pods --resource-name=readablepod

# Of another API group
kubectl create role foo --verb=get,list,watch --resource=rs.apps

# With a subresource
kubectl create role foo --verb=get,list,watch --resource=pods,pods/status",
    flags: || {
        let mut flags = generated::flags();
        flags.extend(rule_flags());
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// The flags of a rule.
pub(super) fn rule_flags() -> Vec<Flag> {
    vec![
        Flag::string_slice("verb", "Verb that applies to the resources contained in the rule"),
        Flag::string_slice("resource", "Resource that the rule applies to"),
        Flag::string_array(
            "resource-name",
            "Resource in the white list that the rule applies to, repeat this flag for multiple items",
        ),
    ]
}

const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

const RBAC: &str = "rbac.authorization.k8s.io";

/// Verbs that only some resources (group, resource) know.
const SPECIAL: [(&str, &[(&str, &str)]); 4] = [
    ("use", &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")]),
    ("bind", &[(RBAC, "roles"), (RBAC, "clusterroles")]),
    ("escalate", &[(RBAC, "roles"), (RBAC, "clusterroles")]),
    ("impersonate", &[("", "users"), ("", "serviceaccounts"), ("", "groups"), ("authentication.k8s.io", "userextras")]),
];

/// The words without those that came before.
pub(super) fn distinct(words: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        if !out.contains(word) {
            out.push(word.clone());
        }
    }
    out
}

/// `resource.group/subresource`.
struct Resource {
    name: String,
    group: String,
    subresource: String,
}

/// A rule of the command line.
pub(super) struct Rule {
    pub verbs: Vec<String>,
    resources: Vec<Resource>,
    pub names: Vec<String>,
}

impl Rule {
    pub(super) fn of(cx: &Context) -> Rule {
        let verbs = cx.flags.strings("verb");
        let verbs = if verbs.iter().any(|verb| verb == "*") { vec!["*".to_string()] } else { distinct(verbs) };
        let mut resources = Vec::new();
        for word in cx.flags.strings("resource") {
            let (resource, subresource) = word.split_once('/').unwrap_or((word, ""));
            let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
            let all = word == "*";
            if all {
                resources.clear();
            }
            resources.push(Resource { name: name.into(), group: group.into(), subresource: subresource.into() });
            if all {
                break;
            }
        }
        Rule { verbs, resources, names: distinct(cx.flags.strings("resource-name")) }
    }

    pub(super) fn has_resources(&self) -> bool {
        !self.resources.is_empty()
    }

    pub(super) fn warn(&self, cx: &Context) -> Result<()> {
        for verb in self.verbs.iter().filter(|verb| !VERBS.contains(&verb.as_str())) {
            cx.warn(&format!("'{verb}' is not a standard resource verb"))?;
        }
        Ok(())
    }

    /// Whether the resources are there, and know the verbs.
    pub(super) async fn validate(&self, cx: &Context) -> Result<()> {
        for resource in &self.resources {
            if resource.name.is_empty() {
                return Err(Error::msg("resource must be specified if apiGroup/subresource specified"));
            }
            if resource.name == "*" {
                return Ok(());
            }
            let found = find(cx, resource).await;
            let (group, name) = match &found {
                Ok(found) => found.clone(),
                Err(_) => (resource.group.clone(), resource.name.clone()),
            };
            let mut known = false;
            for (verb, places) in SPECIAL.iter().filter(|(verb, _)| self.verbs.iter().any(|own| own == verb)) {
                if !places.contains(&(group.as_str(), name.as_str())) {
                    return Err(Error::msg(format!("can not perform '{verb}' on '{name}' in group '{group}'")));
                }
                known = true;
            }
            if !known {
                // The mapper's own words, without `error: ` in front.
                found.map_err(|error| Error::NoMatch(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// A rule for each API group.
    pub(super) async fn policy_rules(&self, cx: &Context) -> Vec<Value> {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for resource in &self.resources {
            let found = find(cx, resource).await;
            let (group, mut name) = found.unwrap_or_else(|_| (resource.group.clone(), resource.name.clone()));
            if !resource.subresource.is_empty() {
                name = format!("{name}/{}", resource.subresource);
            }
            let names = groups.entry(group).or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let rule = |(group, resources): (String, Vec<String>)| {
            let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": self.verbs});
            if !self.names.is_empty() {
                rule["resourceNames"] = json!(self.names);
            }
            rule
        };
        groups.into_iter().map(rule).collect()
    }
}

/// Group and plural of a resource.
async fn find(cx: &Context, resource: &Resource) -> Result<(String, String)> {
    let word = match resource.group.as_str() {
        "" => resource.name.clone(),
        group => format!("{}.{group}", resource.name),
    };
    let mapping = cx.mapper().await?.resource(&word).await?;
    Ok((mapping.group.clone(), mapping.resource.clone()))
}

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let rule = Rule::of(cx);
    if rule.verbs.is_empty() {
        return Err(Error::msg("at least one verb must be specified"));
    }
    rule.warn(cx)?;
    if !rule.has_resources() {
        return Err(Error::msg("at least one resource must be specified"));
    }
    rule.validate(cx).await?;
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name},
        "rules": rule.policy_rules(cx).await,
    });
    generated::create(cx, "", role).await
}
