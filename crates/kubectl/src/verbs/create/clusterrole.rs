//! `kubectl create clusterrole` (kubectl: pkg/cmd/create/create_clusterrole.go).

use super::generated;
use super::role::{Rule, distinct, rule_flags};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, Kind};
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "clusterrole",
    use_line: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a cluster role",
    long: "Create a cluster role.",
    example: "# Who has it may look at pods, in any namespace it is bound in
kubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods

# For what is no resource
kubectl create clusterrole \"foo\" --verb=get --non-resource-url=/logs/*

# The rules of other cluster roles together
kubectl create clusterrole monitoring --aggregation-rule=\"rbac.example.com/aggregate-to-monitoring=true\"",
    flags: || {
        let mut flags = generated::flags();
        flags.extend(rule_flags());
        flags.extend([
            Flag::string_slice("non-resource-url", "A partial url that user should have access to."),
            Flag::of_kind(
                Kind::StringToString,
                "aggregation-rule",
                "",
                "An aggregation label selector for combining ClusterRoles.",
            ),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

const URL_VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let rule = Rule::of(cx);
    let urls = distinct(cx.flags.strings("non-resource-url"));
    let aggregation = cx.flags.pairs("aggregation-rule");
    let mut role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": null,
    });
    if aggregation.is_empty() {
        validate(cx, &rule, &urls).await?;
        let mut rules = rule.policy_rules(cx).await;
        if !urls.is_empty() {
            rules.push(json!({"nonResourceURLs": urls, "verbs": rule.verbs}));
        }
        role["rules"] = Value::Array(rules);
    } else {
        if !urls.is_empty() || !rule.verbs.is_empty() || rule.has_resources() || !rule.names.is_empty() {
            return Err(Error::msg(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": aggregation}]});
    }
    generated::create(cx, "", role).await
}

async fn validate(cx: &Context, rule: &Rule, urls: &[String]) -> Result<()> {
    let refuse = |text: &str| Err(Error::msg(text));
    if rule.verbs.is_empty() {
        return refuse("at least one verb must be specified");
    }
    if !rule.has_resources() && urls.is_empty() {
        return refuse("one of resource or nonResourceURL must be specified");
    }
    if rule.has_resources() {
        rule.warn(cx)?;
        rule.validate(cx).await?;
    }
    if urls.is_empty() {
        return Ok(());
    }
    if let Some(verb) = rule.verbs.iter().find(|verb| !URL_VERBS.contains(&verb.as_str())) {
        return Err(Error::msg(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return refuse("nonResourceURL should start with /");
        }
        if url[..url.len() - 1].contains('*') {
            return refuse("nonResourceURL only supports wildcard matches when '*' is at the end");
        }
    }
    Ok(())
}
