//! Field selectors: `metadata.name=web,status.phase!=Running`.
//!
//! Upstream: `k8s.io/apimachinery/pkg/fields/selector.go`.

use std::fmt;

use super::SelectorError;

/// One requirement of a field selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRequirement {
    /// The field's path, as written: `metadata.name`.
    pub field: String,
    /// Whether the field must have the value (`=`, `==`) or must not (`!=`).
    pub equals: bool,
    /// The value.
    pub value: String,
}

/// Which objects are meant, by their fields. The default one means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSelector(Vec<FieldRequirement>);

impl FieldSelector {
    /// Parses what `--field-selector` takes. `\,`, `\=` and `\\` stand for themselves in a value.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut terms = split_terms(text);
        terms.sort_unstable();
        let mut requirements = Vec::new();
        for term in terms.into_iter().filter(|t| !t.is_empty()) {
            let Some((field, operator, value)) = split_term(term) else {
                return Err(SelectorError::new(format!("invalid selector: '{text}'; can't understand '{term}'")));
            };
            let value = unescape(value)?;
            // Upstream drops a term of which nothing is left.
            if !(field.is_empty() && value.is_empty()) {
                requirements.push(FieldRequirement { field: field.into(), equals: operator != "!=", value });
            }
        }
        Ok(Self(requirements))
    }

    /// The requirements, sorted by their text.
    pub fn requirements(&self) -> &[FieldRequirement] {
        &self.0
    }

    /// Whether every object matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object is meant whose fields have the values that `value_of` tells; an absent field is `""`.
    pub fn matches(&self, value_of: impl Fn(&str) -> Option<String>) -> bool {
        self.0.iter().all(|r| (value_of(&r.field).unwrap_or_default() == r.value) == r.equals)
    }

    /// The value that a field must have, if the selector demands one.
    pub fn requires_exact_match(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|r| r.equals && r.field == field).map(|r| r.value.as_str())
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, r) in self.0.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            let operator = if r.equals { "=" } else { "!=" };
            write!(f, "{comma}{}{operator}{}", r.field, escape(&r.value))?;
        }
        Ok(())
    }
}

/// The parts between commas that no backslash stands before.
fn split_terms(text: &str) -> Vec<&str> {
    let (mut terms, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

/// Splits at the first operator.
fn split_term(term: &str) -> Option<(&str, &str, &str)> {
    term.char_indices().find_map(|(i, _)| {
        let operator = ["!=", "==", "="].into_iter().find(|op| term[i..].starts_with(op))?;
        Some((&term[..i], operator, &term[i + operator.len()..]))
    })
}

fn escape(value: &str) -> String {
    value.replace('\\', r"\\").replace(',', r"\,").replace('=', r"\=")
}

fn unescape(value: &str) -> Result<String, SelectorError> {
    let bad_escape =
        |what: &str| SelectorError::new(format!("invalid field selector: invalid escape sequence: {what}"));
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped @ ('\\' | ',' | '=')) => out.push(escaped),
                Some(other) => return Err(bad_escape(&format!("\\{other}"))),
                None => return Err(bad_escape("\\")),
            },
            ',' | '=' => {
                // Go prints the character as its number here.
                let text = format!("invalid field selector: unescaped character in value: {}", c as u32);
                return Err(SelectorError::new(text));
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn field_selectors_parse_print_and_match() {
        let selector = FieldSelector::parse("status.phase!=Running,metadata.name==web").expect("parses");
        assert_eq!(selector.to_string(), "metadata.name=web,status.phase!=Running");
        let pod = |phase: &'static str| {
            move |field: &str| match field {
                "metadata.name" => Some("web".to_string()),
                "status.phase" => Some(phase.to_string()),
                _ => None,
            }
        };
        assert!(selector.matches(pod("Pending")));
        assert!(!selector.matches(pod("Running")));
        assert_eq!(selector.requires_exact_match("metadata.name"), Some("web"));
        assert!(FieldSelector::parse("").expect("parses").is_empty());
        assert!(FieldSelector::parse("spec.nodeName=").expect("parses").matches(|_| None));
    }

    #[test]
    fn values_may_hold_escaped_characters() {
        let selector = FieldSelector::parse(r"a=b\,c\=d\\").expect("parses");
        assert_eq!(selector.requirements()[0].value, r"b,c=d\");
        assert_eq!(selector.to_string(), r"a=b\,c\=d\\");
    }

    #[test]
    fn errors_are_upstreams() {
        for (text, message) in [
            ("abc", "invalid selector: 'abc'; can't understand 'abc'"),
            ("a=b=c", "invalid field selector: unescaped character in value: 61"),
            (r"a=\x", r"invalid field selector: invalid escape sequence: \x"),
            (r"a=\", r"invalid field selector: invalid escape sequence: \"),
        ] {
            assert_eq!(FieldSelector::parse(text).expect_err("is refused").to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(text in r"([a-c.é]{0,3}(=|==|!=)?(\\[,=\\x]|[a-c,é]){0,4},?){0,3}") {
            if let Ok(selector) = FieldSelector::parse(&text) {
                let again = FieldSelector::parse(&selector.to_string()).expect("what is printed parses");
                // Terms are sorted as they were typed, `==` and all: printed, their order may be another.
                let sorted = |selector: &FieldSelector| {
                    let mut texts: Vec<String> = selector.requirements().iter().map(|r| format!("{r:?}")).collect();
                    texts.sort();
                    texts
                };
                prop_assert_eq!(sorted(&again), sorted(&selector));
            }
        }
    }
}
