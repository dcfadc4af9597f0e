//! Strategic merge patches: merge patches that know which lists are merged, by which key, and that can delete from
//! them, replace them and order them.
//!
//! Upstream: `k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`.

mod apply;
mod conflict;
mod diff;
mod directive;
mod list;
mod merge_list;
mod order;

use serde_json::{Map, Value};

use super::PatchError;
use crate::schema::PatchSchema;

/// A JSON object, taken apart.
type Object = Map<String, Value>;
type Result<T> = std::result::Result<T, PatchError>;

/// Applies a strategic merge patch to an object (`StrategicMergePatch`).
///
/// Directives: `$patch: replace | delete`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD`.
/// A null removes a field.
pub fn strategic(original: &Value, patch: &Value, schema: &PatchSchema) -> Result<Value> {
    let options = apply::Options { merge_parallel_list: true, ignore_unmatched_nulls: true };
    apply::merge_map(object(original)?, object(patch)?, *schema, options).map(Value::Object)
}

/// The strategic merge patch that leads from one object to the other (`CreateTwoWayMergePatch`).
pub fn create_two_way(original: &Value, modified: &Value, schema: &PatchSchema) -> Result<Value> {
    let options = diff::Options { set_element_order: true, ..diff::Options::default() };
    diff::maps(&object(original)?, &object(modified)?, *schema, options).map(Value::Object)
}

/// The patch of `kubectl apply` (`CreateThreeWayMergePatch`): what `modified` sets is added to or changed in
/// `current`, what it no longer says since `original` (the last applied configuration) is removed, all else is left
/// alone. Without `overwrite` it is an error if others changed since `original` what the patch sets.
pub fn create_three_way(
    original: &Value,
    modified: &Value,
    current: &Value,
    schema: &PatchSchema,
    overwrite: bool,
) -> Result<Value> {
    let (original, modified, current) = (object(original)?, object(modified)?, object(current)?);
    let additions = diff::Options { ignore_deletions: true, set_element_order: true, ..diff::Options::default() };
    let additions = diff::maps(&current, &modified, *schema, additions)?;
    let deletions =
        diff::Options { ignore_changes_and_additions: true, set_element_order: true, ..diff::Options::default() };
    let deletions = diff::maps(&original, &modified, *schema, deletions)?;
    let patch = apply::merge_map(deletions, additions, *schema, apply::Options::default())?;
    if !overwrite {
        let changed = diff::maps(&original, &current, *schema, diff::Options::default())?;
        if conflict::maps_conflict(&patch, &changed, *schema)? {
            let (patch, current) = (Value::Object(patch).to_string(), Value::Object(changed).to_string());
            return Err(PatchError::Conflict { patch, current });
        }
    }
    Ok(Value::Object(patch))
}

/// The object; null is an empty one, as an absent document is upstream.
fn object(value: &Value) -> Result<Object> {
    match value {
        Value::Object(map) => Ok(map.clone()),
        Value::Null => Ok(Object::new()),
        _ => Err(PatchError::BadJsonDoc),
    }
}

#[cfg(test)]
mod tests;
