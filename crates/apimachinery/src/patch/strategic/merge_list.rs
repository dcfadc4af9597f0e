//! Applying a strategic merge patch to a list (upstream's `mergeSlice`).

use serde_json::Value;

use super::apply::{Options, merge_map};
use super::directive::{DELETE, MARKER, MERGE, REPLACE, as_map, bad_patch_type, hold_maps, merge_value, no_merge_key};
use super::order::{deduplicate_scalars, normalize_merged, partition};
use super::{PatchError, Result};
use crate::schema::Field;

/// A list that was merged.
pub(super) struct Merged {
    /// The items.
    pub items: Vec<Value>,
    /// In which order the server had them, with what was added in the places of what was deleted.
    pub server_order: Vec<Value>,
}

/// The list as the patch makes it. `deletes`: the patch is one of scalars to be deleted.
pub(super) fn merge_list(
    original: Vec<Value>,
    patch: Vec<Value>,
    field: &Field,
    deletes: bool,
    options: Options,
) -> Result<Merged> {
    if !field.strategy.merge && !deletes {
        return Ok(Merged { items: patch, server_order: original });
    }
    if original.is_empty() && patch.is_empty() {
        return Ok(Merged { items: Vec::new(), server_order: original });
    }
    if hold_maps(&[&original, &patch])? {
        return merge_maps(original, patch, field, options);
    }
    if options.merge_parallel_list && deletes {
        let items = original.iter().filter(|item| !patch.contains(item)).cloned().collect();
        return Ok(Merged { items, server_order: original });
    }
    let merge_key = (!field.merge_key.is_empty()).then_some(field.merge_key);
    let merged = deduplicate_scalars(original.iter().chain(&patch).cloned().collect());
    let (in_patch, server_only) = partition(merged, &patch, merge_key)?;
    let items = normalize_merged(in_patch, server_only, &patch, &original, merge_key)?;
    Ok(Merged { items, server_order: original })
}

fn merge_maps(original: Vec<Value>, patch: Vec<Value>, field: &Field, options: Options) -> Result<Merged> {
    let key = field.merge_key;
    if key.is_empty() {
        return Err(PatchError::Other("cannot merge lists without merge key for struct".to_string()));
    }
    let mut slots = Slots { length: original.len(), items: original };
    let (plain, replace) = carry_out_markers(&mut slots, patch, key)?;
    let (original, patch) = if replace { (plain, Vec::new()) } else { (slots.items[..slots.length].to_vec(), plain) };
    let mut merged = original.clone();
    for item in &patch {
        let value = merge_value(item, key)?;
        match position(&merged, key, value)? {
            Some(at) => {
                let before = as_map(&merged[at])?.clone();
                merged[at] = Value::Object(merge_map(before, as_map(item)?.clone(), field.schema, options)?);
            }
            None => {
                merged.push(item.clone());
                slots.push(item.clone());
            }
        }
    }
    let (in_patch, server_only) = partition(merged, &patch, Some(key))?;
    let items = normalize_merged(in_patch, server_only, &patch, &original, Some(key))?;
    Ok(Merged { items, server_order: slots.items })
}

/// A list of which upstream keeps a view of the old length while it deletes from it and adds to it in place. What the
/// view shows in the end is what a `$setElementOrder` is told for the server's order, so it has to be the same here.
struct Slots {
    items: Vec<Value>,
    length: usize,
}

impl Slots {
    fn remove(&mut self, at: usize) {
        // The last one stays where it was, too.
        for i in at + 1..self.length {
            self.items[i - 1] = self.items[i].clone();
        }
        self.length -= 1;
    }

    fn push(&mut self, item: Value) {
        if let Some(slot) = self.items.get_mut(self.length) {
            *slot = item;
        }
        self.length += 1;
    }
}

/// Carries out the items that delete or replace (`mergeSliceWithSpecialElements`). The other items, and whether they
/// are to replace the list.
fn carry_out_markers(slots: &mut Slots, patch: Vec<Value>, merge_key: &str) -> Result<(Vec<Value>, bool)> {
    let (mut plain, mut replace) = (Vec::new(), false);
    for item in patch {
        let map = as_map(&item)?;
        let Some(directive) = map.get(MARKER) else {
            plain.push(item);
            continue;
        };
        match directive.as_str() {
            Some(DELETE) => {
                let value = map.get(merge_key).ok_or_else(|| no_merge_key(map, merge_key))?;
                while let Some(at) = position(&slots.items[..slots.length], merge_key, value)? {
                    slots.remove(at);
                }
            }
            Some(REPLACE) => replace = true,
            Some(MERGE) => {
                let text = "merging lists cannot yet be specified in the patch";
                return Err(PatchError::Other(text.to_string()));
            }
            _ => return Err(bad_patch_type(directive, map)),
        }
    }
    Ok((plain, replace))
}

/// Where the item with this merge key stands.
fn position(items: &[Value], merge_key: &str, value: &Value) -> Result<Option<usize>> {
    for (i, item) in items.iter().enumerate() {
        let Some(map) = item.as_object() else {
            return Err(PatchError::Other(format!("value for key {i} is not a map")));
        };
        if map.get(merge_key) == Some(value) {
            return Ok(Some(i));
        }
    }
    Ok(None)
}
