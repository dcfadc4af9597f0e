//! Roles and ClusterRoles (kubectl: pkg/describe/describe.go `RoleDescriber`, pkg/util/rbac).

use super::writer::{Writer, bracketed, list, str_of};
use apimachinery::meta;
use serde_json::{Value, json};

pub(super) fn describe(w: &mut Writer, role: &Value) {
    w.line(0, format_args!("Name:\t{}", meta::name(role)));
    w.labels_and_annotations(role);
    w.line(0, format_args!("PolicyRule:"));
    w.line(1, format_args!("Resources\tNon-Resource URLs\tResource Names\tVerbs"));
    w.line(1, format_args!("---------\t-----------------\t--------------\t-----"));
    for rule in compact(broken_down(list(&role["rules"]))) {
        let [urls, names, verbs] = ["nonResourceURLs", "resourceNames", "verbs"].map(|field| bracketed(&rule[field]));
        w.line(1, format_args!("{}\t{urls}\t{names}\t{verbs}", resource(&rule)));
    }
}

/// `pods/log`, `deployments.apps/scale` of a rule's first resource and group.
fn resource(rule: &Value) -> String {
    let (resource, group) = (str_of(&rule["resources"][0]), str_of(&rule["apiGroups"][0]));
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource, format!("/{subresource}")),
        None => (resource, String::new()),
    };
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    format!("{resource}{group}{subresource}")
}

/// Rules of one verb for one resource, one name, or one URL (`BreakdownRule`).
fn broken_down(rules: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for rule in rules {
        let names = list(&rule["resourceNames"]);
        for group in list(&rule["apiGroups"]) {
            for resource in list(&rule["resources"]) {
                for verb in list(&rule["verbs"]) {
                    let one = json!({"apiGroups": [group], "resources": [resource], "verbs": [verb]});
                    if names.is_empty() {
                        out.push(one);
                        continue;
                    }
                    for name in names {
                        let mut one = one.clone();
                        one["resourceNames"] = json!([name]);
                        out.push(one);
                    }
                }
            }
        }
        for url in list(&rule["nonResourceURLs"]) {
            for verb in list(&rule["verbs"]) {
                out.push(json!({"nonResourceURLs": [url], "verbs": [verb]}));
            }
        }
    }
    out
}

/// The verbs of one resource and name together, sorted as Go prints rules (`CompactRules`, `SortableRuleSlice`).
fn compact(rules: Vec<Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for rule in rules {
        let of_urls = rule["nonResourceURLs"].is_array();
        let same = |other: &&mut Value| {
            ["apiGroups", "resources", "resourceNames", "nonResourceURLs"].iter().all(|f| other[*f] == rule[*f])
        };
        match out.iter_mut().find(same) {
            Some(other) if !of_urls => {
                if let Some(verbs) = other["verbs"].as_array_mut()
                    && !verbs.contains(&rule["verbs"][0])
                {
                    verbs.push(rule["verbs"][0].clone());
                }
            }
            _ => out.push(rule),
        }
    }
    out.sort_by_cached_key(|rule| {
        let field = |(title, name): (&str, &str)| format!("{title}:{},", bracketed(&rule[name]));
        [
            ("Verbs", "verbs"),
            ("APIGroups", "apiGroups"),
            ("Resources", "resources"),
            ("ResourceNames", "resourceNames"),
            ("NonResourceURLs", "nonResourceURLs"),
        ]
        .map(field)
        .concat()
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_taken_apart_and_put_together_by_resource() {
        let rules = [
            json!({"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}),
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}),
            json!({"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["a"], "verbs": ["get"]}),
            json!({"nonResourceURLs": ["/healthz"], "verbs": ["get", "post"]}),
        ];
        let shown: Vec<String> = compact(broken_down(&rules))
            .iter()
            .map(|rule| format!("{} {}", resource(rule), bracketed(&rule["verbs"])))
            .collect();
        assert_eq!(
            shown,
            ["pods [get list watch]", "pods/log [get list]", " [get]", "deployments.apps/scale [get]", " [post]"]
        );
    }
}
