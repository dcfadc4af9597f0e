//! JSON in the order of Go's struct fields. Objects that kubectl itself builds (`create`, `run`) are typed in Go, and
//! encoding/json writes a struct's fields as they are declared; everything else is a map, whose keys are sorted.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

type Fields = Vec<(&'static str, Option<&'static str>)>;

static STRUCTS: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    let lines = include_str!("typed.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.map(parse).collect()
});

fn parse(line: &'static str) -> (&'static str, Fields) {
    let mut columns = line.split('\t');
    let name = columns.next().unwrap_or_default();
    let field = |column: &'static str| match column.split_once('=') {
        Some((field, kind)) => (field, Some(kind)),
        None => (column, None),
    };
    (name, columns.map(field).collect())
}

/// The struct of an object, by its `apiVersion` and `kind`.
fn struct_of(object: &Value) -> Option<String> {
    let (api_version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    let package = match api_version.split_once('/') {
        Some((group, version)) => format!("{}/{version}", group.split('.').next().unwrap_or_default()),
        None => format!("core/{api_version}"),
    };
    Some(format!("{package}.{kind}"))
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

/// Writes a value whose struct is `kind`; `depth` is the level of indentation, `None` for one line.
fn write(value: &Value, kind: Option<&str>, depth: &mut Option<usize>, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let parts = items.iter().map(|item| (None, item, kind));
            write_all(('[', ']'), parts.collect(), depth, out);
        }
        Value::Object(map) if !map.is_empty() => {
            let mut parts: Vec<(Option<&str>, &Value, Option<&str>)> = Vec::new();
            let fields = kind.filter(|kind| !kind.starts_with("map:")).and_then(|kind| STRUCTS.get(kind));
            for (field, kind) in fields.into_iter().flatten() {
                parts.extend(map.get(*field).map(|value| (Some(*field), value, *kind)));
            }
            let values = kind.and_then(|kind| kind.strip_prefix("map:"));
            let rest = map
                .iter()
                .filter(|(key, _)| !fields.is_some_and(|fields| fields.iter().any(|(field, _)| field == key)));
            parts.extend(rest.map(|(key, value)| (Some(key.as_str()), value, values)));
            write_all(('{', '}'), parts, depth, out);
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
}
