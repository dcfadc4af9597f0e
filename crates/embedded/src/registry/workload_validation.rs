//! Validation that Deployments and ReplicaSets share (kubernetes: pkg/apis/apps/validation/validation.go).

use apimachinery::{
    field::{FieldError, Path},
    selector::LabelSelector,
};
use serde_json::{Value, json};

use super::{fields::text, metadata_validation, pod_validation};

/// Replicas, selector and template.
pub(super) fn validate_spec(spec: &Value) -> Vec<FieldError> {
    let path = Path::new("spec");
    let mut errors = Vec::new();
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        errors.extend(not_negative(&spec[field], &path.child(field)));
    }
    let selector = &spec["selector"];
    let field = path.child("selector");
    if selector.is_null() {
        errors.push(FieldError::required(&field, ""));
    } else if selector.as_object().is_some_and(serde_json::Map::is_empty) {
        errors.push(FieldError::invalid(&field, json!({}), "empty selector is invalid for deployment"));
    } else {
        errors.extend(metadata_validation::labels(&selector["matchLabels"], &field.child("matchLabels")));
    }
    match LabelSelector::from_json(selector) {
        Err(_) => errors.push(FieldError::invalid(&field, selector.clone(), "invalid label selector")),
        Ok(parsed) => errors.extend(validate_template(&spec["template"], &parsed, &path.child("template"))),
    }
    errors
}

/// A template of pods that run for ever.
pub(super) fn validate_template(template: &Value, selector: &LabelSelector, path: &Path) -> Vec<FieldError> {
    let mut errors = validate_pod_template(template, selector, path);
    let policy = text(&template["spec"]["restartPolicy"]);
    if policy != "Always" {
        errors.push(FieldError::not_supported(&path.child("spec").child("restartPolicy"), policy, &["Always"]));
    }
    if !template["spec"]["activeDeadlineSeconds"].is_null() {
        let path = path.child("spec").child("activeDeadlineSeconds");
        errors.push(FieldError::forbidden(&path, "activeDeadlineSeconds in ReplicaSet is not Supported"));
    }
    errors
}

/// Labels that the selector matches, and the pod's spec.
pub(super) fn validate_pod_template(template: &Value, selector: &LabelSelector, path: &Path) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let labels = &template["metadata"]["labels"];
    if !selector.is_empty() && !selector.matches(Some(labels)) {
        let shown = if labels.is_null() { json!({}) } else { labels.clone() };
        let path = path.child("metadata").child("labels");
        errors.push(FieldError::invalid(&path, shown, "`selector` does not match template `labels`"));
    }
    errors.extend(metadata_validation::labels(labels, &path.child("labels")));
    errors.extend(pod_validation::validate_spec(&template["spec"], &path.child("spec")));
    errors
}

/// `ValidateNonnegativeField`.
pub(super) fn not_negative(value: &Value, path: &Path) -> Option<FieldError> {
    let number = value.as_i64().filter(|number| *number < 0)?;
    Some(FieldError::invalid(path, number, "must be greater than or equal to 0"))
}

/// `ValidateImmutableField` of the selector.
pub(super) fn same_selector(new: &Value, old: &Value) -> Option<FieldError> {
    let (new, old) = (&new["spec"]["selector"], &old["spec"]["selector"]);
    let path = Path::new("spec").child("selector");
    (new != old).then(|| FieldError::invalid(&path, new.clone(), "field is immutable"))
}
