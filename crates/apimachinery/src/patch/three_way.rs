//! The three-way merge of `kubectl apply` for kinds without strategic metadata.
//!
//! Upstream: `k8s.io/apimachinery/pkg/util/jsonmergepatch/patch.go`.

use serde_json::{Map, Value};

use super::{PatchError, create_merge};

/// The merge patch that brings `current` to what `modified` says: what it sets is added or changed, what it no longer
/// says since `original` (the last applied configuration) is removed, and all else is left alone.
pub fn three_way_merge_json(original: &Value, modified: &Value, current: &Value) -> Result<Value, PatchError> {
    let empty = Value::Object(Map::new());
    let or_empty = |v: &'_ Value| if v.is_null() { empty.clone() } else { v.clone() };
    let (original, modified, current) = (or_empty(original), or_empty(modified), or_empty(current));
    if !(original.is_object() && modified.is_object() && current.is_object()) {
        return Err(PatchError::BadJsonDoc);
    }
    let additions = filter_nulls(&create_merge(&current, &modified), false);
    let deletions = filter_nulls(&create_merge(&original, &modified), true);
    if have_conflicts(&additions, &deletions) {
        return Err(PatchError::Conflict { patch: additions.to_string(), current: deletions.to_string() });
    }
    Ok(merge_patches(deletions, &additions))
}

/// Keeps of a patch either the removals alone or all but them.
fn filter_nulls(patch: &Value, keep_null: bool) -> Value {
    let Value::Object(map) = patch else {
        return patch.clone();
    };
    let mut kept = Map::new();
    for (key, value) in map {
        let of_interest = match value {
            Value::Object(inner) if !inner.is_empty() => {
                let filtered = filter_nulls(value, keep_null);
                if filtered.as_object().is_some_and(|m| !m.is_empty()) {
                    kept.insert(key.clone(), filtered);
                }
                continue;
            }
            other => other.is_null() == keep_null,
        };
        if of_interest {
            kept.insert(key.clone(), value.clone());
        }
    }
    Value::Object(kept)
}

/// Whether two patches set the same thing differently (`mergepatch.HasConflicts`).
fn have_conflicts(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            left.iter().any(|(key, value)| right.get(key).is_some_and(|other| have_conflicts(value, other)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() != right.len() || left.iter().zip(right).any(|(l, r)| have_conflicts(l, r))
        }
        _ => left != right,
    }
}

/// One patch that does what both do. The removals stay; `merge` would carry them out.
fn merge_patches(mut first: Value, second: &Value) -> Value {
    match (&mut first, second) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                let merged = match target.remove(key) {
                    Some(before @ Value::Object(_)) if value.is_object() => merge_patches(before, value),
                    _ => value.clone(),
                };
                target.insert(key.clone(), merged);
            }
            first
        }
        _ => second.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::merge;
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_what_is_said_removes_what_is_no_longer_said_leaves_the_rest() {
        let original = json!({"spec": {"replicas": 1, "old": "x"}});
        let modified = json!({"spec": {"replicas": 3}, "new": [1]});
        let current = json!({"spec": {"replicas": 1, "old": "x", "theirs": true}, "status": {}});
        let patch = three_way_merge_json(&original, &modified, &current).expect("no conflict");
        assert_eq!(patch, json!({"spec": {"replicas": 3, "old": null}, "new": [1]}));
        let mut patched = current;
        merge(&mut patched, &patch);
        assert_eq!(patched, json!({"spec": {"replicas": 3, "theirs": true}, "status": {}, "new": [1]}));
        assert_eq!(three_way_merge_json(&modified, &modified, &patched), Ok(json!({})));
    }

    #[test]
    fn the_first_apply_removes_nothing() {
        let patch = three_way_merge_json(&Value::Null, &json!({"a": 1}), &json!({"a": 1, "b": 2}));
        assert_eq!(patch, Ok(json!({})));
    }
}
