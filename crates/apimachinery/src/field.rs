//! Field errors: what is wrong with which field, in upstream's words.
//!
//! Upstream: `k8s.io/apimachinery/pkg/util/validation/field` (`errors.go`, `path.go`), `util/errors/errors.go`.

use std::fmt;

use serde_json::Value;

use crate::go;

/// The path of a field: `spec.containers[0].image`, `metadata.labels[a/b]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(String);

impl Path {
    /// A path of one field.
    pub fn new(name: &str) -> Self {
        Self(name.to_string())
    }

    /// No path; prints as upstream's nil path.
    pub fn nil() -> Self {
        Self::default()
    }

    /// A field below this one.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self::new(name) } else { Self(format!("{}.{name}", self.0)) }
    }

    /// An item of this list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// A value of this map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "<nil>" } else { &self.0 })
    }
}

/// What kind of thing is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is named and explained by its text, see `ErrorType::text`")]
pub enum ErrorType {
    NotFound,
    Required,
    Duplicate,
    Invalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooShort,
    TooMany,
    TooFew,
    Internal,
    TypeInvalid,
}

impl ErrorType {
    /// The machine-readable reason, as it stands in a Status cause.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "FieldValueNotFound",
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooShort => "FieldValueTooShort",
            Self::TooMany => "FieldValueTooMany",
            Self::TooFew => "FieldValueTooFew",
            Self::Internal => "InternalError",
            Self::TypeInvalid => "FieldValueTypeInvalid",
        }
    }

    /// The words that start the error's text.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Required => "Required value",
            Self::Duplicate => "Duplicate value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooShort => "Too short",
            Self::TooMany => "Too many",
            Self::TooFew => "Too few",
            Self::Internal => "Internal error",
        }
    }

    fn shows_value(self) -> bool {
        !matches!(self, Self::Required | Self::Forbidden | Self::TooLong | Self::TooShort | Self::Internal)
    }
}

/// One thing that is wrong with one field; prints as `spec.replicas: Invalid value: -1: must be …`.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// What kind of thing is wrong.
    pub kind: ErrorType,
    /// The path of the field.
    pub field: String,
    /// The value that is wrong; `None` where the text is not to show one.
    pub bad_value: Option<Value>,
    /// What would be right.
    pub detail: String,
}

impl FieldError {
    fn new(kind: ErrorType, field: &Path, bad_value: Option<Value>, detail: impl Into<String>) -> Self {
        Self { kind, field: field.to_string(), bad_value, detail: detail.into() }
    }

    /// The value is not there: `Not found: "x"`.
    pub fn not_found(field: &Path, value: impl Into<Value>) -> Self {
        Self::new(ErrorType::NotFound, field, Some(value.into()), "")
    }

