//! JSON Patch, RFC 6902, as the library has it that upstream uses (`gopkg.in/evanphx/json-patch.v4`), which differs
//! from the RFC: `replace` of a key that is not there adds it, an index may count from the end, and what is not there
//! is equal to null.

use serde_json::{Map, Value};

use super::PatchError;
use crate::go;

type Result<T> = std::result::Result<T, PatchError>;

fn fail<T>(text: impl Into<String>) -> Result<T> {
    Err(PatchError::Other(text.into()))
}

/// Applies a JSON patch, a list of operations. On an error the target is as it was before.
pub fn json_patch(target: &mut Value, patch: &Value) -> Result<()> {
    let wrong_type = |value: &Value, wanted: &str| {
        let name = match value {
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) | Value::Null => "object",
        };
        fail(format!("json: cannot unmarshal {name} into Go value of type jsonpatch.{wanted}"))
    };
    let operations = match patch {
        Value::Array(operations) => operations.as_slice(),
        Value::Null => &[],
        other => return wrong_type(other, "Patch"),
    };
    let mut document = target.clone();
    for operation in operations {
        match operation {
            Value::Object(operation) => apply(&mut document, operation)?,
            Value::Null => apply(&mut document, &Map::new())?,
            other => return wrong_type(other, "Operation"),
        }
    }
    *target = document;
    Ok(())
}

fn apply(document: &mut Value, operation: &Map<String, Value>) -> Result<()> {
    let kind = operation.get("op").and_then(Value::as_str).unwrap_or("unknown");
    let pointer = |key: &str| operation.get(key).and_then(Value::as_str);
    let Some(verb) = ["add", "remove", "replace", "move", "test", "copy"].into_iter().find(|v| *v == kind) else {
        return fail(format!("Unexpected kind: {kind}"));
    };
    let no_path = || {
        let detail = if matches!(verb, "replace" | "move" | "test") { "operation missing path field: " } else { "" };
        PatchError::Other(format!("{verb} operation failed to decode path: {detail}missing value"))
    };
    let path = pointer("path").ok_or_else(no_path);
    let value = operation.get("value");
    match verb {
        "add" => add(document, path?, value.cloned().unwrap_or_default()),
        "remove" => remove(document, path?),
        "replace" => replace(document, path?, value.cloned().unwrap_or_default()),
        "test" => test(document, path?, value),
        _ => {
            let Some(from) = pointer("from") else {
                let text = "operation failed to decode from: operation, missing from field: missing value";
                return fail(format!("{verb} {text}"));
            };
            if verb == "move" { relocate(document, from, path) } else { copy(document, from, path) }
        }
    }
}

/// The map or list that a pointer points into, and the last part of the pointer.
fn container<'d>(document: &'d mut Value, pointer: &str) -> Option<(&'d mut Value, String)> {
    let decode = |part: &str| part.replace("~1", "/").replace("~0", "~");
    // What stands before the first slash is of no account.
    let (_, rest) = pointer.split_once('/')?;
    let (parents, last) = rest.rsplit_once('/').map_or((None, rest), |(parents, last)| (Some(parents), last));
    let parents = parents.into_iter().flat_map(|p| p.split('/')).map(decode);
    let mut at = document;
    for part in parents {
        at = match at {
            Value::Object(map) => map.get_mut(&part)?,
            Value::Array(items) => {
                let index = existing(items, &part).ok()?;
                &mut items[index]
            }
            _ => return None,
        };
    }
    (at.is_object() || at.is_array()).then(|| (at, decode(last)))
}

fn number(text: &str) -> std::result::Result<i64, String> {
    text.parse().map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", go::quote(text)))
}

/// The index below `length` that a part of a pointer means.
fn index_below(length: usize, part: &str) -> std::result::Result<usize, String> {
    let index = number(part)?;
    let from_start = if index < 0 { index + length as i64 } else { index };
    let valid = usize::try_from(from_start).ok().filter(|i| *i < length);
    valid.ok_or_else(|| format!("Unable to access invalid index: {index}: invalid index referenced"))
}

fn existing(items: &[Value], part: &str) -> std::result::Result<usize, String> {
    index_below(items.len(), part)
}

