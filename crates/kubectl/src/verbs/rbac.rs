//! Rules of RBAC taken apart, compared and put together (component-helpers: auth/rbac/validation/policy_comparator.go;
//! kubectl: pkg/util/rbac/rbac.go).

use serde_json::{Map, Value, json};

/// A `PolicyRule`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rule {
    pub(super) verbs: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) urls: Vec<String>,
}

impl Rule {
    /// From JSON.
    pub(super) fn of(rule: &Value) -> Rule {
        let list = |field: &str| {
            rule[field].as_array().into_iter().flatten().filter_map(|item| item.as_str().map(String::from)).collect()
        };
        Rule {
            verbs: list("verbs"),
            groups: list("apiGroups"),
            resources: list("resources"),
            names: list("resourceNames"),
            urls: list("nonResourceURLs"),
        }
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("verbs".into(), json!(self.verbs));
        for (field, list) in [
            ("apiGroups", &self.groups),
            ("resources", &self.resources),
            ("resourceNames", &self.names),
            ("nonResourceURLs", &self.urls),
        ] {
            if !list.is_empty() {
                map.insert(field.into(), json!(list));
            }
        }
        Value::Object(map)
    }

    /// Go's `%+v`.
    pub(super) fn go(&self) -> String {
        let Rule { verbs, groups, resources, names, urls } = self;
        let list = |list: &[String]| format!("[{}]", list.join(" "));
        let (verbs, groups, resources) = (list(verbs), list(groups), list(resources));
        let (names, urls) = (list(names), list(urls));
        format!(
            "{{Verbs:{verbs} APIGroups:{groups} Resources:{resources} ResourceNames:{names} NonResourceURLs:{urls}}}"
        )
    }

    /// Rules of one verb, one resource and one name each, that say the same together (`BreakdownRule`).
    pub(super) fn break_down(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for group in &self.groups {
            for resource in &self.resources {
                for verb in &self.verbs {
                    let rule = Rule {
                        verbs: vec![verb.clone()],
                        groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        ..Rule::default()
                    };
                    if self.names.is_empty() {
                        rules.push(rule.clone());
                    }
                    rules.extend(self.names.iter().map(|name| Rule { names: vec![name.clone()], ..rule.clone() }));
                }
            }
        }
        for url in &self.urls {
            for verb in &self.verbs {
                rules.push(Rule { verbs: vec![verb.clone()], urls: vec![url.clone()], ..Rule::default() });
            }
        }
        rules
    }

    /// All that a broken-down rule allows, this one allows too (`ruleCovers`).
    fn covers(&self, other: &Rule) -> bool {
        let has = |set: &[String], item: &str| set.iter().any(|own| own == item);
        let all = |set: &[String], items: &[String]| has(set, "*") || items.iter().all(|item| has(set, item));
        let resource = |path: &String| {
            let subresource = path.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
            has(&self.resources, path) || subresource.is_some_and(|path| has(&self.resources, &path))
        };
        let url = |path: &String| {
            let within = |own: &String| own.ends_with('*') && path.starts_with(own.trim_end_matches('*'));
            self.urls.iter().any(|own| own == path || within(own))
        };
        let names = |names: &[String]| !names.is_empty() && names.iter().all(|name| has(&self.names, name));
        all(&self.verbs, &other.verbs)
            && all(&self.groups, &other.groups)
            && (has(&self.resources, "*") || other.resources.iter().all(resource))
            && (self.names.is_empty() || names(&other.names))
            && other.urls.iter().all(url)
    }
}

/// What the servants' rules allow and the owner's do not (`Covers`).
pub(super) fn uncovered(owner: &[Rule], servant: &[Rule]) -> Vec<Rule> {
    let rules = servant.iter().flat_map(Rule::break_down);
    rules.filter(|rule| !owner.iter().any(|own| own.covers(rule))).collect()
}

/// Rules about the same resource become one (`CompactRules`), sorted as their Go texts are.
pub(super) fn compact(rules: Vec<Rule>) -> Vec<Rule> {
    let mut out: Vec<Rule> = Vec::new();
    for rule in rules {
        let simple = rule.names.len() <= 1 && rule.urls.is_empty();
        let same = |other: &&mut Rule| {
            simple && other.groups == rule.groups && other.resources == rule.resources && other.names == rule.names
        };
        match out.iter_mut().filter(|other| other.urls.is_empty()).find(same) {
            Some(other) => {
                for verb in rule.verbs {
                    if !other.verbs.contains(&verb) {
                        other.verbs.push(verb);
                    }
                }
            }
            None => out.push(rule),
        }
    }
    out.sort_by_key(|rule| {
        let list = |list: &[String]| format!("[{}]", list.join(" "));
        let Rule { verbs, groups, resources, names, urls } = rule;
        let (verbs, groups, resources) = (list(verbs), list(groups), list(resources));
        format!("{verbs},APIGroups:{groups},Resources:{resources},ResourceNames:{},{}", list(names), list(urls))
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(verbs: &str, resources: &str) -> Rule {
        let list = |text: &str| text.split(' ').map(String::from).collect();
        Rule { verbs: list(verbs), groups: vec![String::new()], resources: list(resources), ..Rule::default() }
    }

    #[test]
    fn stars_cover() {
        assert!(uncovered(&[rule("*", "*")], &[rule("get list", "pods pods/log")]).is_empty());
        assert!(uncovered(&[rule("get", "*/scale")], &[rule("get", "pods/scale")]).is_empty());
        let missing = uncovered(&[rule("get", "pods")], &[rule("get list", "pods")]);
        assert_eq!(missing, [rule("list", "pods")]);
    }

    #[test]
    fn verbs_come_together() {
        let rules = rule("get list", "pods services").break_down();
        assert_eq!(compact(rules), [rule("get list", "pods"), rule("get list", "services")]);
    }
}
