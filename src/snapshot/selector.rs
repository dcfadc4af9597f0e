//! Label selectors as objects carry them: a map of labels (Service, ReplicationController) or `matchLabels` with
//! `matchExpressions` (everything newer). Upstream: apimachinery `pkg/apis/meta/v1/helpers.go`.

use serde_json::{Map, Value};

/// Does the map of labels `selector` (a Service's `spec.selector`) match these labels? An empty or missing map
/// matches nothing: a Service without selector selects no Pods.
pub fn map_matches(selector: &Value, labels: &Value) -> bool {
    match selector.as_object() {
        Some(wanted) if !wanted.is_empty() => contains(wanted, labels),
        _ => false,
    }
}

/// Does a LabelSelector match these labels? A missing one matches nothing, an empty one matches everything.
pub fn label_selector_matches(selector: &Value, labels: &Value) -> bool {
    let Some(selector) = selector.as_object() else { return false };
    let by_labels = selector.get("matchLabels").and_then(Value::as_object).is_none_or(|m| contains(m, labels));
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    by_labels && expressions.into_iter().flatten().all(|e| expression_matches(e, labels))
}

fn contains(wanted: &Map<String, Value>, labels: &Value) -> bool {
    wanted.iter().all(|(k, v)| labels.get(k) == Some(v))
}

fn expression_matches(expression: &Value, labels: &Value) -> bool {
    let label = expression["key"].as_str().and_then(|key| labels.get(key));
    let listed = || {
        let values = expression["values"].as_array();
        label.is_some_and(|l| values.into_iter().flatten().any(|v| v == l))
    };
    match expression["operator"].as_str() {
        Some("In") => listed(),
        Some("NotIn") => !listed(),
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_service_without_selector_selects_nothing_and_an_empty_label_selector_everything() {
        assert!(!map_matches(&json!(null), &json!({"a": "b"})));
        assert!(!map_matches(&json!({}), &json!({"a": "b"})));
        assert!(map_matches(&json!({"a": "b"}), &json!({"a": "b", "c": "d"})));
        assert!(label_selector_matches(&json!({}), &json!({})));
        assert!(!label_selector_matches(&json!(null), &json!({})));
        let s = json!({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "t", "operator": "NotIn", "values": ["x"]}]});
        assert!(label_selector_matches(&s, &json!({"a": "b"})));
        assert!(!label_selector_matches(&s, &json!({"a": "b", "t": "x"})));
    }
}
