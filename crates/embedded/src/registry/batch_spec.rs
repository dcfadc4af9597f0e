//! The spec of Jobs, which CronJobs have as a template (kubernetes: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation).

use apimachinery::{
    field::{FieldError, Path},
    selector::LabelSelector,
};
use serde_json::{Value, json};

use super::{
    fields::{default, text},
    pod_spec,
    workload_validation::{not_negative, validate_pod_template},
};

/// `SetDefaults_Job`.
pub(super) fn set_defaults(spec: &mut Value) {
    if spec["completions"].is_null() && spec["parallelism"].is_null() {
        spec["completions"] = json!(1);
    }
    default(spec, "parallelism", 1);
    let per_index = !spec["backoffLimitPerIndex"].is_null();
    default(spec, "backoffLimit", if per_index { i64::from(i32::MAX) } else { 6 });
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    default(spec, "manualSelector", false);
    let policy = if spec["podFailurePolicy"].is_null() { "TerminatingOrFailed" } else { "Failed" };
    default(spec, "podReplacementPolicy", policy);
    pod_spec::set_defaults(&mut spec["template"]["spec"]);
}

/// `ValidateJobSpec`, without the selector.
pub(super) fn validate(spec: &Value, selector: &LabelSelector, path: &Path) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        errors.extend(not_negative(&spec[field], &path.child(field)));
    }
    let mode = text(&spec["completionMode"]);
    if mode == "Indexed" && spec["completions"].is_null() {
        let detail = "when completion mode is Indexed";
        errors.push(FieldError::required(&path.child("completions"), detail));
    } else if !matches!(mode, "" | "Indexed" | "NonIndexed") {
        let modes = &["Indexed", "NonIndexed"];
        errors.push(FieldError::not_supported(&path.child("completionMode"), mode, modes));
    }
    errors.extend(validate_pod_template(&spec["template"], selector, &path.child("template")));
    if !matches!(text(&spec["template"]["spec"]["restartPolicy"]), "OnFailure" | "Never") {
        let path = path.child("template").child("spec").child("restartPolicy");
        errors.push(FieldError::required(&path, "valid values: \"OnFailure\", \"Never\""));
    }
    errors
}
