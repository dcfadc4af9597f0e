//! How filters compare (upstream's copy of `text/template`'s functions, `third_party/forked/golang/template/funcs.go`).

use std::cmp::Ordering;

use serde_json::Value;

use super::JsonPathError;

type Result<T> = std::result::Result<T, JsonPathError>;

/// A value of a kind that can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Basic<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
}

fn bad_type<T>() -> Result<T> {
    Err(JsonPathError::new("invalid type for comparison"))
}

fn basic(value: &Value) -> Result<Basic<'_>> {
    match value {
        Value::Bool(b) => Ok(Basic::Bool(*b)),
        Value::Number(n) => Ok(n.as_i64().map_or_else(|| Basic::Float(n.as_f64().unwrap_or(f64::NAN)), Basic::Int)),
        Value::String(s) => Ok(Basic::Text(s)),
        Value::Null | Value::Array(_) | Value::Object(_) => bad_type(),
    }
}

fn incompatible<T>() -> Result<T> {
    Err(JsonPathError::new("incompatible types for comparison"))
}

fn equal(left: Basic<'_>, right: Basic<'_>) -> Result<bool> {
    if std::mem::discriminant(&left) == std::mem::discriminant(&right) { Ok(left == right) } else { incompatible() }
}

fn less(left: Basic<'_>, right: Basic<'_>) -> Result<bool> {
    match (left, right) {
        (Basic::Bool(_), Basic::Bool(_)) => bad_type(),
        (Basic::Int(l), Basic::Int(r)) => Ok(l < r),
        (Basic::Float(l), Basic::Float(r)) => Ok(l.partial_cmp(&r) == Some(Ordering::Less)),
        (Basic::Text(l), Basic::Text(r)) => Ok(l < r),
        _ => incompatible(),
    }
}

/// Whether the comparison holds. An integer and a number with a fraction are of two types, as in Go.
pub(super) fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool> {
    if !matches!(operator, "<" | ">" | "==" | "!=" | "<=" | ">=") {
        return Err(JsonPathError::new(format!("unrecognized filter operator {operator}")));
    }
    let (left, right) = (basic(left)?, basic(right)?);
    match operator {
        "==" => equal(left, right),
        "!=" => equal(left, right).map(|is| !is),
        "<" => less(left, right),
        ">=" => less(left, right).map(|is| !is),
        "<=" => Ok(less(left, right)? || equal(left, right)?),
        _ => Ok(!(less(left, right)? || equal(left, right)?)),
    }
}
