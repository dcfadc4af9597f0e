//! Where in which kinds of objects something stands (kustomize: api/types/fieldspec.go, api/filters/fieldspec).

use super::Result;
use super::id::{Gvk, ResId};
use serde_json::{Map, Value};

/// A path in objects of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct FieldSpec {
    #[serde(flatten)]
    pub gvk: Gvk,
    pub path: String,
    pub create: bool,
}

/// What a field becomes that has to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Create {
    Nothing,
    Scalar,
    Mapping,
}

/// Adds a field; one that is there already must say the same of its creation.
pub(super) fn merge_one(specs: &mut Vec<FieldSpec>, spec: FieldSpec) -> Result<()> {
    match specs.iter().find(|have| have.gvk.is_selected(&spec.gvk) && have.path == spec.path) {
        Some(have) if have.create != spec.create => Err("conflicting fieldspecs".into()),
        Some(_) => Ok(()),
        None => {
            specs.push(spec);
            Ok(())
        }
    }
}

/// Adds many.
pub(super) fn merge_all(specs: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<()> {
    more.iter().try_for_each(|spec| merge_one(specs, spec.clone()))
}

/// Splits a path at slashes that have no backslash in front.
pub(super) fn split(path: &str, delimiter: char) -> Vec<String> {
    let mut parts = path.split(delimiter);
    let mut out: Vec<String> = parts.next().map(str::to_string).into_iter().collect();
    if out[0].is_empty() && path.len() > 1 {
        out = parts.next().map(str::to_string).into_iter().collect();
    }
    for part in parts {
        match out.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(part);
            }
            _ => out.push(part.to_string()),
        }
    }
    out
}

/// Calls `set` with each value that the path leads to, if the object is of the kind.
pub(super) fn visit(
    object: &mut Value,
    spec: &FieldSpec,
    create: Create,
    set: &mut dyn FnMut(&mut Value) -> Result<()>,
) -> Result<()> {
    if !Gvk::of(object).is_selected(&spec.gvk) {
        return Ok(());
    }
    let create = if spec.create { create } else { Create::Nothing };
    let path = split(&spec.path, '/');
    walk(object, &path, create, set).map_err(|error| {
        let name = |field: &str| super::id::scalar(&object["metadata"][field]);
        let id = ResId::new(Gvk::of(object), &name("name"), &name("namespace"));
        format!("considering field '{}' of object {id}: {error}", spec.path)
    })
}

fn walk(
    value: &mut Value,
    path: &[String],
    create: Create,
    set: &mut dyn FnMut(&mut Value) -> Result<()>,
) -> Result<()> {
    let Some((first, rest)) = path.split_first() else { return set(value) };
    match value {
        Value::Null => Ok(()),
        Value::Array(items) => items.iter_mut().try_for_each(|item| {
            walk(item, path, create, set)
                .map_err(|error| format!("visit traversal on path: [{}]: {error}", path.join(" ")))
        }),
        Value::Object(map) => {
            let (name, sequence) = match first.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (first.as_str(), false),
            };
            if name.is_empty() {
                return Err("cannot set or create an empty field name".into());
            }
            if sequence || create == Create::Nothing {
                let Some(field) = map.get_mut(name) else { return Ok(()) };
                if sequence && field.is_null() {
                    *field = Value::Array(Vec::new());
                }
                return walk(field, rest, create, set);
            }
            let mapping = !rest.is_empty() || create == Create::Mapping;
            let field = map.entry(name).or_insert(Value::Null);
            if mapping && field.is_null() {
                *field = Value::Object(Map::new());
            }
            walk(field, rest, create, set)
        }
        _ => Err("expected sequence or mapping node".into()),
    }
}

/// Sets a text in a map.
pub(super) fn set_entry(value: &mut Value, key: &str, text: &str) -> Result<()> {
    match value {
        Value::Object(map) => {
            map.insert(key.into(), text.into());
            Ok(())
        }
        other => Err(wrong_kind("MappingNode", other)),
    }
}

/// Sets a scalar.
pub(super) fn set_scalar(value: &mut Value, new: Value) -> Result<()> {
    if value.is_object() || value.is_array() {
        return Err(wrong_kind("ScalarNode", value));
    }
    *value = new;
    Ok(())
}

fn wrong_kind(expected: &str, value: &Value) -> String {
    let kind = match value {
        Value::Object(_) => "MappingNode",
        Value::Array(_) => "SequenceNode",
        _ => "ScalarNode",
    };
    let text = crate::printers::yaml::to_string(value);
    format!("wrong node kind: expected {expected} but got {kind}: node contents:\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_go_through_lists_and_make_maps() {
        let mut object = json!({"kind": "X", "spec": {"containers": [{"image": "a"}, {}]}});
        let spec = |path: &str| FieldSpec { path: path.into(), create: true, ..FieldSpec::default() };
        let mut images = Vec::new();
        visit(&mut object, &spec("spec/containers[]/image"), Create::Nothing, &mut |image| {
            images.push(image.clone());
            Ok(())
        })
        .expect("a path that fits");
        assert_eq!(images, [json!("a")]);
        visit(&mut object, &spec("metadata/labels"), Create::Mapping, &mut |map| set_entry(map, "a", "b"))
            .expect("a path that fits");
        assert_eq!(object["metadata"], json!({"labels": {"a": "b"}}));
    }

    #[test]
    fn slashes_can_be_escaped() {
        assert_eq!(split(r"metadata/annotations/a.io\/b", '/'), ["metadata", "annotations", "a.io/b"]);
        assert_eq!(split("/a/b", '/'), ["a", "b"]);
    }
}
