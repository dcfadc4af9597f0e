//! Reading a place in an object by a dotted path: `spec.template.spec.containers[*].image`,
//! `metadata.annotations[deployment.kubernetes.io/revision]`, `status.conditions[type=Ready].status`.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
    Each,
    Where(&'a str, &'a str),
}

/// The text at a plain dotted path without brackets (`metadata.uid`).
pub fn text<'v>(object: &'v Value, path: &str) -> Option<&'v str> {
    one(object, path)?.as_str()
}

/// The value at a plain dotted path without brackets; null counts as absent.
pub fn one<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    let mut at = object;
    for field in path.split('.') {
        at = at.get(field)?;
    }
    (!at.is_null()).then_some(at)
}

/// All values that a path with brackets leads to, in order. `[*]` is each element of a list, `[n]` one of them,
/// `[key=value]` those elements whose `key` is `value`, and `[name]` a field whose name has dots in it.
pub fn all<'v>(object: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut at = vec![object];
    for step in steps(path) {
        at = at.into_iter().flat_map(|v| follow(v, &step)).filter(|v| !v.is_null()).collect();
    }
    at
}

fn follow<'v>(value: &'v Value, step: &Step<'_>) -> Vec<&'v Value> {
    match step {
        Step::Field(name) => value.get(name).into_iter().collect(),
        Step::Index(i) => value.get(i).into_iter().collect(),
        Step::Each => match value {
            Value::Array(list) => list.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => vec![],
        },
        Step::Where(key, wanted) => value
            .as_array()
            .into_iter()
            .flatten()
            .filter(|e| e.get(key).is_some_and(|v| v.as_str() == Some(wanted)))
            .collect(),
    }
}

fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = path.trim_start_matches('.');
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (inside, after) = inner.split_once(']').unwrap_or((inner, ""));
            let inside = inside.trim_matches(['"', '\'']);
            steps.push(match (inside, inside.parse(), inside.split_once('=')) {
                ("*", ..) => Step::Each,
                (_, Ok(index), _) => Step::Index(index),
                (.., Some((key, value))) => Step::Where(key, value),
                _ => Step::Field(inside),
            });
            rest = after.trim_start_matches('.');
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Step::Field(&rest[..end]));
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_index_field_with_dots_and_condition() {
        let o = json!({"metadata": {"annotations": {"a.b/c": "1"}},
            "spec": {"containers": [{"image": "x"}, {"image": "y"}]},
            "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]}});
        assert_eq!(all(&o, "spec.containers[*].image"), [&json!("x"), &json!("y")]);
        assert_eq!(all(&o, ".spec.containers[1].image"), [&json!("y")]);
        assert_eq!(all(&o, "metadata.annotations[a.b/c]"), [&json!("1")]);
        assert_eq!(all(&o, "status.conditions[type=Ready].status"), [&json!("True")]);
        assert!(all(&o, "spec.nothing[*].here").is_empty());
        assert_eq!(text(&o, "metadata.uid"), None);
    }
}
