//! Where namespaces stand in objects that are sent to the API: data.

use super::names::{Names, SYSTEM};
use super::text;
use serde_json::Value;

/// A text under this key names a namespace: `metadata.namespace`, `subjects[].namespace`, `involvedObject.namespace`,
/// `clientConfig.service.namespace`, `targetRef.namespace`, `parentRefs[].namespace`, `resourceAttributes.namespace`, …
const ONE: &str = "namespace";

/// Texts in a list under this key name namespaces: `podAffinityTerm.namespaces`.
const MANY: &str = "namespaces";

/// The label that every namespace has, with its name: selectors use it.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Below these keys the keys are the author's own: one that is called `namespace` means nothing.
const FREE: &[&str] = &[
    "annotations",
    "binaryData",
    "data",
    "labels",
    "matchLabels",
    "nodeSelector",
    "parameters",
    "selector",
    "stringData",
];

/// Below these keys stand descriptions of objects, not objects.
const SCHEMAS: &[&str] = &["openAPIV3Schema", "managedFields"];

/// Puts real names where the lesson's stand.
pub(super) fn to_real(value: &mut Value, names: &Names) {
    match value {
        Value::Object(map) => {
            if map.get("kind").is_some_and(|kind| kind == "Namespace")
                && let Some(name) = map.get_mut("metadata").and_then(|metadata| metadata.get_mut("name"))
            {
                rename(name, names);
            }
            if is_patch_of_namespace(map)
                && let Some(value) = map.get_mut("value")
            {
                rename(value, names);
            }
            if map.get("key").is_some_and(|key| key == NAME_LABEL)
                && let Some(values) = map.get_mut("values").and_then(Value::as_array_mut)
            {
                values.iter_mut().for_each(|value| rename(value, names));
            }
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    ONE if value.is_string() => rename(value, names),
                    MANY if value.is_array() => {
                        value.as_array_mut().into_iter().flatten().for_each(|value| rename(value, names));
                    }
                    "command" | "args" if value.is_array() => words(value, names),
                    key if FREE.contains(&key) => free(value, names),
                    key if SCHEMAS.contains(&key) => {}
                    _ => to_real(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| to_real(item, names)),
        Value::String(text) => text::to_real(text, names),
        _ => {}
    }
}

/// Texts of the author's: DNS names and user names in them are translated, keys mean nothing.
fn free(value: &mut Value, names: &Names) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if key == NAME_LABEL { rename(value, names) } else { free(value, names) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| free(item, names)),
        Value::String(text) => text::to_real(text, names),
        _ => {}
    }
}

/// What a container runs: hosts stand there without a scheme too.
fn words(words: &mut Value, names: &Names) {
    let Some(words) = words.as_array_mut() else { return };
    let tool = words.first().and_then(Value::as_str).is_some_and(text::is_network_tool);
    for word in words {
        if let Value::String(word) = word {
            *word = text::argument(word, tool, names);
        }
    }
}

/// RFC 6902: `{"op": "replace", "path": "/subjects/0/namespace", "value": "default"}`.
fn is_patch_of_namespace(map: &serde_json::Map<String, Value>) -> bool {
    map.contains_key("op") && map.get("path").and_then(Value::as_str).is_some_and(|path| path.ends_with("/namespace"))
}

fn rename(value: &mut Value, names: &Names) {
    if let Value::String(name) = value
        && !SYSTEM.contains(&name.as_str())
    {
        *name = names.to_real(name).into_owned();
    }
}

/// Whether a body can hold anything to translate; most cannot.
pub(super) fn may_concern(body: &[u8]) -> bool {
    contains(body, b"namespace") || contains(body, b"Namespace") || text::may_concern(body)
}

/// Whether `needle` occurs in `haystack`.
pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
