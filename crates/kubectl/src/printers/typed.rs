//! JSON in the order of Go's struct fields. Objects that kubectl itself builds (`create`, `run`) are typed in Go, and
//! encoding/json writes a struct's fields as they are declared; everything else is a map, whose keys are sorted.

use apimachinery::quantity::Quantity;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A field of a struct.
struct Field {
    name: &'static str,
    /// The struct of its values, `quantity`, or `map:` and one of them.
    kind: Option<&'static str>,
    /// What is written when it is not set; `None` if it is left out then.
    zero: Option<Value>,
    /// It is left out when it is set to nothing, too (`omitempty` of what is no pointer).
    omit_empty: bool,
}

static STRUCTS: LazyLock<HashMap<String, Vec<Field>>> = LazyLock::new(|| {
    let lines = include_str!("typed.tsv").lines().filter(|line| !line.starts_with('#'));
    let structs: Vec<(&'static str, Vec<Field>)> = lines.map(parse).collect();
    let objects = structs.iter().filter(|(_, fields)| fields.iter().any(|f| f.kind == Some("meta/v1.ObjectMeta")));
    let lists: Vec<_> = objects.map(|(name, _)| (format!("{name}List"), parse_list(name))).collect();
    structs.into_iter().map(|(name, fields)| (name.to_string(), fields)).chain(lists).collect()
});

/// The fields of the list of such objects, which are the same for all kinds.
fn parse_list(item: &'static str) -> Vec<Field> {
    let (_, mut fields) = parse("List\tkind\tapiVersion\tmetadata!{}\titems!null");
    if let Some(items) = fields.last_mut() {
        items.kind = Some(item);
    }
    fields
}

fn parse(line: &'static str) -> (&'static str, Vec<Field>) {
    let mut columns = line.split('\t');
    let name = columns.next().unwrap_or_default();
    let field = |column: &'static str| {
        let (column, kind) = match column.split_once('=') {
            Some((column, kind)) => (column, Some(kind)),
            None => (column, None),
        };
        let (name, zero) = match column.split_once('!') {
            Some((name, zero)) => (name, serde_json::from_str(zero).ok()),
            None => (column, None),
        };
        let pointer = name.ends_with('*');
        Field { name: name.trim_end_matches('*'), kind, omit_empty: !pointer && zero.is_none(), zero }
    };
    (name, columns.map(field).collect())
}

/// The object as it is after it was decoded into its Go struct and encoded again: without what is empty or unknown, with
/// what is always written, quantities in their canonical form. Objects of kinds that are not built in stay as they are.
pub fn canonical(object: &mut Value) {
    if let Some(kind) = struct_of(object) {
        decode(object, &kind);
    }
}

fn decode(value: &mut Value, kind: &str) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| decode(item, kind));
        return;
    }
    if kind == "quantity" {
        if let Ok(quantity) = Quantity::from_json(value) {
            *value = Value::String(quantity.to_string());
        }
        return;
    }
    let Value::Object(map) = value else { return };
    if let Some(kind) = kind.strip_prefix("map:") {
        map.values_mut().for_each(|value| decode(value, kind));
        return;
    }
    let Some(fields) = STRUCTS.get(kind) else { return };
    map.retain(|key, value| !value.is_null() && fields.iter().any(|field| field.name == key));
    for field in fields {
        if let (None, Some(zero)) = (map.get(field.name), &field.zero) {
            map.insert(field.name.into(), zero.clone());
        }
        let Some(value) = map.get_mut(field.name) else { continue };
        if let Some(kind) = field.kind {
            decode(value, kind);
        }
        if field.omit_empty && is_empty(value) {
            map.remove(field.name);
        }
    }
}

