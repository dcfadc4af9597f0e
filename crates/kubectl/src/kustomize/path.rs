//! Paths such as `spec.containers.[name=web].image` (kyaml: yaml/match.go, utils/pathsplitter.go).

use super::Result;
use super::documents::parse;
use super::fieldspec::split;
use super::id::scalar;
use regex::Regex;
use serde_json::{Map, Value};

/// One step to a value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Splits at dots; what stands in brackets stays together, and loses them if it is a key (`[a.b.c]`).
pub(super) fn split_dots(path: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut parts = split(path, '.').into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            out.push(part);
            continue;
        }
        let mut whole = part;
        for part in parts.by_ref() {
            whole = format!("{whole}.{part}");
            if part.ends_with(']') {
                break;
            }
        }
        out.push(if whole.contains('=') { whole } else { whole.trim_matches(['[', ']']).to_string() });
    }
    out
}

fn in_brackets(part: &str) -> Option<&str> {
    part.strip_prefix('[')?.strip_suffix(']')
}

fn key_and_value(part: &str) -> Result<(&str, &str)> {
    let inner = in_brackets(part).unwrap_or(part);
    inner
        .split_once('=')
        .ok_or_else(|| "list path element must contain fieldName=fieldValue for element to match".to_string())
}

/// The one value at a path.
pub(super) fn lookup<'a>(value: &'a Value, path: &[String]) -> Result<Option<&'a Value>> {
    let mut current = value;
    for part in path {
        let next = if part.parse::<usize>().is_ok() && current.is_array() {
            // A number, as was just seen.
            part.parse::<usize>().ok().and_then(|at| current.get(at))
        } else if in_brackets(part).is_some() {
            let (key, want) = key_and_value(part)?;
            let is = |item: &&Value| if key.is_empty() { scalar(item) == want } else { scalar(&item[key]) == want };
            current.as_array().and_then(|items| items.iter().find(is))
        } else {
            current.as_object().and_then(|map| map.get(part))
        };
        match next {
            Some(next) => current = next,
            None => return Ok(None),
        }
    }
    Ok(Some(current))
}

/// What a step that has to be made becomes; `None` makes nothing.
pub(super) type Made = Option<Value>;

/// All values that a path matches; `made` is the shape of a value that is created where there is none.
pub(super) fn find(value: &mut Value, path: &[String], made: &Made) -> Result<Vec<Vec<Step>>> {
    let mut found = Vec::new();
    walk(value, path, made, &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// The value that steps lead to.
pub(super) fn at<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

fn new_value(rest: &[String], made: &Value) -> Value {
    match rest.first() {
        None => made.clone(),
        Some(next) if in_brackets(next).is_some() || next == "*" || next.parse::<usize>().is_ok() => {
            Value::Array(Vec::new())
        }
        Some(_) => Value::Object(Map::new()),
    }
}

fn walk(
    value: &mut Value,
    path: &[String],
    made: &Made,
    here: &mut Vec<Step>,
    found: &mut Vec<Vec<Step>>,
) -> Result<()> {
    let Some((part, rest)) = path.split_first() else {
        found.push(here.clone());
        return Ok(());
    };
    let down = |value: &mut Value, step: Step, here: &mut Vec<Step>, found: &mut Vec<Vec<Step>>| {
        here.push(step);
        let result = walk(value, rest, made, here, found);
        here.pop();
        result
    };
    if let Ok(index) = part.parse::<usize>() {
        let items = list(value)?;
        if let Some(made) = made.as_ref().filter(|_| items.len() == index) {
            items.push(new_value(rest, made));
        }
        let count = items.len();
        let Some(item) = items.get_mut(index) else {
            return Err(format!("index {index} specified but only {count} elements found"));
        };
        return down(item, Step::Index(index), here, found);
    }
    if in_brackets(part).is_some() {
        let (key, want) = key_and_value(part)?;
        let pattern = Regex::new(want).map_err(|error| error.to_string())?;
        let is = |item: &Value| {
            let field = if key.is_empty() { Some(item) } else { item.get(key) };
            field.is_some_and(|field| pattern.is_match(scalar(field).trim()))
        };
        let items = list(value)?;
        if made.is_some() && !items.iter().any(is) {
            let text = super::documents::resolve(want);
            items.push(if key.is_empty() { text } else { Value::Object(Map::from_iter([(key.to_string(), text)])) });
        }
        for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| is(item)) {
            if key.is_empty() {
                here.push(Step::Index(index));
                found.push(here.clone());
                here.pop();
            } else {
                down(item, Step::Index(index), here, found)?;
            }
        }
        return Ok(());
    }
    if part == "*" {
        for (index, item) in list(value)?.iter_mut().enumerate() {
            down(item, Step::Index(index), here, found)?;
        }
        return Ok(());
    }
    match value {
        Value::Object(map) => {
            if let Some(made) = made.as_ref().filter(|_| map.get(part).is_none_or(Value::is_null)) {
                map.insert(part.clone(), new_value(rest, made));
            }
            match map.get_mut(part) {
                Some(field) if rest.is_empty() || field.is_object() || field.is_array() => {
                    down(field, Step::Key(part.clone()), here, found)
                }
                // What is in a text is looked into by the caller.
                Some(_) | None => Ok(()),
            }
        }
        Value::Null => Ok(()),
        other => Err(wrong(other, "MappingNode")),
    }
}

fn list(value: &mut Value) -> Result<&mut Vec<Value>> {
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(items) => Ok(items),
        other => Err(wrong(other, "SequenceNode")),
    }
}

fn wrong(value: &Value, expected: &str) -> String {
    let is = match value {
        Value::Object(_) => "MappingNode",
        Value::Array(_) => "SequenceNode",
        _ => "ScalarNode",
    };
    let text = crate::printers::yaml::to_string(value);
    format!("wrong node kind: expected {expected} but got {is}: node contents:\n{text}")
}

/// The longest part of a path that leads to a text with JSON or YAML in it, and that text's value.
pub(super) fn structured(value: &Value, path: &[String]) -> Option<(usize, Value)> {
    (1..path.len()).find_map(|length| match lookup(value, &path[..length]) {
        Ok(Some(Value::String(text))) => parse(text).ok().map(|value| (length, value)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_match_items_and_make_fields() {
        let path = split_dots("spec.containers.[name=web].image");
        assert_eq!(path, ["spec", "containers", "[name=web]", "image"]);
        let mut object = json!({"spec": {"containers": [{"name": "web", "image": "a"}, {"name": "x"}]}});
        let found = find(&mut object, &path, &None).expect("a path that fits");
        assert_eq!(at(&mut object, &found[0]), Some(&mut json!("a")));
        let made = find(&mut object, &split_dots("metadata.annotations.[a.b/c]"), &Some(Value::Null));
        assert_eq!(made.map(|found| found.len()), Ok(1));
        assert_eq!(object["metadata"], json!({"annotations": {"a.b/c": null}}));
        let index = find(&mut object, &split_dots("spec.containers.5"), &None);
        assert_eq!(index, Err("index 5 specified but only 2 elements found".into()));
    }
}
