//! One requirement of a label selector: a key, an operator, values.

use std::fmt;

use serde_json::Value;

use super::SelectorError;
use crate::field::{self, FieldError, Path};
use crate::names;

/// How a requirement relates the key to the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The label is there and its value is one of the values.
    In,
    /// The label is not there, or its value is none of the values.
    NotIn,
    /// `=`.
    Equals,
    /// `==`, which means the same and prints as it was written.
    DoubleEquals,
    /// The label is not there, or has another value.
    NotEquals,
    /// The label is there and a larger integer.
    GreaterThan,
    /// The label is there and a smaller integer.
    LessThan,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

/// One requirement; a selector is all of its requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How the label must relate to the values.
    pub operator: Operator,
    /// The values, as many as the operator takes.
    pub values: Vec<String>,
}

impl Requirement {
    /// A requirement whose key, number of values and values are checked as upstream's `NewRequirement` does.
    pub fn new(key: &str, operator: Operator, values: Vec<String>) -> Result<Self, SelectorError> {
        let mut errors = Vec::new();
        errors.extend(key_error(key, &Path::new("key")));
        let at = Path::new("values");
        let list = || Value::from(values.clone());
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                // An absent Go slice encodes as null.
                let detail = "for 'in', 'notin' operators, values set can't be empty";
                errors.push(FieldError::invalid(&at, Value::Null, detail));
            }
            Operator::Equals | Operator::DoubleEquals | Operator::NotEquals if values.len() != 1 => {
                errors.push(FieldError::invalid(&at, list(), "exact-match compatibility requires one single value"));
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                errors.push(FieldError::invalid(&at, list(), "values set must be empty for exists and does not exist"));
            }
            Operator::GreaterThan | Operator::LessThan => {
                if values.len() != 1 {
                    let detail = "for 'Gt', 'Lt' operators, exactly one value is required";
                    errors.push(FieldError::invalid(&at, list(), detail));
                }
                for (i, value) in values.iter().enumerate().filter(|(_, v)| v.parse::<i64>().is_err()) {
                    let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                    errors.push(FieldError::invalid(&at.index(i), value.as_str(), detail));
                }
            }
            _ => {}
        }
        for (i, value) in values.iter().enumerate() {
            let wrong = names::is_valid_label_value(value);
            if !wrong.is_empty() {
                errors.push(FieldError::invalid(&at.index(i).key(key), value.as_str(), wrong.join("; ")));
            }
        }
        match field::aggregate(&errors) {
            Some(text) => Err(SelectorError::new(text)),
            None => Ok(Self { key: key.to_string(), operator, values }),
        }
    }

    /// Whether labels with this value of the key (`None`: without the key) meet the requirement.
    pub fn matches(&self, value: Option<&str>) -> bool {
        let has = |value: &str| self.values.iter().any(|v| v == value);
        let number = |text: &str| text.parse::<i64>().ok();
        let wanted = self.values.first().and_then(|v| number(v));
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => value.is_some_and(has),
            Operator::NotIn | Operator::NotEquals => !value.is_some_and(has),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => value.and_then(number).zip(wanted).is_some_and(|(is, than)| is > than),
            Operator::LessThan => value.and_then(number).zip(wanted).is_some_and(|(is, than)| is < than),
        }
    }
}

/// What is wrong with a label's key, if anything is.
pub(super) fn key_error(key: &str, at: &Path) -> Option<FieldError> {
    let wrong = names::is_qualified_name(key);
    (!wrong.is_empty()).then(|| FieldError::invalid(at, key, wrong.join("; ")))
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        let mut sorted = self.values.clone();
        sorted.sort();
        let values = sorted.join(",");
        match self.operator {
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}
