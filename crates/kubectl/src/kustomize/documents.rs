//! Objects out of YAML texts (kustomize: api/resource/factory.go, kyaml: kio/byteio_reader.go).

use super::Result;
use super::id::scalar;
use super::resource::Resource;
use regex::Regex;
use serde_json::{Map, Number, Value};
use std::sync::LazyLock;

// The pattern is a constant, and the tests use it.
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| Regex::new("\n---([^\n]*)\n").expect("a constant pattern"));

/// One YAML document as kyaml reads it: YAML 1.2's booleans, and numbers as JSON prints them.
fn document(text: &str) -> std::result::Result<Value, String> {
    let mut value = crate::resource::parse_yaml_1_2(text)?;
    tidy(&mut value);
    Ok(value)
}

/// `1.0` is `1`.
fn tidy(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64())
                && float.fract() == 0.0
                && float.abs() < 9.0e15
            {
                // It has no fraction and fits.
                *number = Number::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => map.values_mut().for_each(tidy),
        _ => {}
    }
}

/// What a plain scalar of that text is.
pub(super) fn resolve(text: &str) -> Value {
    match document(text) {
        Ok(value) if !value.is_array() && !value.is_object() => value,
        _ => text.into(),
    }
}

/// A text as a value of any shape, for data that stands in a string.
pub(super) fn parse(text: &str) -> std::result::Result<Value, String> {
    document(text)
}

fn split(text: &str) -> Result<Vec<String>> {
    let text = text.replace("\r\n", "\n");
    let (mut parts, mut from) = (Vec::new(), 0);
    for found in SEPARATOR.captures_iter(&text) {
        let (whole, rest) = (found.get(0).map(|m| m.range()).unwrap_or_default(), found[1].trim());
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(format!("invalid document separator: {}", text[whole].trim()));
        }
        parts.push(format!("{}\n", &text[from..whole.start]));
        from = whole.end;
    }
    parts.push(text[from..].to_string());
    Ok(parts)
}

/// The objects of a text; lists are taken apart.
pub(super) fn objects(text: &str) -> Result<Vec<Value>> {
    let parts = split(text)?;
    let mut found = Vec::new();
    for part in &parts {
        let value = document(part).map_err(|error| format!("MalformedYAMLError: yaml: {error}"))?;
        if value.is_null() {
            continue;
        }
        let list = ["List", "ResourceList"].contains(&scalar(&value["kind"]).as_str());
        match value["items"].as_array() {
            Some(items) if parts.len() == 1 && list => found.extend(items.iter().cloned()),
            _ => found.push(value),
        }
    }
    let mut pending: std::collections::VecDeque<Value> = sound(found)?.into();
    let mut objects = Vec::new();
    while let Some(object) = pending.pop_front() {
        let kind = scalar(&object["kind"]);
        match object.get("items") {
            Some(items) if kind.ends_with("List") => match items {
                Value::Array(items) => pending.extend(sound(items.clone())?),
                Value::Null => {}
                other => {
                    let is = apimachinery::go::type_name(other);
                    return Err(format!("expected array in {kind}/items, but found {is}"));
                }
            },
            _ => objects.push(object),
        }
    }
    Ok(objects)
}

/// The same, ready to be built with.
pub(super) fn resources(text: &str) -> Result<Vec<Resource>> {
    Ok(objects(text)?.into_iter().map(Resource::new).collect())
}

/// A mistake in a text, with the file that it stands in (kustomize: api/internal/kusterr).
pub(super) fn in_file(error: String, path: &str) -> String {
    if error.contains("MalformedYAMLError") { format!("{error} in File: {path}") } else { error }
}

/// Without what is empty; what has no kind or no name is an error.
fn sound(objects: Vec<Value>) -> Result<Vec<Value>> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let objects: Vec<Value> = objects.into_iter().filter(|object| !is_empty(object)).collect();
    for object in &objects {
        let given = |field: &str| object.get(field).is_some_and(|value| !is_empty(value));
        if !given("apiVersion") && !given("kind") && !given("metadata") {
            return Err("missing Resource metadata".into());
        }
        let kind = scalar(&object["kind"]);
        if kind.is_empty() {
            return Err(format!("missing kind in object {}", metadata(object)));
        }
        if !kind.ends_with("List") && scalar(&object["metadata"]["name"]).is_empty() {
            return Err(format!("missing metadata.name in object {}", metadata(object)));
        }
    }
    Ok(objects)
}

/// Go's `%v` of kyaml's `ResourceMeta`.
fn metadata(object: &Value) -> String {
    let of = |field: &str| scalar(&object["metadata"][field]);
    let map = |field: &str| {
        let pairs = object["metadata"][field].as_object().into_iter().flatten();
        let pairs: Map<String, Value> = pairs.map(|(k, v)| (k.clone(), scalar(v).into())).collect();
        apimachinery::go::print(&Value::Object(pairs))
    };
    format!(
        "{{{{{} {}}} {{{{{} {}}} {} {}}}}}",
        scalar(&object["apiVersion"]),
        scalar(&object["kind"]),
        of("name"),
        of("namespace"),
        map("labels"),
        map("annotations")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_an_error() {
        assert_eq!(objects("a: b\n"), Err("missing Resource metadata".into()));
        let error = "missing metadata.name in object {{v1 Pod} {{ x} map[a:b] map[]}}";
        assert_eq!(
            objects("apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: x\n  labels: {a: b}\n"),
            Err(error.into())
        );
        assert_eq!(objects("kind: A\n--- b\nkind: B\n"), Err("invalid document separator: --- b".into()));
    }

    #[test]
    fn scalars_are_of_yaml_1_2() {
        assert_eq!(resolve("yes"), Value::from("yes"));
        assert_eq!(resolve("8080"), Value::from(8080));
        assert_eq!(resolve("1.0"), Value::from(1));
    }
}
