//! The annotation in which `apply` keeps what was last applied (kubectl: pkg/util/apply.go).

use crate::printers::typed;
use apimachinery::{go, meta};
use serde_json::{Map, Value};

/// The annotation.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What was last applied to the object (`GetOriginalConfiguration`).
pub(super) fn original(object: &Value) -> Option<&str> {
    meta::annotation(object, LAST_APPLIED)
}

/// The object as text, without the annotation, as it is put into the annotation.
pub(super) fn text(object: &Value) -> String {
    format!("{}\n", go::json(&without(object)))
}

/// The object without the annotation (`GetModifiedConfiguration`).
pub(super) fn without(object: &Value) -> Value {
    let mut object = object.clone();
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(Map::new());
    }
    // Upstream leaves an empty map where there were no annotations.
    match object["metadata"]["annotations"].as_object_mut() {
        Some(annotations) => drop(annotations.remove(LAST_APPLIED)),
        None => object["metadata"]["annotations"] = Value::Object(Map::new()),
    }
    object
}

/// Puts the object into its own annotation (`CreateApplyAnnotation`).
pub(super) fn annotate(object: &mut Value) {
    let text = text(object);
    set(object, text);
}

/// Sets the annotation.
pub(super) fn set(object: &mut Value, text: String) {
    meta::set(object, &["metadata", "annotations", LAST_APPLIED], Value::String(text));
}

/// As [`save_config`], for an object that kubectl makes from flags: upstream writes the Go struct, fields in its order and
/// without an empty map of annotations.
pub(super) fn save_typed_config(save: bool, object: &mut Value) {
    if !save && original(object).is_none_or(str::is_empty) {
        return;
    }
    let mut plain = object.clone();
    if let Some(metadata) = plain["metadata"].as_object_mut() {
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(LAST_APPLIED);
        }
        if metadata.get("annotations").is_some_and(|map| map.as_object().is_none_or(Map::is_empty)) {
            metadata.remove("annotations");
        }
    }
    set(object, format!("{}\n", typed::compact(&plain)));
}

/// With `--save-config`, or where there is an annotation already (`CreateOrUpdateAnnotation`).
pub(super) fn save_config(save: bool, object: &mut Value) {
    if save || original(object).is_some_and(|text| !text.is_empty()) {
        annotate(object);
    }
}
