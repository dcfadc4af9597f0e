//! What the printers of several resources share (kubernetes: pkg/printers/internalversion/printers.go).

use apimachinery::{duration::human_duration, selector::format_label_selector};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{items, text};

/// Time since a timestamp of an object, as ages are printed.
pub(super) fn since(timestamp: &Value, now: Timestamp) -> String {
    match timestamp.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(then) => human_duration(now.duration_since(then)),
        None => "<unknown>".to_owned(),
    }
}

/// An object's age.
pub(super) fn age(object: &Value, now: Timestamp) -> Value {
    json!(since(&object["metadata"]["creationTimestamp"], now))
}

/// An object's name.
pub(super) fn name(object: &Value) -> Value {
    object["metadata"]["name"].clone()
}

/// A text, or `<none>`.
pub(super) fn or_none(value: &Value) -> Value {
    match text(value) {
        "" => json!("<none>"),
        given => json!(given),
    }
}

/// A number, 0 when it is not there.
pub(super) fn number(value: &Value) -> Value {
    json!(value.as_i64().unwrap_or(0))
}

/// The names and the images of a template's containers, and the selector: the wide columns of workloads.
pub(super) fn workload_cells(spec: &Value) -> [Value; 3] {
    let joined = |field: &str| {
        let all: Vec<&str> = items(&spec["template"]["spec"], "containers").map(|c| text(&c[field])).collect();
        json!(all.join(","))
    };
    [joined("name"), joined("image"), json!(format_label_selector(&spec["selector"]))]
}

/// The first three of a list, and how many more there are; `empty` when there is none.
pub(super) fn first_three(list: &[String], empty: &str) -> String {
    match list {
        [] => empty.to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => format!("{a},{b},{c} + {} more...", rest.len()),
        all => all.join(","),
    }
}

/// `labels.FormatLabels`: a set of labels as text, `<none>` when it is empty.
pub(super) fn format_labels(labels: &Value) -> String {
    let all: Vec<String> =
        labels.as_object().into_iter().flatten().map(|(key, value)| format!("{key}={}", text(value))).collect();
    if all.is_empty() { "<none>".to_owned() } else { all.join(",") }
}