/// What stands there; `None` for a key that a map has not.
fn get(container: &Value, key: &str) -> std::result::Result<Option<Value>, String> {
    match container {
        Value::Array(items) => existing(items, key).map(|i| Some(items[i].clone())),
        other => Ok(other.get(key).cloned()),
    }
}

fn insert(container: &mut Value, key: String, value: Value) -> std::result::Result<(), String> {
    match container {
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            number(&key).map_err(|e| format!("value was not a proper array index: '{key}': {e}"))?;
            items.insert(index_below(items.len() + 1, &key)?, value);
        }
        Value::Object(map) => {
            map.insert(key, value);
        }
        // `container` returns nothing else.
        _ => {}
    }
    Ok(())
}

fn take(container: &mut Value, key: &str) -> std::result::Result<Value, String> {
    match container {
        Value::Array(items) => existing(items, key).map(|i| items.remove(i)),
        other => {
            let removed = other.as_object_mut().and_then(|map| map.remove(key));
            removed.ok_or_else(|| format!("Unable to remove nonexistent key: {key}: missing value"))
        }
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<()> {
    let Some((at, key)) = container(document, path) else {
        return fail(format!("add operation does not apply: doc is missing path: \"{path}\": missing value"));
    };
    insert(at, key, value).or_else(|e| fail(format!("error in add for path: '{path}': {e}")))
}

fn remove(document: &mut Value, path: &str) -> Result<()> {
    let Some((at, key)) = container(document, path) else {
        return fail(format!("remove operation does not apply: doc is missing path: \"{path}\": missing value"));
    };
    take(at, &key).map(drop).or_else(|e| fail(format!("error in remove for path: '{path}': {e}")))
}

fn replace(document: &mut Value, path: &str, value: Value) -> Result<()> {
    if path.is_empty() {
        if !(value.is_object() || value.is_array()) {
            // Upstream wraps an error that there is not, and Go says so.
            return fail("replace operation value must be object or array: %!w(<nil>)");
        }
        *document = value;
        return Ok(());
    }
    let Some((at, key)) = container(document, path) else {
        return fail(format!("replace operation does not apply: doc is missing path: {path}: missing value"));
    };
    match at {
        Value::Array(items) => match existing(items, &key) {
            Ok(index) => items[index] = value,
            Err(_) => {
                let text = format!("replace operation does not apply: doc is missing key: {path}: missing value");
                return fail(text);
            }
        },
        other => other[key.as_str()] = value,
    }
    Ok(())
}

fn test(document: &mut Value, path: &str, value: Option<&Value>) -> Result<()> {
    let failed = || fail(format!("testing value {path} failed: test failed"));
    if path.is_empty() {
        return if value == Some(&*document) { Ok(()) } else { failed() };
    }
    let Some((at, key)) = container(document, path) else {
        return fail(format!("test operation does not apply: is missing path: {path}: missing value"));
    };
    let found = get(at, &key).or_else(|e| fail(format!("error in test for path: '{path}': {e}")))?;
    let is = match found.filter(|v| !v.is_null()) {
        None => value.is_none_or(Value::is_null),
        found => found.as_ref() == value,
    };
    if is { Ok(()) } else { failed() }
}

fn relocate(document: &mut Value, from: &str, path: Result<&str>) -> Result<()> {
    let Some((at, key)) = container(document, from) else {
        return fail(format!("move operation does not apply: doc is missing from path: {from}: missing value"));
    };
    let value = take(at, &key).or_else(|e| fail(format!("error in move for path: '{key}': {e}")))?;
    let path = path?;
    let Some((at, key)) = container(document, path) else {
        return fail(format!("move operation does not apply: doc is missing destination path: {path}: missing value"));
    };
    insert(at, key, value).or_else(|e| fail(format!("error in move for path: '{path}': {e}")))
}

fn copy(document: &mut Value, from: &str, path: Result<&str>) -> Result<()> {
    let Some((at, key)) = container(document, from) else {
        return fail(format!("copy operation does not apply: doc is missing from path: {from}: missing value"));
    };
    let value = get(at, &key).or_else(|e| fail(format!("error in copy for from: '{from}': {e}")))?;
    let path = path?;
    let Some((at, key)) = container(document, path) else {
        return fail(format!("copy operation does not apply: doc is missing destination path: {path}: missing value"));
    };
    insert(at, key, value.unwrap_or_default()).or_else(|e| fail(format!("error while adding value during copy: {e}")))
}
