//! Whether a patch and the changes of others contradict each other (upstream's `MergingMapsHaveConflicts`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::directive::{MARKER, RETAIN_KEYS, hold_maps};
use super::order::{deduplicate_scalars, sort_scalars};
use super::{Object, PatchError, Result};
use crate::go;
use crate::schema::{Field, PatchSchema};

/// Whether two patches of one map do different things to the same field.
pub(super) fn maps_conflict(left: &Object, right: &Object, schema: PatchSchema) -> Result<bool> {
    values_conflict(&Value::Object(left.clone()), &Value::Object(right.clone()), schema, None)
}

fn values_conflict(left: &Value, right: &Value, schema: PatchSchema, field: Option<&Field>) -> Result<bool> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            if left.get(MARKER) != right.get(MARKER) {
                return Ok(true);
            }
            if field.is_some_and(|f| f.strategy.replace) {
                return Ok(false);
            }
            fields_conflict(left, right, schema)
        }
        (Value::Array(left), Value::Array(right)) => lists_conflict(left, right, schema, field),
        _ => Ok(left != right),
    }
}

fn fields_conflict(left: &Object, right: &Object, schema: PatchSchema) -> Result<bool> {
    for (key, value) in left.iter().filter(|(key, _)| *key != MARKER && *key != RETAIN_KEYS) {
        let Some(other) = right.get(key) else { continue };
        let field = match value {
            Value::Array(_) => Some(schema.list_field(key)?),
            Value::Object(_) => Some(schema.map_field(key)?),
            _ => None,
        };
        if values_conflict(value, other, field.map_or(schema, |f| f.schema), field)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn lists_conflict(left: &[Value], right: &[Value], schema: PatchSchema, field: Option<&Field>) -> Result<bool> {
    let of_maps = hold_maps(&[left, right])?;
    if let Some(field) = field.filter(|f| f.strategy.merge) {
        if !of_maps {
            return Ok(false);
        }
        let (left, right) = (by_key(left, field.merge_key)?, by_key(right, field.merge_key)?);
        for (key, item) in &left {
            if let Some(other) = right.get(key)
                && values_conflict(item, other, schema, None)?
            {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if left.len() != right.len() {
        return Ok(true);
    }
    let prepared = |list: &[Value]| {
        let mut list = list.to_vec();
        if !of_maps {
            list = deduplicate_scalars(list);
            sort_scalars(&mut list);
        }
        list
    };
    for (item, other) in prepared(left).iter().zip(&prepared(right)) {
        if values_conflict(item, other, schema, None)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn by_key<'v>(list: &'v [Value], merge_key: &str) -> Result<BTreeMap<String, &'v Value>> {
    let key_of = |item: &'v Value| match item.get(merge_key) {
        Some(key) => Ok((go::print(key), item)),
        None => {
            let item = go::print(item);
            Err(PatchError::Other(format!("cannot find merge key `{merge_key}` in merging list element:{item}")))
        }
    };
    list.iter().map(key_of).collect()
}
