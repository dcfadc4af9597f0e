//! Which fields differ between two states of an object, without what Kubernetes itself keeps busy, and who wrote them.

use super::unlisted::is_noise_path;
use serde_json::Value;
use std::collections::BTreeSet;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// `.spec.type`
    pub path: String,
    /// Null where it was not there.
    pub before: Value,
    /// Null where it is no longer there.
    pub after: Value,
}

/// The fields of spec, metadata, data (all but status) in which two states of an object of this kind differ.
pub fn field_changes(kind: &str, before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk(String::new(), before, after, &mut changes);
    changes.retain(|c| !c.path.starts_with(".status") && !is_noise_path(kind, &c.path));
    changes
}

fn walk(path: String, before: &Value, after: &Value, changes: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let step = match key.contains(['.', '/']) {
                    true => format!("{path}[{key}]"),
                    false => format!("{path}.{key}"),
                };
                walk(step, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), changes);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                walk(format!("{path}[{i}]"), x, y, changes);
            }
        }
        _ => changes.push(FieldChange { path, before: before.clone(), after: after.clone() }),
    }
}

/// Who last wrote an object, as its managedFields tell: the manager with the newest time (`kubectl-patch`,
/// `kube-controller-manager`); status writers only where nobody else wrote.
pub fn writer_of(object: &Value) -> Option<&str> {
    let fields = object["metadata"]["managedFields"].as_array()?;
    let newest = |status: bool| {
        let entries = fields.iter().filter(|f| (f["subresource"] == "status") == status);
        entries.max_by_key(|f| f["time"].as_str().unwrap_or_default()).and_then(|f| f["manager"].as_str())
    };
    newest(false).or_else(|| newest(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn status_and_bookkeeping_are_not_changes() {
        let before = json!({"metadata": {"resourceVersion": "1", "managedFields": []}, "spec": {"type": "ClusterIP"}, "status": {"a": 1}});
        let after = json!({"metadata": {"resourceVersion": "2", "managedFields": [1]}, "spec": {"type": "NodePort"}, "status": {"a": 2}});
        let changes = field_changes("Service", &before, &after);
        assert_eq!(changes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), [".spec.type"]);
    }

    #[test]
    fn the_newest_writer_of_anything_but_status() {
        let o = json!({"metadata": {"managedFields": [
            {"manager": "kubectl-create", "time": "2026-01-01T00:00:00Z"},
            {"manager": "kubectl-patch", "time": "2026-01-02T00:00:00Z"},
            {"manager": "kubelet", "time": "2026-01-03T00:00:00Z", "subresource": "status"}]}});
        assert_eq!(writer_of(&o), Some("kubectl-patch"));
    }
}
