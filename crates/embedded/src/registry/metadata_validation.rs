//! Validation of metadata (apimachinery: pkg/api/validation/objectmeta.go).

use apimachinery::{
    field::{FieldError, Path},
    names,
};
use serde_json::{Value, json};

use super::fields::{items, text};

/// Most bytes that all annotations of an object may have.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// `ValidateObjectMeta`; `valid_name` are the messages about a name of this kind of object.
pub(super) fn validate(object: &Value, valid_name: fn(&str) -> Vec<String>) -> Vec<FieldError> {
    let metadata = &object["metadata"];
    let path = Path::new("metadata");
    let mut errors = Vec::new();
    let prefix = text(&metadata["generateName"]);
    if !prefix.is_empty() {
        // A trailing dash is fine in a prefix: something follows it.
        let probe = format!("{}a", prefix.trim_end_matches('-'));
        let path = path.child("generateName");
        errors.extend(valid_name(&probe).into_iter().map(|message| FieldError::invalid(&path, prefix, message)));
    }
    let name = text(&metadata["name"]);
    if name.is_empty() {
        errors.push(FieldError::required(&path.child("name"), "name or generateName is required"));
    } else {
        let path = path.child("name");
        errors.extend(valid_name(name).into_iter().map(|message| FieldError::invalid(&path, name, message)));
    }
    errors.extend(labels(&metadata["labels"], &path.child("labels")));
    errors.extend(annotations(&metadata["annotations"], &path.child("annotations")));
    for (index, owner) in items(metadata, "ownerReferences").enumerate() {
        let path = path.child("ownerReferences").index(index);
        for (field, detail) in
            [("kind", "must not be empty"), ("name", "must not be empty"), ("uid", "must not be empty")]
        {
            if text(&owner[field]).is_empty() {
                errors.push(FieldError::invalid(&path.child(field), "", detail));
            }
        }
    }
    errors
}

/// `ValidateObjectMetaUpdate`: what never changes.
pub(super) fn validate_update(new: &Value, old: &Value) -> Vec<FieldError> {
    let path = Path::new("metadata");
    let mut errors = Vec::new();
    for field in ["name", "namespace", "uid", "creationTimestamp"] {
        let (new, old) = (&new["metadata"][field], &old["metadata"][field]);
        if new != old {
            errors.push(FieldError::invalid(&path.child(field), new.clone(), "field is immutable"));
        }
    }
    if !old["metadata"]["deletionTimestamp"].is_null() {
        let old: Vec<&Value> = items(&old["metadata"], "finalizers").collect();
        let added: Vec<&Value> = items(&new["metadata"], "finalizers").filter(|f| !old.contains(f)).collect();
        if !added.is_empty() {
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers {}",
                apimachinery::go::print(&json!(added))
            );
            errors.push(FieldError::forbidden(&path.child("finalizers"), detail));
        }
    }
    errors
}

/// `ValidateLabels`.
pub(super) fn labels(labels: &Value, path: &Path) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in labels.as_object().into_iter().flatten() {
        errors.extend(names::is_qualified_name(key).into_iter().map(|m| FieldError::invalid(path, key.as_str(), m)));
        let value = text(value);
        errors.extend(names::is_valid_label_value(value).into_iter().map(|m| FieldError::invalid(path, value, m)));
    }
    errors
}

fn annotations(annotations: &Value, path: &Path) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        let messages = names::is_qualified_name(&key.to_lowercase());
        errors.extend(messages.into_iter().map(|m| FieldError::invalid(path, key.as_str(), m)));
        size += key.len() + text(value).len();
    }
    if size > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(path, ANNOTATIONS_LIMIT));
    }
    errors
}
