//! Reading objects: metadata accessors and paths, never a panic on a malformed one.
//!
//! Upstream: `k8s.io/apimachinery/pkg/apis/meta/v1/unstructured`, `meta/v1/controller_ref.go`.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::gvk::GroupVersionKind;

/// The value at a path of keys. List items are addressed by number: `["spec", "containers", "0", "image"]`.
pub fn get<'a>(object: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, key| step(value, key))
}

/// The value at a dotted path: `dig(&pod, "spec.containers.0.image")`. Keys that contain dots need [`get`].
pub fn dig<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|key| !key.is_empty()).try_fold(object, step)
}

fn step<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The string at a dotted path.
pub fn dig_str<'a>(object: &'a Value, path: &str) -> Option<&'a str> {
    dig(object, path)?.as_str()
}

/// The integer at a dotted path.
pub fn dig_i64(object: &Value, path: &str) -> Option<i64> {
    dig(object, path)?.as_i64()
}

/// The list at a dotted path; empty where there is none.
pub fn dig_list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    dig(object, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Sets the value at a path of keys, making the maps in between. A non-map on the way is replaced by a map.
pub fn set(object: &mut Value, path: &[&str], value: Value) {
    let mut at = object;
    for key in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(*key).or_insert(Value::Null);
    }
    *at = value;
}

/// Removes the value at a path of keys and returns it.
pub fn remove(object: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let mut at = object;
    for key in parents {
        at = at.as_object_mut()?.get_mut(*key)?;
    }
    at.as_object_mut()?.remove(*last)
}

fn metadata_str<'a>(object: &'a Value, key: &str) -> &'a str {
    get(object, &["metadata", key]).and_then(Value::as_str).unwrap_or("")
}

/// `metadata.name`, or `""`.
pub fn name(object: &Value) -> &str {
    metadata_str(object, "name")
}

/// `metadata.namespace`, or `""` for what is cluster-scoped.
pub fn namespace(object: &Value) -> &str {
    metadata_str(object, "namespace")
}

/// `metadata.uid`, or `""`.
pub fn uid(object: &Value) -> &str {
    metadata_str(object, "uid")
}

/// `metadata.resourceVersion`, or `""`.
pub fn resource_version(object: &Value) -> &str {
    metadata_str(object, "resourceVersion")
}

/// `metadata.generation`, or 0.
pub fn generation(object: &Value) -> i64 {
    get(object, &["metadata", "generation"]).and_then(Value::as_i64).unwrap_or(0)
}

/// `apiVersion`, or `""`.
pub fn api_version(object: &Value) -> &str {
    object.get("apiVersion").and_then(Value::as_str).unwrap_or("")
}

/// `kind`, or `""`.
pub fn kind(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or("")
}

/// Group, version and kind of an object, from its `apiVersion` and `kind`.
pub fn gvk(object: &Value) -> GroupVersionKind {
    GroupVersionKind::from_api_version(api_version(object), kind(object))
}

/// `metadata.labels`, if there are any.
pub fn labels(object: &Value) -> Option<&Map<String, Value>> {
    get(object, &["metadata", "labels"]).and_then(Value::as_object)
}

/// One label's value.
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    labels(object)?.get(key)?.as_str()
}

/// `metadata.annotations`, if there are any.
pub fn annotations(object: &Value) -> Option<&Map<String, Value>> {
    get(object, &["metadata", "annotations"]).and_then(Value::as_object)
}

/// One annotation's value.
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    annotations(object)?.get(key)?.as_str()
}

/// `metadata.ownerReferences`; empty where there are none.
pub fn owner_references(object: &Value) -> &[Value] {
    dig_list(object, "metadata.ownerReferences")
}

/// The owner reference whose `controller` is true (`metav1.GetControllerOf`).
pub fn controller_of(object: &Value) -> Option<&Value> {
    owner_references(object).iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)))
}

/// `metadata.finalizers` as strings.
pub fn finalizers(object: &Value) -> Vec<&str> {
    dig_list(object, "metadata.finalizers").iter().filter_map(Value::as_str).collect()
}

/// When the object was created, if it says so.
pub fn creation_timestamp(object: &Value) -> Option<Timestamp> {
    timestamp(object, "creationTimestamp")
}

/// When the object is (or was) to be gone, if it is being deleted.
pub fn deletion_timestamp(object: &Value) -> Option<Timestamp> {
    timestamp(object, "deletionTimestamp")
}

fn timestamp(object: &Value, key: &str) -> Option<Timestamp> {
    get(object, &["metadata", key])?.as_str()?.parse().ok()
}

/// A time as the API writes `metav1.Time`: RFC 3339 in UTC, whole seconds.
pub fn format_time(t: Timestamp) -> String {
    t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time as the API writes `metav1.MicroTime`: RFC 3339 in UTC, six digits of a second.
pub fn format_micro_time(t: Timestamp) -> String {
    t.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_reach_into_maps_and_lists() {
        let pod = json!({"spec": {"containers": [{"image": "nginx"}]}, "metadata": {"labels": {"a.b/c": "d"}}});
        assert_eq!(dig_str(&pod, "spec.containers.0.image"), Some("nginx"));
        assert_eq!(dig(&pod, ".spec.containers.1"), None);
        assert_eq!(label(&pod, "a.b/c"), Some("d"));
        assert_eq!(name(&pod), "");
    }

    #[test]
    fn set_makes_the_maps_on_the_way_and_remove_leaves_them() {
        let mut object = json!({});
        set(&mut object, &["metadata", "labels", "app"], json!("demo"));
        assert_eq!(object, json!({"metadata": {"labels": {"app": "demo"}}}));
        assert_eq!(remove(&mut object, &["metadata", "labels", "app"]), Some(json!("demo")));
        assert_eq!(object, json!({"metadata": {"labels": {}}}));
        assert_eq!(remove(&mut object, &["no", "such"]), None);
    }

    #[test]
    fn the_controller_is_the_owner_that_says_so() {
        let pod = json!({"metadata": {"ownerReferences": [{"name": "a"}, {"name": "b", "controller": true}]}});
        assert_eq!(controller_of(&pod), Some(&json!({"name": "b", "controller": true})));
    }

    #[test]
    fn times_are_written_as_the_api_writes_them() {
        let t: Timestamp = "2026-01-02T03:04:05.678901234Z".parse().expect("is RFC 3339");
        assert_eq!(format_time(t), "2026-01-02T03:04:05Z");
        assert_eq!(format_micro_time(t), "2026-01-02T03:04:05.678901Z");
        assert_eq!(creation_timestamp(&json!({"metadata": {"creationTimestamp": null}})), None);
    }
}
