//! In which order the items of a merged list stand.

use serde_json::Value;

use super::Result;
use super::directive::{DELETE, MARKER, as_map, merge_value};
use crate::go;

/// Go's insertion sort. It matters that it is this one: upstream's comparisons say "less" of equal items, too, and of
/// items that they do not know.
fn insertion_sort(items: &mut [Value], less: impl Fn(&Value, &Value) -> bool) {
    for i in 1..items.len() {
        let mut j = i;
        while j > 0 && less(&items[j], &items[j - 1]) {
            items.swap(j, j - 1);
            j -= 1;
        }
    }
}

/// Sorts scalars by how they print.
pub(super) fn sort_scalars(items: &mut [Value]) {
    insertion_sort(items, |a, b| go::print(a) <= go::print(b));
}

/// The items sorted by how their merge keys print.
pub(super) fn sorted_by_key(items: &[Value], merge_key: &str) -> Vec<Value> {
    let mut sorted = items.to_vec();
    let text = |item: &Value| go::print(item.get(merge_key).unwrap_or(&Value::Null));
    insertion_sort(&mut sorted, |a, b| text(a) <= text(b));
    sorted
}

/// Drops scalars that stand in the list already. What was last takes the place of what is dropped.
pub(super) fn deduplicate_scalars(mut items: Vec<Value>) -> Vec<Value> {
    let mut i = 0;
    while i < items.len() {
        let mut j = i + 1;
        while j < items.len() {
            if items[i] == items[j] {
                items.swap_remove(j);
            } else {
                j += 1;
            }
        }
        i += 1;
    }
    items
}

/// Where in a list an item stands that has this one's merge key, or that it equals if the list holds scalars.
fn index(list: &[Value], item: &Value, merge_key: Option<&str>) -> Option<usize> {
    let identity = |v: &Value| match merge_key {
        Some(key) => v.get(key).cloned().unwrap_or_default(),
        None => v.clone(),
    };
    let wanted = identity(item);
    list.iter().position(|v| identity(v) == wanted)
}

/// The items apart: those to keep, and those that are to be deleted.
pub(super) fn extract_deletions(items: Vec<Value>) -> Result<(Vec<Value>, Vec<Value>)> {
    let (mut keep, mut delete) = (Vec::new(), Vec::new());
    for item in items {
        let deletes = as_map(&item)?.get(MARKER).is_some_and(|directive| directive == DELETE);
        if deletes { delete.push(item) } else { keep.push(item) }
    }
    Ok((keep, delete))
}

/// Sorts items as the order has them. Deletions go to the end.
pub(super) fn normalize(items: Vec<Value>, order: &[Value], merge_key: Option<&str>) -> Result<Vec<Value>> {
    let (mut items, deletions) = match merge_key {
        Some(key) => {
            for item in items.iter().chain(order) {
                merge_value(item, key)?;
            }
            extract_deletions(items)?
        }
        None => (items, Vec::new()),
    };
    insertion_sort(&mut items, |a, b| match (index(order, a, merge_key), index(order, b, merge_key)) {
        (Some(a), Some(b)) => a < b,
        _ => true,
    });
    items.extend(deletions);
    Ok(items)
}

/// Merges what the patch has and what only the server has: each in its own order, and one among the other as the
/// server has them.
pub(super) fn normalize_merged(
    patch: Vec<Value>,
    server_only: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    merge_key: Option<&str>,
) -> Result<Vec<Value>> {
    let patch = normalize(patch, patch_order, merge_key)?;
    let server_only = normalize(server_only, server_order, merge_key)?;
    let mut merged = Vec::with_capacity(patch.len() + server_only.len());
    let (mut patch, mut server_only) = (patch.into_iter().peekable(), server_only.into_iter().peekable());
    loop {
        let server_first = match (server_only.peek(), patch.peek()) {
            (None, None) => return Ok(merged),
            (Some(server), Some(patch)) => {
                match (index(server_order, server, merge_key), index(server_order, patch, merge_key)) {
                    (Some(server), Some(patch)) => server < patch,
                    _ => false,
                }
            }
            (server, _) => server.is_some(),
        };
        merged.extend(if server_first { server_only.next() } else { patch.next() });
    }
}

/// The items apart: those that the other list has, too, and those that it has not.
pub(super) fn partition(items: Vec<Value>, by: &[Value], merge_key: Option<&str>) -> Result<(Vec<Value>, Vec<Value>)> {
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for item in items {
        let found = match merge_key {
            Some(key) => {
                let value = merge_value(&item, key)?;
                by.iter().any(|other| other.get(key) == Some(value))
            }
            None => by.contains(&item),
        };
        if found { present.push(item) } else { absent.push(item) }
    }
    Ok((present, absent))
}
