//! Small hands for JSON objects, shared by the strategies.

use serde_json::{Value, json};

/// Sets a field that is not there.
pub(super) fn default(object: &mut Value, field: &str, value: impl Into<Value>) {
    if object[field].is_null() {
        object[field] = value.into();
    }
}

/// Takes a field away.
pub(super) fn remove(object: &mut Value, field: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.remove(field);
    }
}

/// The items of a list field, none when it is not there.
pub(super) fn items_mut<'a>(object: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> {
    object.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The items of a list field, none when it is not there.
pub(super) fn items<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object[field].as_array().into_iter().flatten()
}

/// Adds an item to a list field.
pub(super) fn push(object: &mut Value, field: &str, item: Value) {
    default(object, field, json!([]));
    if let Some(items) = object[field].as_array_mut() {
        items.push(item);
    }
}

/// A text, empty when it is not there.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
