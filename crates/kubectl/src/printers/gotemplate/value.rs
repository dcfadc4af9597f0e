//! What templates compute with: JSON, whose numbers are floats as `encoding/json` decodes them, and Go's constants.

use serde_json::Value;

/// A value in a template.
#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    /// A part of the object.
    Json(&'a Value),
    /// A constant, or what a function returned.
    Int(i64),
    Float(f64),
    Text(String),
    Bool(bool),
    /// `nil`, a missing key, a null.
    None,
}

impl<'a> Val<'a> {
    /// Simplest form: JSON scalars become themselves.
    pub(super) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Val::None,
            Value::Bool(flag) => Val::Bool(*flag),
            Value::Number(number) => Val::Float(number.as_f64().unwrap_or_default()),
            Value::String(text) => Val::Text(text.clone()),
            list_or_map => Val::Json(list_or_map),
        }
    }

    /// text/template's truth.
    pub(super) fn truth(&self) -> bool {
        match self {
            Val::Json(value) => match value {
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty(),
                _ => false,
            },
            Val::Int(n) => *n != 0,
            Val::Float(x) => *x != 0.0,
            Val::Text(text) => !text.is_empty(),
            Val::Bool(flag) => *flag,
            Val::None => false,
        }
    }

    /// `fmt.Fprint` of it; nothing is `<no value>`.
    pub(super) fn print(&self) -> String {
        match self {
            Val::None => "<no value>".into(),
            other => other.display(),
        }
    }

    /// `fmt.Sprint` of it; nothing is `<nil>`.
    pub(super) fn display(&self) -> String {
        match self {
            Val::Json(value) => crate::text::display(&floats(value)),
            Val::Int(n) => n.to_string(),
            Val::Float(x) => apimachinery::go::float(*x),
            Val::Text(text) => text.clone(),
            Val::Bool(flag) => flag.to_string(),
            Val::None => "<nil>".into(),
        }
    }

    /// The Go type, for error messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Json(Value::Array(_)) => "[]interface {}",
            Val::Json(_) => "map[string]interface {}",
            Val::Int(_) => "int",
            Val::Float(_) => "float64",
            Val::Text(_) => "string",
            Val::Bool(_) => "bool",
            Val::None => "nil",
        }
    }
}

/// All numbers as floats, the way `encoding/json` decodes into `interface{}`.
pub(super) fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            serde_json::Number::from_f64(number.as_f64().unwrap_or_default()).map_or(Value::Null, Value::Number)
        }
        Value::Array(items) => items.iter().map(floats).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), floats(v))).collect()),
        other => other.clone(),
    }
}
