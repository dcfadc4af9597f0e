//! Making a strategic merge patch: what differs between two maps (upstream's `diffMaps`).

use serde_json::Value;

use super::directive::{DELETE_FROM_PRIMITIVE_LIST, MARKER, RETAIN_KEYS, SET_ELEMENT_ORDER, same_type};
use super::{Object, PatchError, Result, list, order};
use crate::schema::PatchSchema;

/// What of a difference goes into the patch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Say in which order lists are to be.
    pub set_element_order: bool,
    /// Only say what is removed.
    pub ignore_changes_and_additions: bool,
    /// Do not say what is removed.
    pub ignore_deletions: bool,
    /// Say which keys the map is to keep.
    pub build_retain_keys: bool,
}

/// The patch that leads from one map to the other.
pub(super) fn maps(original: &Object, modified: &Object, schema: PatchSchema, options: Options) -> Result<Object> {
    let mut patch = Object::new();
    for (key, after) in modified {
        let Some(before) = original.get(key) else {
            if !options.ignore_changes_and_additions {
                patch.insert(key.clone(), after.clone());
            }
            continue;
        };
        if key == MARKER {
            marker(before, after, &mut patch)?;
            continue;
        }
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => map(key, before, after, &mut patch, schema, options)?,
            (Value::Array(before), Value::Array(after)) => slice(key, before, after, &mut patch, schema, options)?,
            _ => {
                let differ = before != after || !same_type(before, after);
                if differ && !options.ignore_changes_and_additions {
                    patch.insert(key.clone(), after.clone());
                }
            }
        }
    }
    if !options.ignore_deletions {
        for key in original.keys().filter(|key| !modified.contains_key(*key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    if options.build_retain_keys {
        let keys = modified.iter().filter(|(_, v)| !v.is_null()).map(|(k, _)| Value::from(k.as_str()));
        let mut keys: Vec<Value> = keys.collect();
        let dropped = original.iter().any(|(k, v)| !v.is_null() && !modified.contains_key(k));
        if !keys.is_empty() && (!patch.is_empty() || dropped) {
            order::sort_scalars(&mut keys);
            patch.insert(RETAIN_KEYS.to_string(), Value::Array(keys));
        }
    }
    Ok(patch)
}

fn marker(before: &Value, after: &Value, patch: &mut Object) -> Result<()> {
    if !(before.is_string() && after.is_string()) {
        return Err(PatchError::Other(format!("invalid value for special key: {MARKER}")));
    }
    if before != after {
        patch.insert(MARKER.to_string(), after.clone());
    }
    Ok(())
}

fn map(
    key: &str,
    before: &Object,
    after: &Object,
    patch: &mut Object,
    schema: PatchSchema,
    options: Options,
) -> Result<()> {
    let field = match schema.map_field(key) {
        Ok(field) => field,
        // What the schema does not know can be left alone.
        Err(_) if before == after => return Ok(()),
        Err(error) => return Err(error),
    };
    if field.strategy.replace {
        if !options.ignore_changes_and_additions {
            patch.insert(key.to_string(), Value::Object(after.clone()));
        }
        return Ok(());
    }
    let options = Options { build_retain_keys: field.strategy.retain_keys, ..options };
    let inner = maps(before, after, field.schema, options)?;
    if !inner.is_empty() {
        patch.insert(key.to_string(), Value::Object(inner));
    }
    Ok(())
}

fn slice(
    key: &str,
    before: &[Value],
    after: &[Value],
    patch: &mut Object,
    schema: PatchSchema,
    options: Options,
) -> Result<()> {
    let field = match schema.list_field(key) {
        Ok(field) => field,
        Err(_) if before == after => return Ok(()),
        Err(error) => return Err(error),
    };
    if !field.strategy.merge {
        if before != after && !options.ignore_changes_and_additions {
            patch.insert(key.to_string(), after.into());
        }
        return Ok(());
    }
    let options = Options { build_retain_keys: field.strategy.retain_keys, ..options };
    let diff = list::diff(before, after, field.schema, field.merge_key, options)?;
    let mut insert = |key: String, list: Vec<Value>| {
        if !list.is_empty() {
            patch.insert(key, Value::Array(list));
        }
    };
    insert(key.to_string(), diff.add);
    insert(format!("{DELETE_FROM_PRIMITIVE_LIST}/{key}"), diff.delete);
    insert(format!("{SET_ELEMENT_ORDER}/{key}"), diff.set_order);
    Ok(())
}
