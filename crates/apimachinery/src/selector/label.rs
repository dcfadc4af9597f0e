//! Label selectors, in all three of their forms.
//!
//! Upstream: `k8s.io/apimachinery/pkg/labels/selector.go`, `meta/v1/helpers.go`.

use std::fmt;

use serde_json::Value;

use super::{Operator, Requirement, SelectorError, parser};

/// Which objects are meant, by their labels. The default one means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
    nothing: bool,
}

impl LabelSelector {
    /// The selector that matches every object.
    pub fn everything() -> Self {
        Self::default()
    }

    /// The selector that matches no object.
    pub fn nothing() -> Self {
        Self { requirements: Vec::new(), nothing: true }
    }

    /// Parses what `-l` takes: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        Ok(Self::of(parser::parse(text)?))
    }

    /// Reads a `metav1.LabelSelector` (`matchLabels`, `matchExpressions`). Null matches nothing, `{}` everything.
    pub fn from_json(selector: &Value) -> Result<Self, SelectorError> {
        if selector.is_null() {
            return Ok(Self::nothing());
        }
        let mut requirements = Vec::new();
        for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().unwrap_or("").to_string();
            requirements.push(Requirement::new(key, Operator::Equals, vec![value])?);
        }
        for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| expression.get(key).and_then(Value::as_str).unwrap_or("");
            let operator = match text("operator") {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    let other = crate::go::quote(other);
                    return Err(SelectorError::new(format!("{other} is not a valid label selector operator")));
                }
            };
            let values = expression.get("values").and_then(Value::as_array).into_iter().flatten();
            let values = values.filter_map(Value::as_str).map(str::to_string).collect();
            requirements.push(Requirement::new(text("key"), operator, values)?);
        }
        Ok(Self::of(requirements))
    }

    /// Reads a map of labels, as Services and ReplicationControllers have one. None at all matches everything:
    /// a Service without a selector has no endpoints of its own, which its controller must know.
    pub fn from_map(labels: &Value) -> Self {
        let equals = |(key, value): (&String, &Value)| Requirement {
            key: key.clone(),
            operator: Operator::Equals,
            values: vec![value.as_str().unwrap_or("").to_string()],
        };
        Self::of(labels.as_object().into_iter().flatten().map(equals).collect())
    }

    fn of(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Self { requirements, nothing: false }
    }

    /// The requirements, sorted by key.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether every object matches.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty() && !self.nothing
    }

    /// Whether an object with these labels (`metadata.labels`) is meant.
    pub fn matches(&self, labels: Option<&Value>) -> bool {
        let value = |key: &str| labels.and_then(|l| l.get(key)).and_then(Value::as_str);
        !self.nothing && self.requirements.iter().all(|r| r.matches(value(&r.key)))
    }

    /// Whether this object's labels match.
    pub fn matches_object(&self, object: &Value) -> bool {
        self.matches(crate::meta::get(object, &["metadata", "labels"]))
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.requirements.iter().map(Requirement::to_string).collect();
        f.write_str(&texts.join(","))
    }
}

/// A `metav1.LabelSelector` for people: `app=demo,tier in (a,b)`, `<none>`, or `<error>`.
pub fn format_label_selector(selector: &Value) -> String {
    match LabelSelector::from_json(selector) {
        Err(_) => "<error>".to_string(),
        Ok(s) if s.requirements.is_empty() => "<none>".to_string(),
        Ok(s) => s.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn selects(text: &str, labels: Value) -> bool {
        LabelSelector::parse(text).expect("parses").matches(Some(&labels))
    }

    #[test]
    fn selectors_print_sorted_and_in_their_own_spelling() {
        for (text, printed) in [
            ("", ""),
            ("x=a,y=b,z=c", "x=a,y=b,z=c"),
            ("z,!y , x==a", "x==a,!y,z"),
            ("x!=a", "x!=a"),
            ("x=", "x="),
            ("x= ,z= ", "x=,z="),
            ("x in (foo,,baz),y,z notin ()", "x in (,baz,foo),y,z notin ()"),
            ("x in (,)", "x in ()"),
            ("x notin (b, a)", "x notin (a,b)"),
            ("x>1,z <5", "x>1,z<5"),
            ("in in (in, notin)", "in in (in,notin)"),
            ("example.com/a=b", "example.com/a=b"),
        ] {
            assert_eq!(LabelSelector::parse(text).map(|s| s.to_string()), Ok(printed.to_string()), "{text}");
        }
    }

    #[test]
    fn selectors_match() {
        assert!(selects("", json!({"x": "y"})));
        assert!(selects("x=y", json!({"x": "y", "z": "w"})));
        assert!(!selects("x=y", json!({"x": "z"})));
        assert!(selects("x!=y", json!({})));
        assert!(selects("x in (a,b),!c", json!({"x": "b"})));
        assert!(!selects("x notin (a,b)", json!({"x": "b"})));
        assert!(selects("x>1,x<3", json!({"x": "2"})));
        assert!(!selects("x>1", json!({"x": "two"})));
        assert!(!LabelSelector::nothing().matches(Some(&json!({}))));
        assert!(LabelSelector::from_map(&json!({"a": "b"})).matches(Some(&json!({"a": "b"}))));
        assert!(!LabelSelector::from_map(&json!({"a": "b"})).matches(None));
    }

    #[test]
    fn selectors_of_objects() {
        let text = |v: Value| format_label_selector(&v);
        assert_eq!(text(json!({"matchLabels": {"b": "c", "a": "b"}})), "a=b,b=c");
        assert_eq!(
            text(json!({"matchExpressions": [
                {"key": "t", "operator": "NotIn", "values": ["y", "x"]}, {"key": "e", "operator": "Exists"}
            ]})),
            "e,t notin (x,y)"
        );
        assert_eq!(text(json!({})), "<none>");
        assert_eq!(text(Value::Null), "<none>");
        assert_eq!(text(json!({"matchExpressions": [{"key": "t", "operator": "Like"}]})), "<error>");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[ -~]{0,40}|[ab!=<>(),in ]{0,20}") {
            let _ = LabelSelector::parse(&text);
        }

        #[test]
        fn what_is_printed_parses_to_the_same(text in "(!?[a-c]|[a-c](=|==|!=)[x-z]?|[a-c] (in|notin) \\([x-z]?(,[x-z]?){0,2}\\))(,[a-c])?") {
            let selector = LabelSelector::parse(&text).expect("parses");
            prop_assert_eq!(LabelSelector::parse(&selector.to_string()), Ok(selector));
        }
    }
}