    /// A value must be given: `Required value`, and the detail if there is one.
    pub fn required(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Required, field, None, detail)
    }

    /// The value collides with another one: `Duplicate value: "x"`.
    pub fn duplicate(field: &Path, value: impl Into<Value>) -> Self {
        Self::new(ErrorType::Duplicate, field, Some(value.into()), "")
    }

    /// The value is malformed: `Invalid value: "x": must be …`.
    pub fn invalid(field: &Path, value: impl Into<Value>, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Invalid, field, Some(value.into()), detail)
    }

    /// The value has the wrong type.
    pub fn type_invalid(field: &Path, value: impl Into<Value>, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::TypeInvalid, field, Some(value.into()), detail)
    }

    /// The value is none of the known ones: `Unsupported value: "x": supported values: "a", "b"`.
    pub fn not_supported(field: &Path, value: impl Into<Value>, valid: &[&str]) -> Self {
        let quoted: Vec<String> = valid.iter().map(|v| go::quote(v)).collect();
        let detail = if valid.is_empty() { String::new() } else { format!("supported values: {}", quoted.join(", ")) };
        Self::new(ErrorType::NotSupported, field, Some(value.into()), detail)
    }

    /// The value may not be given or changed: `Forbidden: field is immutable`.
    pub fn forbidden(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Forbidden, field, None, detail)
    }

    /// The value has too many bytes: `Too long: may not be more than 63 bytes`.
    pub fn too_long(field: &Path, max_bytes: usize) -> Self {
        Self::new(ErrorType::TooLong, field, None, format!("may not be more than {}", count(max_bytes, "byte")))
    }

    /// The value has too few characters.
    pub fn too_short(field: &Path, min_characters: usize) -> Self {
        Self::new(ErrorType::TooShort, field, None, format!("must be at least {}", count(min_characters, "character")))
    }

    /// The list has too many items: `Too many: 3: must have at most 2 items`.
    pub fn too_many(field: &Path, actual: usize, max: usize) -> Self {
        let detail = format!("must have at most {}", count(max, "item"));
        Self::new(ErrorType::TooMany, field, Some(actual.into()), detail)
    }

    /// The list has too few items: `Too few: 0: must have at least 1 item`.
    pub fn too_few(field: &Path, actual: usize, min: usize) -> Self {
        let detail = format!("must have at least {}", count(min, "item"));
        Self::new(ErrorType::TooFew, field, Some(actual.into()), detail)
    }

    /// Something went wrong in the validation itself.
    pub fn internal(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Internal, field, None, detail)
    }

    /// The error's text without the field, as it stands in a Status cause.
    pub fn body(&self) -> String {
        let mut text = self.kind.text().to_string();
        if let (true, Some(value)) = (self.kind.shows_value(), &self.bad_value) {
            text.push_str(": ");
            text.push_str(&match value {
                Value::String(s) => go::quote(s),
                Value::Number(_) | Value::Bool(_) => go::print(value),
                other => go::json(other),
            });
        }
        if !self.detail.is_empty() {
            text.push_str(": ");
            text.push_str(&self.detail);
        }
        text
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

impl std::error::Error for FieldError {}

/// The text of several errors: one stands alone, more become `[a, b]`; the same text is said once.
/// `None` where there is no error.
pub fn aggregate(errors: &[FieldError]) -> Option<String> {
    let mut texts: Vec<String> = Vec::new();
    for error in errors {
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match texts.len() {
        0 => None,
        1 => texts.pop(),
        _ => Some(format!("[{}]", texts.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_read_as_upstreams() {
        let image = Path::new("spec").child("containers").index(0).child("image");
        let labels = Path::new("metadata").child("labels");
        for (error, text) in [
            (FieldError::required(&image, ""), "spec.containers[0].image: Required value"),
            (FieldError::required(&image, "name it"), "spec.containers[0].image: Required value: name it"),
            (FieldError::invalid(&labels.key("a/b"), "x y", "no"), r#"metadata.labels[a/b]: Invalid value: "x y": no"#),
            (FieldError::invalid(&labels, -1, "no"), "metadata.labels: Invalid value: -1: no"),
            (FieldError::invalid(&labels, json!({"a": "b"}), "no"), r#"metadata.labels: Invalid value: {"a":"b"}: no"#),
            (FieldError::invalid(&labels, Value::Null, "no"), "metadata.labels: Invalid value: null: no"),
            (FieldError::invalid(&Path::nil(), "x", "no"), r#"<nil>: Invalid value: "x": no"#),
            (
                FieldError::not_supported(&Path::new("type"), "Foo", &["A", "B"]),
                r#"type: Unsupported value: "Foo": supported values: "A", "B""#,
            ),
            (FieldError::duplicate(&image, "x"), r#"spec.containers[0].image: Duplicate value: "x""#),
            (FieldError::forbidden(&labels, "field is immutable"), "metadata.labels: Forbidden: field is immutable"),
            (FieldError::too_long(&labels, 63), "metadata.labels: Too long: may not be more than 63 bytes"),
            (FieldError::too_many(&labels, 3, 1), "metadata.labels: Too many: 3: must have at most 1 item"),
            (FieldError::not_found(&labels, "v"), r#"metadata.labels: Not found: "v""#),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn several_errors_are_listed_once_each() {
        let (a, b) = (FieldError::required(&Path::new("a"), ""), FieldError::required(&Path::new("b"), ""));
        assert_eq!(aggregate(&[]), None);
        assert_eq!(aggregate(&[a.clone(), a.clone()]).as_deref(), Some("a: Required value"));
        assert_eq!(aggregate(&[a, b]).as_deref(), Some("[a: Required value, b: Required value]"));
    }
}
