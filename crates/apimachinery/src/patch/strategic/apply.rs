//! Applying a strategic merge patch (upstream's `mergeMap`).

use serde_json::Value;

use super::directive::{
    DELETE, DELETE_FROM_PRIMITIVE_LIST, MARKER, REPLACE, RETAIN_KEYS, SET_ELEMENT_ORDER, as_list, as_map,
    bad_patch_type, discard_nulls, field_of, hold_maps, merge_value, no_merge_key, same_type, without_directives,
};
use super::merge_list::{Merged, merge_list};
use super::order::{extract_deletions, normalize_merged, partition};
use super::{Object, PatchError, Result};
use crate::go;
use crate::schema::PatchSchema;

/// How a patch is merged: into an object, or, with none of these, into another patch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Carry out the directives on lists, rather than keep them.
    pub merge_parallel_list: bool,
    /// Drop nulls for what is not there, rather than keep them.
    pub ignore_unmatched_nulls: bool,
}

/// The map as the patch makes it.
pub(super) fn merge_map(
    mut original: Object,
    mut patch: Object,
    schema: PatchSchema,
    options: Options,
) -> Result<Object> {
    if let Some(directive) = patch.get(MARKER) {
        return match directive.as_str() {
            Some(REPLACE) => {
                patch.remove(MARKER);
                Ok(patch)
            }
            Some(DELETE) => Ok(Object::new()),
            _ => Err(bad_patch_type(directive, &patch)),
        };
    }
    retain_keys(&mut original, &mut patch, options)?;
    element_orders(&mut original, &mut patch, schema, options)?;
    for (key, value) in patch {
        let deletes = key.starts_with(DELETE_FROM_PRIMITIVE_LIST);
        if deletes && !options.merge_parallel_list {
            original.insert(key, value);
            continue;
        }
        let key = if deletes { field_of(&key, DELETE_FROM_PRIMITIVE_LIST)? } else { &key };
        if value.is_null() {
            original.remove(key);
            if options.ignore_unmatched_nulls {
                continue;
            }
        }
        merge_field(&mut original, key, value, deletes, schema, options)?;
    }
    Ok(original)
}

fn merge_field(
    original: &mut Object,
    key: &str,
    mut value: Value,
    deletes: bool,
    schema: PatchSchema,
    options: Options,
) -> Result<()> {
    let merged = match (original.remove(key), value) {
        (Some(Value::Object(before)), Value::Object(patch)) => {
            let field = schema.map_field(key)?;
            Some(if field.strategy.replace {
                Value::Object(patch)
            } else {
                Value::Object(merge_map(before, patch, field.schema, options)?)
            })
        }
        (Some(Value::Array(before)), Value::Array(patch)) => {
            let merged = merge_list(before, patch, schema.list_field(key)?, deletes, options)?;
            Some(Value::Array(merged.items))
        }
        // What is not a list cannot be deleted from.
        (before, patch) if deletes && !before.as_ref().is_some_and(|b| same_type(b, &patch)) => before,
        (before, patch) => {
            value = patch;
            if options.ignore_unmatched_nulls && !before.is_some_and(|b| same_type(&b, &value)) {
                discard_nulls(&mut value);
            }
            without_directives(value)
        }
    };
    if let Some(merged) = merged {
        original.insert(key.to_string(), merged);
    }
    Ok(())
}

