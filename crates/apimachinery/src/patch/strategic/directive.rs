//! The directives of a strategic merge patch, and what is common to making and applying one.

use serde_json::Value;

use super::{Object, PatchError, Result};
use crate::go;

/// `$patch: replace | delete | merge`.
pub(super) const MARKER: &str = "$patch";
pub(super) const DELETE: &str = "delete";
pub(super) const REPLACE: &str = "replace";
pub(super) const MERGE: &str = "merge";
/// `$retainKeys: [a, b]`: all other keys are dropped.
pub(super) const RETAIN_KEYS: &str = "$retainKeys";
/// `$deleteFromPrimitiveList/FIELD: [a]`.
pub(super) const DELETE_FROM_PRIMITIVE_LIST: &str = "$deleteFromPrimitiveList";
/// `$setElementOrder/FIELD: [{name: a}, {name: b}]`.
pub(super) const SET_ELEMENT_ORDER: &str = "$setElementOrder";

/// The field that a directive of the form `PREFIX/FIELD` is about.
pub(super) fn field_of<'k>(key: &'k str, prefix: &str) -> Result<&'k str> {
    match key.split_once('/') {
        Some((before, field)) if before == prefix => Ok(field),
        _ if prefix == SET_ELEMENT_ORDER => Err(PatchError::BadSetElementOrder),
        _ => Err(PatchError::BadPrimitiveList),
    }
}

pub(super) fn no_merge_key(item: &Object, key: &str) -> PatchError {
    PatchError::NoMergeKey { map: go::print(&Value::Object(item.clone())), key: key.to_string() }
}

pub(super) fn bad_patch_type(directive: &Value, map: &Object) -> PatchError {
    PatchError::BadPatchType { directive: go::print(directive), map: go::print(&Value::Object(map.clone())) }
}

/// The map, or the error that it is none.
pub(super) fn as_map(value: &Value) -> Result<&Object> {
    value.as_object().ok_or(PatchError::BadType { expected: "map[string]interface {}", actual: go::type_name(value) })
}

/// The list, or the error that it is none.
pub(super) fn as_list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or(PatchError::BadType { expected: "[]interface {}", actual: go::type_name(value) })
}

/// The value of an item's merge key.
pub(super) fn merge_value<'v>(item: &'v Value, merge_key: &str) -> Result<&'v Value> {
    let item = as_map(item)?;
    item.get(merge_key).ok_or_else(|| no_merge_key(item, merge_key))
}

/// The value as it would be written without a directive; `None` if it consists of one.
pub(super) fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(MARKER) => None,
        Value::Object(map) => {
            Some(map.into_iter().filter_map(|(k, v)| without_directives(v).map(|v| (k, v))).collect())
        }
        Value::Array(items) => Some(items.into_iter().filter_map(without_directives).collect()),
        scalar => Some(scalar),
    }
}

/// Removes the keys of maps whose value is null, all the way down.
pub(super) fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        _ => {}
    }
}

/// Whether two values are of one Go type.
pub(super) fn same_type(a: &Value, b: &Value) -> bool {
    go::type_name(a) == go::type_name(b)
}

/// Whether the lists hold maps; an error if they hold lists, values of several types, or nothing at all.
pub(super) fn hold_maps(lists: &[&[Value]]) -> Result<bool> {
    let mut items = lists.iter().copied().flatten();
    let Some(first) = items.next() else {
        return Err(PatchError::Other("no elements in any of the given slices".to_string()));
    };
    if first.is_array() {
        return Err(PatchError::ListOfLists);
    }
    if first.is_null() || items.any(|item| !same_type(first, item)) {
        let lists: Value = lists.iter().map(|list| Value::from(list.to_vec())).collect();
        return Err(PatchError::Other(format!("list element types are not identical: {}", go::print(&lists))));
    }
    Ok(first.is_object())
}
