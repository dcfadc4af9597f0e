//! Which labels a selector matches: `metav1.LabelSelector`, the older maps of Services, and the terms of node selectors.

use apimachinery::selector::{LabelSelector, Operator, Requirement};
use serde_json::Value;

/// Whether a `metav1.LabelSelector` matches labels. An absent selector matches nothing, an empty one everything, an invalid one
/// nothing.
pub fn matches(selector: &Value, labels: &Value) -> bool {
    LabelSelector::from_json(selector).is_ok_and(|selector| selector.matches(Some(labels)))
}

/// Whether labels hold all pairs of a map (`spec.selector` of a Service).
pub fn matches_map(map: &Value, labels: &Value) -> bool {
    map.as_object().is_none_or(|map| map.iter().all(|(key, value)| labels.get(key) == Some(value)))
}

/// Whether one expression of a node selector (`key`, `operator`, `values`) holds for the value that the key has.
pub fn node_expression_matches(expression: &Value, value: Option<&str>) -> bool {
    let operator = match expression["operator"].as_str() {
        Some("In") => Operator::In,
        Some("NotIn") => Operator::NotIn,
        Some("Exists") => Operator::Exists,
        Some("DoesNotExist") => Operator::DoesNotExist,
        Some("Gt") => Operator::GreaterThan,
        Some("Lt") => Operator::LessThan,
        _ => return false,
    };
    let values =
        expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let key = expression["key"].as_str().unwrap_or_default().to_owned();
    Requirement { key, operator, values }.matches(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_match_labels() {
        let labels = json!({"app": "web", "tier": "2"});
        assert!(matches(&json!({"matchLabels": {"app": "web"}}), &labels));
        assert!(!matches(&json!({"matchLabels": {"app": "api"}}), &labels));
        assert!(matches(&json!({}), &labels));
        assert!(!matches(&Value::Null, &labels));
        assert!(matches_map(&json!({"app": "web"}), &labels));
        assert!(!matches_map(&json!({"app": "web", "no": "x"}), &labels));
    }

    #[test]
    fn node_expressions_compare_numbers_too() {
        let expression = |operator: &str, value: &str| json!({"key": "cores", "operator": operator, "values": [value]});
        assert!(node_expression_matches(&expression("Gt", "4"), Some("8")));
        assert!(!node_expression_matches(&expression("Lt", "4"), Some("8")));
        assert!(node_expression_matches(&expression("NotIn", "4"), None));
    }
}
