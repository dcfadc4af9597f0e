//! Reading and writing fields of objects that are JSON values, in the words of `metav1.Object`.
//!
//! A path names fields with dots between them (`spec.replicas`); fields whose names hold dots are read by key.

pub use apimachinery::meta::{annotation, name, namespace, uid};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The field at `path`; null when it is not there.
pub fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(object, |value, field| &value[field])
}

/// The text at `path`; empty when there is none.
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    at(object, path).as_str().unwrap_or_default()
}

/// The whole number at `path`.
pub fn int(object: &Value, path: &str) -> Option<i64> {
    at(object, path).as_i64()
}

/// The whole number at `path`; 0 when there is none.
pub fn count(object: &Value, path: &str) -> i64 {
    int(object, path).unwrap_or(0)
}

/// Whether the field at `path` is true.
pub fn flag(object: &Value, path: &str) -> bool {
    at(object, path).as_bool().unwrap_or(false)
}

/// The items of the list at `path`; none when it is not there.
pub fn items<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    at(object, path).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Sets the field at `path`, making the maps on the way.
pub fn set(object: &mut Value, path: &str, value: Value) {
    let mut place = object;
    for field in path.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[field];
    }
    *place = value;
}

/// Removes the field at `path`.
pub fn remove(object: &mut Value, path: &str) {
    let (parent, field) = path.rsplit_once('.').map_or((None, path), |(parent, field)| (Some(parent), field));
    let place = match parent {
        None => Some(object),
        Some(parent) => parent.split('.').try_fold(object, |value, field| value.get_mut(field)),
    };
    if let Some(fields) = place.and_then(Value::as_object_mut) {
        fields.remove(field);
    }
}

/// Whether the object is being deleted.
pub fn deleting(object: &Value) -> bool {
    at(object, "metadata.deletionTimestamp").is_string()
}

/// The labels, as the API has them: a map, or null.
pub fn labels(object: &Value) -> &Value {
    at(object, "metadata.labels")
}

/// The map at `path`, made if it is not there.
pub fn map_mut<'a>(object: &'a mut Value, path: &str) -> &'a mut Map<String, Value> {
    let mut place = object;
    for field in path.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[field];
    }
    if !place.is_object() {
        *place = json!({});
    }
    place.as_object_mut().expect("it is an object: the lines above made it one")
}

/// The time at `path`, as `metav1.Time` prints it.
pub fn time(object: &Value, path: &str) -> Option<Timestamp> {
    at(object, path).as_str()?.parse().ok()
}

/// When the object was created; the beginning of time when that is unknown.
pub fn created(object: &Value) -> Timestamp {
    time(object, "metadata.creationTimestamp").unwrap_or(Timestamp::MIN)
}

/// The condition of a type in `status.conditions`.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    items(object, "status.conditions").iter().find(|condition| condition["type"] == kind)
}

/// Whether the condition of a type is `"True"`.
pub fn condition_is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Drops what Go leaves out of its JSON (`omitempty`): null, zero, `""`, false, empty lists and maps, at the top level.
pub fn without_zeros(mut value: Value, keep: &[&str]) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, value| keep.contains(&field.as_str()) || !is_zero(value));
    }
    value
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(value) => value.is_empty(),
        Value::Array(value) => value.is_empty(),
        Value::Object(value) => value.is_empty(),
    }
}

/// `equality.Semantic.DeepEqual` on JSON: a field that is null or an empty list is the same as one that is not there.
pub fn semantically_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let present = |value: Option<&Value>| value.is_some_and(|value| !is_absent(value));
            a.iter().all(|(key, value)| {
                is_absent(value) && !present(b.get(key))
                    || semantically_equal(value, b.get(key).unwrap_or(&Value::Null))
            }) && b.iter().all(|(key, value)| is_absent(value) || present(a.get(key)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| semantically_equal(a, b))
        }
        (a, b) => a == b || is_absent(a) && is_absent(b),
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_set_and_removed_by_path() {
        let mut object = json!({"metadata": {"name": "web"}});
        assert_eq!(name(&object), "web");
        assert_eq!(int(&object, "spec.replicas"), None);
        set(&mut object, "spec.replicas", json!(3));
        assert_eq!(count(&object, "spec.replicas"), 3);
        remove(&mut object, "spec.replicas");
        assert_eq!(object, json!({"metadata": {"name": "web"}, "spec": {}}));
    }

    #[test]
    fn absent_null_and_empty_lists_are_the_same() {
        let (one, other) = (json!({"a": 1, "b": null, "c": []}), json!({"a": 1}));
        assert!(semantically_equal(&one, &other) && semantically_equal(&other, &one));
        assert!(!semantically_equal(&one, &json!({"a": 1, "b": 0})));
        assert!(!semantically_equal(&json!({"emptyDir": {}}), &json!({})));
    }
}
