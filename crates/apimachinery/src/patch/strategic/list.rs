//! Making a strategic merge patch: what differs between two lists that are merged (upstream's `diffLists`).

use std::cmp::Ordering;

use serde_json::Value;

use super::diff::{self, Options};
use super::directive::{DELETE, MARKER, as_map, hold_maps, merge_value};
use super::order::{deduplicate_scalars, normalize, sort_scalars, sorted_by_key};
use super::{Object, Result};
use crate::go;
use crate::schema::PatchSchema;

/// The difference between two lists.
#[derive(Debug, Default)]
pub(super) struct ListDiff {
    /// What is added or changed; with maps, what is deleted, too.
    pub add: Vec<Value>,
    /// The scalars that are deleted.
    pub delete: Vec<Value>,
    /// The order that the list is to have.
    pub set_order: Vec<Value>,
}

/// What leads from one list to the other.
pub(super) fn diff(
    original: &[Value],
    modified: &[Value],
    schema: PatchSchema,
    merge_key: &str,
    options: Options,
) -> Result<ListDiff> {
    if original.is_empty() {
        let add = if options.ignore_changes_and_additions { Vec::new() } else { modified.to_vec() };
        return Ok(ListDiff { add, ..ListDiff::default() });
    }
    if hold_maps(&[original, modified])? {
        maps(original, modified, schema, merge_key, options)
    } else {
        scalars(original, modified, options)
    }
}

fn maps(
    original: &[Value],
    modified: &[Value],
    schema: PatchSchema,
    merge_key: &str,
    options: Options,
) -> Result<ListDiff> {
    let (add, delete) = items(original, modified, schema, merge_key, options)?;
    let mut add = normalize(add, modified, Some(merge_key))?;
    let same_order = same_order(original, modified, merge_key)?;
    add.extend(delete);
    let orders = options.set_element_order
        && ((!options.ignore_changes_and_additions && (!add.is_empty() || !same_order))
            || (!options.ignore_deletions && !add.is_empty()));
    let set_order = if orders { modified } else { &[] };
    let set_order = set_order.iter().map(|item| key_alone(item, merge_key)).collect::<Result<_>>()?;
    Ok(ListDiff { add, delete: Vec::new(), set_order })
}

fn key_alone(item: &Value, merge_key: &str) -> Result<Value> {
    Ok(Object::from_iter([(merge_key.to_string(), merge_value(item, merge_key)?.clone())]).into())
}

fn same_order(original: &[Value], modified: &[Value], merge_key: &str) -> Result<bool> {
    if original.len() != modified.len() {
        return Ok(false);
    }
    for (before, after) in original.iter().zip(modified) {
        if merge_value(before, merge_key)? != merge_value(after, merge_key)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The items that are added or changed, and the directives that delete the others.
fn items(
    original: &[Value],
    modified: &[Value],
    schema: PatchSchema,
    merge_key: &str,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>)> {
    let (original, modified) = (sorted_by_key(original, merge_key), sorted_by_key(modified, merge_key));
    let (mut before, mut after) = (original.iter().peekable(), modified.iter().peekable());
    let (mut patch, mut deletions) = (Vec::new(), Vec::new());
    loop {
        let before_key = before.peek().map(|item| merge_value(item, merge_key)).transpose()?;
        let after_key = after.peek().map(|item| merge_value(item, merge_key)).transpose()?;
        match compare(before_key, after_key) {
            None => return Ok((patch, deletions)),
            Some(Ordering::Equal) => {
                // Both have a key, so both have an item.
                let (Some(before), Some(after)) = (before.next(), after.next()) else {
                    continue;
                };
                let mut inner = diff::maps(as_map(before)?, as_map(after)?, schema, options)?;
                if !inner.is_empty() {
                    inner.insert(merge_key.to_string(), merge_value(after, merge_key)?.clone());
                    patch.push(Value::Object(inner));
                }
            }
            Some(Ordering::Greater) => {
                let added = after.next();
                if !options.ignore_changes_and_additions {
                    patch.extend(added.cloned());
                }
            }
            Some(Ordering::Less) => {
                before.next();
                if let (false, Some(key)) = (options.ignore_deletions, before_key) {
                    let directive = [(merge_key.to_string(), key.clone()), (MARKER.to_string(), DELETE.into())];
                    deletions.push(Object::from_iter(directive).into());
                }
            }
        }
    }
}

/// Which of two sorted lists is to be gone on with: the lesser, by how it prints, or the one that is left.
fn compare(before: Option<&Value>, after: Option<&Value>) -> Option<Ordering> {
    match (before, after) {
        (None, None) => None,
        (None, Some(_)) => Some(Ordering::Greater),
        (Some(_), None) => Some(Ordering::Less),
        (Some(before), Some(after)) => Some(go::print(before).cmp(&go::print(after))),
    }
}

fn scalars(original: &[Value], modified: &[Value], options: Options) -> Result<ListDiff> {
    let (mut original, mut sorted) = (original.to_vec(), modified.to_vec());
    sort_scalars(&mut original);
    sort_scalars(&mut sorted);
    let (mut add, mut delete) = (Vec::new(), Vec::new());
    let (mut before, mut after) = (original.iter().peekable(), sorted.iter().peekable());
    while let Some(next) = compare(before.peek().copied(), after.peek().copied()) {
        match next {
            Ordering::Equal => {
                before.next();
                after.next();
            }
            Ordering::Less => delete.extend(before.next().filter(|_| !options.ignore_deletions).cloned()),
            Ordering::Greater => {
                add.extend(after.next().filter(|_| !options.ignore_changes_and_additions).cloned());
            }
        }
    }
    let delete = deduplicate_scalars(delete);
    let add = normalize(add, modified, None)?;
    // Upstream has sorted the original in its place by now, and compares that.
    let orders = options.set_element_order
        && ((!options.ignore_deletions && !delete.is_empty())
            || (!options.ignore_changes_and_additions && original != modified));
    Ok(ListDiff { add, delete, set_order: if orders { modified.to_vec() } else { Vec::new() } })
}
