//! Managed fields handed from client-side to server-side apply (client-go: util/csaupgrade/upgrade.go).

use crate::verbs::last_applied::LAST_APPLIED;
use serde_json::{Map, Value, json};

/// The managers of that operation (`Apply`, `Update`) that own the last-applied annotation, each once, sorted.
pub(super) fn owning_annotation(object: &Value, operation: &str) -> Vec<String> {
    let entries = object["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let field = format!("f:{LAST_APPLIED}");
    let owns = |entry: &&Value| {
        entry["operation"] == operation && !entry["fieldsV1"]["f:metadata"]["f:annotations"][&field].is_null()
    };
    let mut names: Vec<String> =
        entries.iter().filter(owns).map(|entry| entry["manager"].as_str().unwrap_or_default().to_string()).collect();
    names.sort();
    names.dedup();
    names
}

fn is(entry: &Value, manager: &str, operation: &str) -> bool {
    entry["manager"] == manager && entry["operation"] == operation && entry["subresource"].is_null()
}

/// The entries with all fields of these managers' updates in one entry, `ours`, of server-side apply.
pub(super) fn upgraded(entries: &[Value], theirs: &[String], ours: &str) -> Vec<Value> {
    let mut entries = entries.to_vec();
    for manager in theirs {
        let update = |entry: &Value| is(entry, manager, "Update");
        let existing = entries.iter().position(|entry| is(entry, ours, "Apply"));
        let Some(target) = existing.or_else(|| entries.iter().position(update)) else { continue };
        if existing.is_none() {
            entries[target]["operation"] = json!("Apply");
            entries[target]["manager"] = json!(ours);
        }
        let same_version = |entry: &&Value| update(entry) && entry["apiVersion"] == entries[target]["apiVersion"];
        if let Some(fields) = entries.iter().find(same_version).map(|entry| entry["fieldsV1"].clone()) {
            union(&mut entries[target]["fieldsV1"], fields);
        }
        entries.retain(|entry| !update(entry));
    }
    entries
}

/// Adds the fields of one set to another; sets are nested maps.
fn union(into: &mut Value, from: Value) {
    let Value::Object(from) = from else { return };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    for (key, value) in from {
        match into.get_mut(&key) {
            Some(present) => union(present, value),
            None => into[key] = value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_becomes_an_apply() {
        let update = json!({"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}});
        let names = ["kubectl-client-side-apply".to_string()];
        let alone = upgraded(std::slice::from_ref(&update), &names, "kubectl");
        assert_eq!(alone[0]["operation"], "Apply");
        assert_eq!(alone[0]["manager"], "kubectl");
        let apply = json!({"manager": "kubectl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:b": {}}}});
        let both = upgraded(&[apply, update], &names, "kubectl");
        assert_eq!(both.len(), 1);
        assert_eq!(both[0]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
    }
}