/// Carries out `$retainKeys`: drops from the original what the patch does not name.
fn retain_keys(original: &mut Object, patch: &mut Object, options: Options) -> Result<()> {
    let Some(keys) = patch.remove(RETAIN_KEYS) else {
        return Ok(());
    };
    if !options.merge_parallel_list {
        match original.get(RETAIN_KEYS) {
            Some(others) if *others != keys => {
                return Err(PatchError::Other(format!(
                    "{} and {} are not deep equal: this may happen when calculating the 3-way diff patch",
                    go::print(others),
                    go::print(&keys)
                )));
            }
            Some(_) => {}
            None => {
                original.insert(RETAIN_KEYS.to_string(), keys);
            }
        }
        return Ok(());
    }
    let keys = keys.as_array().ok_or(PatchError::BadRetainKeys)?;
    let retained = |key: &str| keys.iter().any(|k| k == key);
    let is_directive = |key: &str| [DELETE_FROM_PRIMITIVE_LIST, SET_ELEMENT_ORDER].iter().any(|p| key.starts_with(p));
    if patch.iter().any(|(key, value)| !value.is_null() && !is_directive(key) && !retained(key)) {
        return Err(PatchError::BadRetainKeys);
    }
    original.retain(|key, _| retained(key));
    Ok(())
}

/// Carries out `$setElementOrder` (upstream's `mergePatchIntoOriginal`), and with it the patch of the same list.
fn element_orders(original: &mut Object, patch: &mut Object, schema: PatchSchema, options: Options) -> Result<()> {
    let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(SET_ELEMENT_ORDER)).cloned().collect();
    for key in directives {
        let Some(order) = patch.remove(&key) else { continue };
        if !options.merge_parallel_list {
            match original.get(&key) {
                Some(other) if *other != order => return Err(PatchError::BadSetElementOrder),
                Some(_) => {}
                None => {
                    original.insert(key.clone(), order.clone());
                }
            }
        }
        let order = as_list(&order)?;
        let field_name = field_of(&key, SET_ELEMENT_ORDER)?;
        let server = original.get(field_name).map(as_list).transpose()?.cloned();
        let patched = patch.get(field_name).map(as_list).transpose()?.cloned();
        let field = schema.list_field(field_name)?;
        check_order(patched.as_deref().unwrap_or_default(), order, field.merge_key)?;
        let merge_key = (!field.merge_key.is_empty()).then_some(field.merge_key);
        let lists = [server.as_deref().unwrap_or_default(), patched.as_deref().unwrap_or_default()];
        let of_maps = hold_maps(&lists);
        let Merged { items: merged, server_order } = match (server, patched) {
            (None, None) => continue,
            (Some(server), None) => Merged { items: server.clone(), server_order: server },
            (None, Some(patched)) => {
                Merged { items: patched.into_iter().filter_map(without_directives).collect(), server_order: Vec::new() }
            }
            (Some(server), Some(patched)) => merge_list(server, patched, field, false, options)?,
        };
        let mut items = merged.iter().chain(order).chain(&server_order);
        if let (true, None, Some(first)) = (of_maps?, merge_key, items.next()) {
            return Err(no_merge_key(as_map(first)?, ""));
        }
        let (in_patch, server_only) = partition(merged, order, merge_key)?;
        let both = normalize_merged(in_patch, server_only, order, &server_order, merge_key)?;
        original.insert(field_name.to_string(), Value::Array(both));
        patch.remove(field_name);
    }
    Ok(())
}

/// Refuses a patch whose items stand in another order than it says that they are to have.
fn check_order(patch: &[Value], order: &[Value], merge_key: &str) -> Result<()> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let kept = if merge_key.is_empty() { patch.to_vec() } else { extract_deletions(patch.to_vec())?.0 };
    let mut order_left = order.iter();
    for item in kept.iter().filter(|item| item.get(MARKER).is_none()) {
        let is_it = |other: &Value| -> Result<bool> {
            if merge_key.is_empty() {
                return Ok(item == other);
            }
            Ok(merge_value(item, merge_key)? == merge_value(other, merge_key)?)
        };
        let mut found = false;
        for other in order_left.by_ref() {
            found = is_it(other)?;
            if found {
                break;
            }
        }
        if !found {
            let (patch, order) = (go::print(&patch.into()), go::print(&order.into()));
            let text =
                format!("The order in patch list:\n{patch}\n doesn't match {SET_ELEMENT_ORDER} list:\n{order}\n");
            return Err(PatchError::Other(text));
        }
    }
    Ok(())
}
