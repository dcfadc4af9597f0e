//! Who may do what, as the RBAC authorizer decides it from Roles and bindings.
//! Upstream: plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go.

use super::access::over_time;
use super::world::{Answer, Entity, World};
use super::{Judged, list};
use crate::assertion::Section;
use crate::assertion::claim::{Aspect, Np};
use serde_json::Value;
use std::collections::BTreeSet;

/// What somebody is said to be allowed.
pub struct Asked<'a> {
    pub verbs: &'a [String],
    pub kind: &'a str,
    pub namespace: Option<&'a str>,
}

/// Judges "the service account may list Pods".
pub fn judge(world: &World, np: &Np, asked: &Asked, negated: bool, aspect: Aspect, section: Section) -> Judged {
    let kind = np.kind.as_deref().unwrap_or_default();
    if kind != "ServiceAccount" {
        return Err(format!("a {kind} does nothing by itself"));
    }
    // RBAC has nothing to say where everyone may do everything.
    if world.entities("ClusterRole", 0).is_empty() && world.entities("ClusterRole", world.last()).is_empty() {
        return Err("this cluster has no ClusterRoles: who may do what is not decided by RBAC".into());
    }
    let at = |i: usize| -> Answer {
        let accounts = accounts(world, np, i)?;
        if accounts.is_empty() {
            return Ok(negated);
        }
        let namespace = asked.namespace.filter(|ns| *ns != "default").unwrap_or(&world.ctx.namespace);
        let allowed = |e: &Entity, verb: &String| is_allowed(world, e, verb, &resource(asked.kind), namespace, i);
        let answers: BTreeSet<bool> = accounts.iter().flat_map(|e| asked.verbs.iter().map(|v| allowed(e, v))).collect();
        match answers.len() {
            1 => Ok(answers.contains(&true)),
            _ if negated => Err("some of it is allowed and some is not".into()),
            _ => Ok(false),
        }
    };
    over_time(world, negated, aspect, section, &at, &|i| {
        let who = accounts(world, np, i).unwrap_or_default();
        let may = at(i).unwrap_or_default();
        format!(
            "{} {} {} {}",
            list(&who),
            if may { "may" } else { "may not" },
            asked.verbs.join(", "),
            resource(asked.kind)
        )
    })
}

fn accounts(world: &World, np: &Np, i: usize) -> Answer<Vec<Entity>> {
    let mut found = world.select_kind(np, "ServiceAccount", i)?;
    if np.names.is_empty() {
        found.retain(|e| e.key.name != "default");
    }
    Ok(found)
}

/// The resource of a kind: `pods`, `networkpolicies`.
fn resource(kind: &str) -> String {
    let low = kind.to_lowercase();
    match low.as_str() {
        "endpoints" => low,
        k if k.ends_with('y') => format!("{}ies", &k[..k.len() - 1]),
        k if k.ends_with('s') => format!("{k}es"),
        k => format!("{k}s"),
    }
}

fn is_allowed(world: &World, account: &Entity, verb: &str, resource: &str, namespace: &str, i: usize) -> bool {
    let rules = |role: &Value, namespace: Option<&str>| -> Vec<Value> {
        let kind = role["kind"].as_str().unwrap_or_default();
        let roles = world.entities(kind, i);
        let found = roles.iter().find(|r| {
            role["name"] == r.key.name.as_str() && (kind == "ClusterRole" || r.key.namespace.as_deref() == namespace)
        });
        found.and_then(|r| r.object["rules"].as_array().cloned()).unwrap_or_default()
    };
    let in_namespace = world.entities("RoleBinding", i);
    let in_namespace = in_namespace.iter().filter(|b| b.key.namespace.as_deref() == Some(namespace));
    let everywhere = world.entities("ClusterRoleBinding", i);
    let bindings: Vec<&Entity> = in_namespace.chain(everywhere.iter()).collect();
    bindings.into_iter().filter(|b| binds(b, account)).any(|b| {
        rules(&b.object["roleRef"], b.key.namespace.as_deref()).iter().any(|rule| grants(rule, verb, resource))
    })
}

fn binds(binding: &Entity, account: &Entity) -> bool {
    let namespace = account.key.namespace.as_deref().unwrap_or_default();
    let is = |subject: &Value| match subject["kind"].as_str() {
        Some("ServiceAccount") => {
            let there = subject["namespace"].as_str().or(binding.key.namespace.as_deref());
            subject["name"] == account.key.name.as_str() && there == Some(namespace)
        }
        Some("User") => subject["name"] == format!("system:serviceaccount:{namespace}:{}", account.key.name).as_str(),
        Some("Group") => {
            let groups = [
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated".to_owned(),
            ];
            groups.iter().any(|g| subject["name"] == g.as_str())
        }
        _ => false,
    };
    binding.object["subjects"].as_array().into_iter().flatten().any(is)
}

fn grants(rule: &Value, verb: &str, resource: &str) -> bool {
    let has = |list: &str, wanted: &str| rule[list].as_array().into_iter().flatten().any(|v| v == wanted || v == "*");
    // A rule for objects of certain names does not allow the kind as a whole.
    let named = rule["resourceNames"].as_array().is_some_and(|n| !n.is_empty());
    !named && has("verbs", verb) && has("resources", resource)
}

/// Does a Role grant these verbs on this kind, and nothing else?
pub fn grants_exactly(e: &Entity, verbs: &[String], kind: &str) -> Answer {
    if !matches!(e.key.kind.as_str(), "Role" | "ClusterRole") {
        return Err(format!("a {} grants nothing", e.key.kind));
    }
    let rules = e.object["rules"].as_array().cloned().unwrap_or_default();
    let list = |rule: &Value, key: &str| -> BTreeSet<String> {
        rule[key].as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let wanted: BTreeSet<String> = verbs.iter().cloned().collect();
    let resource = resource(kind);
    match rules.as_slice() {
        [rule] => {
            let only = list(rule, "resources") == BTreeSet::from([resource.clone()]);
            let granted = list(rule, "verbs");
            match (only, granted == wanted, granted.is_superset(&wanted)) {
                (true, true, _) => Ok(true),
                (_, false, true) => Err(format!("{} grants more than that", e.name())),
                _ => Ok(false),
            }
        }
        rules if wanted.iter().all(|v| rules.iter().any(|r| grants(r, v, &resource))) => {
            Err(format!("{} grants more than that", e.name()))
        }
        _ => Ok(false),
    }
}