/// Go's zero value, as JSON.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// The struct of an object, by its `apiVersion` and `kind`.
pub(super) fn struct_of(object: &Value) -> Option<String> {
    let (api_version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    let package = match api_version.split_once('/') {
        Some((group, version)) => format!("{}/{version}", group.split('.').next().unwrap_or_default()),
        None => format!("core/{api_version}"),
    };
    // What every group has in common is of version v1 without a group, too.
    let (own, meta) = (format!("{package}.{kind}"), format!("meta/v1.{kind}"));
    Some(if !STRUCTS.contains_key(own.as_str()) && api_version == "v1" && STRUCTS.contains_key(meta.as_str()) {
        meta
    } else {
        own
    })
}

/// The object on one line, its fields in Go's order (`json.Marshal` of a typed object).
pub fn compact(object: &Value) -> String {
    let mut out = String::new();
    write(object, struct_of(object).as_deref(), &mut None, &mut out);
    out
}

/// The object indented by four spaces, its fields in Go's order, with a newline at the end.
pub fn pretty(object: &Value) -> String {
    let mut out = String::new();
    write(object, struct_of(object).as_deref(), &mut Some(0), &mut out);
    out.push('\n');
    out
}

/// What is in a map whose struct is `kind`, in the order of the struct's fields, each with its own struct; what the
/// struct does not have comes last.
pub(super) fn entries<'a>(
    map: &'a Map<String, Value>,
    kind: Option<&'a str>,
) -> Vec<(&'a str, &'a Value, Option<&'a str>)> {
    let mut out: Vec<(&str, &Value, Option<&str>)> = Vec::new();
    let fields = kind.filter(|kind| !kind.starts_with("map:")).and_then(|kind| STRUCTS.get(kind));
    for field in fields.into_iter().flatten() {
        out.extend(map.get(field.name).map(|value| (field.name, value, field.kind)));
    }
    let values = kind.and_then(|kind| kind.strip_prefix("map:"));
    let known = |key: &str| fields.is_some_and(|fields| fields.iter().any(|field| field.name == key));
    let rest = map.iter().filter(|(key, _)| !known(key));
    out.extend(rest.map(|(key, value)| (key.as_str(), value, values)));
    out
}

/// Writes a value whose struct is `kind`; `depth` is the level of indentation, `None` for one line.
fn write(value: &Value, kind: Option<&str>, depth: &mut Option<usize>, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let parts = items.iter().map(|item| (None, item, kind));
            write_all(('[', ']'), parts.collect(), depth, out);
        }
        Value::Object(map) if !map.is_empty() => {
            let parts = entries(map, kind).into_iter().map(|(key, value, kind)| (Some(key), value, kind));
            write_all(('{', '}'), parts.collect(), depth, out);
        }
        plain => out.push_str(&apimachinery::go::json(plain)),
    }
}

fn write_all(
    brackets: (char, char),
    parts: Vec<(Option<&str>, &Value, Option<&str>)>,
    depth: &mut Option<usize>,
    out: &mut String,
) {
    let newline = |depth: &Option<usize>, out: &mut String| {
        if let Some(depth) = depth {
            out.push('\n');
            out.push_str(&"    ".repeat(*depth));
        }
    };
    out.push(brackets.0);
    *depth = depth.map(|depth| depth + 1);
    for (at, (key, value, kind)) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        newline(depth, out);
        if let Some(key) = key {
            out.push_str(&apimachinery::go::json(&Value::String(key.to_string())));
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        write(value, kind, depth, out);
    }
    *depth = depth.map(|depth| depth - 1);
    newline(depth, out);
    out.push(brackets.1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_come_as_they_are_declared() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"labels": {"b": "1", "a": "2"}, "name": "web"},
            "spec": {"strategy": {}, "template": {"spec": {"containers": [{"image": "nginx", "name": "nginx", "resources": {}}]}}}, "status": {}});
        assert_eq!(
            compact(&object),
            r#"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","labels":{"a":"2","b":"1"}},"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx","resources":{}}]}},"strategy":{}},"status":{}}"#
        );
        let small = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}, "spec": {}});
        assert_eq!(
            pretty(&small),
            "{\n    \"kind\": \"Namespace\",\n    \"apiVersion\": \"v1\",\n    \"metadata\": {\n        \"name\": \"x\"\n    },\n    \"spec\": {}\n}\n"
        );
    }

    #[test]
    fn decoded_and_encoded_again() {
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {}},
            "spec": {"replicas": 0, "paused": false, "unknown": 1, "template": {"spec": {"containers": [
                {"name": "c", "resources": {"limits": {"cpu": "1000m", "memory": 5}}}], "volumes": [{"name": "v", "emptyDir": {}}]}}}});
        canonical(&mut object);
        let template = json!({"metadata": {}, "spec": {"containers": [
            {"name": "c", "resources": {"limits": {"cpu": "1", "memory": "5"}}}], "volumes": [{"name": "v", "emptyDir": {}}]}});
        let expected = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "status": {},
            "spec": {"replicas": 0, "selector": null, "strategy": {}, "template": template}});
        assert_eq!(object, expected);
    }
}
