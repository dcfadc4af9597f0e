//! Strategic merge patches as kustomize applies them (kyaml: yaml/merge2, yaml/walk): new list items come first, and null
//! or `$patch: delete` removes.

use super::id::scalar;
use super::{Result, items};
use apimachinery::schema::{Field, ListType, PatchSchema, Shape};
use serde_json::{Map, Value};

const DIRECTIVE: &str = "$patch";

/// What is known of the type of a value.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The type of a map, or of a list's items.
    schema: Option<PatchSchema>,
    /// How the field merges.
    field: Option<&'static Field>,
}

impl Known {
    fn child(self, name: &str) -> Known {
        if let Some(Field { shape: Shape::Map, schema, .. }) = self.field {
            return Known { schema: Some(*schema), field: None };
        }
        let field = self.schema.and_then(|schema| schema.field(name));
        Known { schema: field.map(|field| field.schema), field }
    }
    fn item(self) -> Known {
        Known { schema: self.schema, field: None }
    }
    /// The keys that tell items apart if lists are merged; no keys for lists of scalars.
    fn merge_keys(self) -> Option<Vec<&'static str>> {
        let field = self.field.filter(|field| field.strategy.merge)?;
        Some(match &field.list_type {
            ListType::Map(keys) => keys.clone(),
            _ if field.merge_key.is_empty() => Vec::new(),
            _ => vec![field.merge_key],
        })
    }
}

/// Applies a patch to an object; nothing is left if the patch deletes it.
pub(super) fn strategic(object: Value, patch: Value) -> Result<Option<Value>> {
    let schema = PatchSchema::for_kind(&scalar(&object["apiVersion"]), &scalar(&object["kind"]));
    merge(Some(object), Some(patch), Known { schema, field: None })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "MappingNode",
        Value::Array(_) => "SequenceNode",
        _ => "ScalarNode",
    }
}

fn merge(dest: Option<Value>, patch: Option<Value>, known: Known) -> Result<Option<Value>> {
    let given = |value: &Option<Value>| value.as_ref().filter(|value| !value.is_null()).map(kind);
    let Some(expected) = given(&dest).or(given(&patch)) else {
        // A null that the patch does not speak of stays.
        return Ok(dest.filter(|_| patch.is_none()));
    };
    if let Some(value) = patch.as_ref().filter(|value| !value.is_null())
        && kind(value) != expected
    {
        let text = crate::printers::yaml::to_string(value);
        return Err(format!("wrong node kind: expected {expected} but got {}: node contents:\n{text}", kind(value)));
    }
    match expected {
        "MappingNode" => merge_maps(dest, patch, known),
        "SequenceNode" => merge_lists(dest, patch, known),
        _ => Ok(patch.or(dest).filter(|value| !value.is_null())),
    }
}

/// Takes a directive out of a map that has one.
fn directive(map: &mut Map<String, Value>) -> Result<&'static str> {
    match map.remove(DIRECTIVE) {
        None => Ok("merge"),
        Some(value) => known_directive(&scalar(&value)),
    }
}

fn known_directive(text: &str) -> Result<&'static str> {
    let known = ["merge", "replace", "delete"].into_iter().find(|known| *known == text);
    known.ok_or_else(|| format!("unknown patch strategy '{text}'"))
}

fn merge_maps(dest: Option<Value>, patch: Option<Value>, known: Known) -> Result<Option<Value>> {
    let mut patch = match patch {
        None => Map::new(),
        Some(Value::Object(map)) => map,
        Some(_) => return Ok(None),
    };
    let is_new = !matches!(dest, Some(Value::Object(_)));
    let written = patch.get(DIRECTIVE).cloned();
    let directive = match (directive(&mut patch), written) {
        // What is no directive is a field like any other where there is nothing to merge it with.
        (Err(_), Some(text)) if is_new => {
            patch.insert(DIRECTIVE.into(), text);
            "merge"
        }
        (directive, _) => directive?,
    };
    let mut dest = match dest {
        _ if directive == "delete" => return Ok(None),
        Some(Value::Object(map)) if directive != "replace" => map,
        // What is new is merged with itself, which removes its nulls.
        _ => patch.clone(),
    };
    let names: std::collections::BTreeSet<String> = dest.keys().chain(patch.keys()).cloned().collect();
    for name in names {
        match merge(dest.remove(&name), patch.remove(&name), known.child(&name))? {
            Some(value) => drop(dest.insert(name, value)),
            None => continue,
        }
    }
    Ok(Some(Value::Object(dest)))
}

fn merge_lists(dest: Option<Value>, patch: Option<Value>, known: Known) -> Result<Option<Value>> {
    let Some(keys) = known.merge_keys() else {
        return Ok(patch.or(dest).filter(|value| !value.is_null()));
    };
    let mut patch = match patch {
        None => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Ok(None),
    };
    let dest = match dest {
        Some(Value::Array(items)) => match list_directive(&mut patch)? {
            "delete" => return Ok(None),
            "replace" => patch.clone(),
            _ => items,
        },
        _ => patch.clone(),
    };
    if keys.is_empty() {
        let mut merged: Vec<Value> = Vec::new();
        for item in patch.into_iter().chain(dest) {
            if !merged.iter().any(|have| scalar(have) == scalar(&item)) {
                merged.push(item);
            }
        }
        return Ok(Some(Value::Array(merged)));
    }
    let item = |dest, patch| merge(dest, patch, known.item());
    items::merge(dest, patch, &keys, &item).map(|items| Some(Value::Array(items)))
}

/// A list item that is nothing but a directive speaks of the whole list.
fn list_directive(items: &mut Vec<Value>) -> Result<&'static str> {
    let alone = |item: &Value| item.as_object().is_some_and(|map| map.len() == 1 && map.contains_key(DIRECTIVE));
    match items.iter().position(alone) {
        None => Ok("merge"),
        Some(at) => known_directive(&scalar(&items.remove(at)[DIRECTIVE])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(spec: Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}})
    }

    fn patched(spec: Value, patch: Value) -> Value {
        let merged = strategic(deployment(spec), deployment(patch)).expect("a patch that fits").expect("an object");
        merged["spec"]["template"]["spec"].clone()
    }

    #[test]
    fn new_items_come_first() {
        let old = json!({"containers": [{"name": "a", "image": "x"}]});
        let patch = json!({"containers": [{"name": "b", "image": "y"}, {"name": "a", "args": ["1"]}]});
        let both = json!({"containers": [{"name": "b", "image": "y"}, {"name": "a", "image": "x", "args": ["1"]}]});
        assert_eq!(patched(old, patch), both);
    }

    #[test]
    fn directives_delete_and_replace() {
        let old = || json!({"containers": [{"name": "a"}, {"name": "b"}], "nodeName": "n"});
        let patch = json!({"containers": [{"name": "a", "$patch": "delete"}], "nodeName": null});
        assert_eq!(patched(old(), patch), json!({"containers": [{"name": "b"}]}));
        let patch = json!({"$patch": "replace", "hostNetwork": true});
        assert_eq!(patched(old(), patch), json!({"hostNetwork": true}));
    }

    #[test]
    fn ports_have_two_keys() {
        let ports = |ports: Value| json!({"containers": [{"name": "a", "ports": ports}]});
        let old = ports(json!([{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 80, "protocol": "UDP"}]));
        let patch = ports(json!([{"containerPort": 80, "protocol": "UDP", "name": "dns"}]));
        let both = ports(json!([
            {"containerPort": 80, "protocol": "TCP"},
            {"containerPort": 80, "protocol": "UDP", "name": "dns"}
        ]));
        assert_eq!(patched(old, patch), both);
    }
}
