//! Decodes objects as the API server does into its Go structs, and encodes them as those structs print: unknown fields go (and
//! are told), types are checked, what is empty is omitted or not, field by field (`data/schema.txt`, made by `scripts/schema`).
//!
//! Upstream: sigs.k8s.io/json, k8s.io/apimachinery/pkg/runtime/serializer/json.

mod protobuf;
mod schema;

use serde_json::{Map, Number, Value, json};

pub use protobuf::decode;
use schema::{Field, SCHEMA, Type, short};

/// What went wrong, or merely not quite right, while an object was decoded.
#[derive(Debug, Default)]
pub struct Problems {
    /// Errors for strict readers: `unknown field "spec.replcas"`.
    pub strict: Vec<String>,
}

/// Brings an object into the shape in which the server stores it. `name` is a Go struct such as `apps/v1.Deployment`; an unknown
/// one leaves the object as it is. The error is the decoder's text.
pub fn normalize(name: &str, object: &mut Value, problems: &mut Problems) -> Result<(), String> {
    match SCHEMA.get_key_value(name) {
        Some((name, fields)) => {
            let mut walk = Walk { path: Vec::new(), problems };
            walk.structure(short(name), fields, object)
        }
        None => Ok(()),
    }
}

/// Fills in what the kind's encoding always has, such as an empty `spec`.
pub fn fill(name: &str, object: &mut Value) {
    // An object that was just made by the server has no field of a wrong type; if it had, it would be sent as it is.
    let _ = normalize(name, object, &mut Problems::default());
}

struct Walk<'a> {
    /// Field names and indices on the way here; indices are strings like `[0]`.
    path: Vec<String>,
    problems: &'a mut Problems,
}

impl Walk<'_> {
    fn structure(&mut self, name: &'static str, fields: &'static [Field], value: &mut Value) -> Result<(), String> {
        if value.is_null() {
            *value = json!({});
        }
        let Value::Object(map) = value else {
            return Err(format!("json: cannot unmarshal {} into Go value of type {name}", word(value)));
        };
        let mut given = std::mem::take(map);
        for field in fields.iter().filter(|field| !field.is_inline()) {
            self.path.push(field.name.to_owned());
            let mut value = given.remove(field.name).unwrap_or(Value::Null);
            self.value(name, &field.kind, &mut value)?;
            self.path.pop();
            if !omitted(field, &value) {
                map.insert(field.name.to_owned(), value);
            }
        }
        for unknown in given.keys() {
            let path = self.path_to(unknown);
            self.problems.strict.push(format!("unknown field \"{path}\""));
        }
        Ok(())
    }

    fn value(&mut self, owner: &str, kind: &'static Type, value: &mut Value) -> Result<(), String> {
        if value.is_null() {
            *value = zero(kind);
            if !matches!(kind, Type::Struct(_)) {
                return Ok(());
            }
        }
        match kind {
            Type::Pointer(inner) => self.value(owner, inner, value),
            Type::Struct(name) => match SCHEMA.get(name) {
                Some(_) if !value.is_object() => Err(self.mismatch(owner, value, &go_type(name))),
                Some(fields) => self.structure(short(name), fields, value),
                None => Ok(()),
            },
            Type::List(item) => {
                let Value::Array(items) = value else {
                    return Err(self.mismatch(owner, value, &format!("[]{}", go_name(item))));
                };
                for (index, value) in items.iter_mut().enumerate() {
                    self.path.push(format!("[{index}]"));
                    self.value(owner, item, value)?;
                    self.path.pop();
                }
                Ok(())
            }
            Type::Map(item) => {
                let Value::Object(entries) = value else {
                    return Err(self.mismatch(owner, value, &format!("map[string]{}", go_name(item))));
                };
                for (key, value) in entries.iter_mut() {
                    self.path.push(key.clone());
                    self.value(owner, item, value)?;
                    self.path.pop();
                }
                Ok(())
            }
            scalar => self.scalar(owner, scalar, value),
        }
    }

    fn scalar(&self, owner: &str, kind: &Type, value: &mut Value) -> Result<(), String> {
        match (kind, &*value) {
            (Type::String, Value::String(_)) | (Type::Bool, Value::Bool(_)) | (Type::Any, _) => Ok(()),
            (Type::Float, Value::Number(_)) => Ok(()),
            (Type::Integer { min, max, .. }, Value::Number(number)) => {
                // A number like 1.0 or 1e3 is an integer to sigs.k8s.io/json when nothing is lost.
                let whole = number.as_i64().or_else(|| number.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64));
                match whole.filter(|whole| (*min..=*max).contains(whole)) {
                    Some(whole) => {
                        *value = Value::Number(Number::from(whole));
                        Ok(())
                    }
                    None => Err(self.mismatch_text(owner, &format!("number {number}"), &go_name(kind))),
                }
            }
            (Type::Bytes, Value::String(text)) => {
                use base64::Engine as _;
                let decoded = base64::engine::general_purpose::STANDARD.decode(text.replace(['\r', '\n'], ""));
                decoded.map(|_| ()).map_err(|error| match error {
                    base64::DecodeError::InvalidByte(at, _) => {
                        format!("illegal base64 data at input byte {at}")
                    }
                    _ => format!("illegal base64 data at input byte {}", text.len() / 4 * 4),
                })
            }
            (Type::Time, Value::String(text)) => {
                let at: jiff::Timestamp = text.parse().map_err(|_| {
                    format!(
                        "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
                    )
                })?;
                *value = Value::String(crate::clock::rfc3339(at));
                Ok(())
            }
            (Type::Text { .. }, Value::String(_)) => Ok(()),
            (Type::IntOrString, Value::String(_) | Value::Number(_)) => Ok(()),
            (Type::Quantity, Value::String(_) | Value::Number(_)) => self.quantity(value),
            _ => Err(self.mismatch(owner, value, &go_name(kind))),
        }
    }

    /// Quantities are stored in their canonical form: `0.5` cores are `500m`.
    fn quantity(&self, value: &mut Value) -> Result<(), String> {
        let text = match &*value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        *value = Value::String(canonical_quantity(&text)?);
        Ok(())
    }

    fn mismatch(&self, owner: &str, value: &Value, go: &str) -> String {
        self.mismatch_text(owner, word(value), go)
    }

    fn mismatch_text(&self, owner: &str, what: &str, go: &str) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).filter(|part| !part.starts_with('[')).collect();
        format!("json: cannot unmarshal {what} into Go struct field {owner}.{} of type {go}", path.join("."))
    }

    fn path_to(&self, field: &str) -> String {
        let mut text = String::new();
        for part in self.path.iter().map(String::as_str).chain([field]) {
            if !text.is_empty() && !part.starts_with('[') {
                text.push('.');
            }
            text.push_str(part);
        }
        text
    }
}

fn omitted(field: &Field, value: &Value) -> bool {
    if field.omit_zero && (value.is_null() || value.as_object().is_some_and(Map::is_empty)) {
        return true;
    }
    if !field.omit_empty {
        return false;
    }
    match (&field.kind, value) {
        // A pointer to something empty is not empty; neither is a struct.
        (Type::Pointer(_), value) => value.is_null(),
        (Type::Struct(_) | Type::Time | Type::Text { .. } | Type::Quantity | Type::IntOrString, _) => false,
        (_, Value::Null | Value::Bool(false)) => true,
        (_, Value::String(text)) => text.is_empty(),
        (_, Value::Array(items)) => items.is_empty(),
        (_, Value::Object(map)) => map.is_empty(),
        (_, Value::Number(number)) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

fn zero(kind: &Type) -> Value {
    match kind {
        Type::String => json!(""),
        Type::Integer { .. } | Type::Float | Type::IntOrString => json!(0),
        Type::Bool => json!(false),
        Type::Quantity => json!("0"),
        Type::Text { go: "v1.Duration" } => json!("0s"),
        Type::Struct(_) => json!({}),
        _ => Value::Null,
    }
}

/// A JSON value as Go's decoder names it.
fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn go_name(kind: &Type) -> String {
    match kind {
        Type::String => "string".to_owned(),
        Type::Integer { go, .. } | Type::Text { go } => (*go).to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Float => "float64".to_owned(),
        Type::Bytes => "[]uint8".to_owned(),
        Type::Time => "v1.Time".to_owned(),
        Type::Quantity => "resource.Quantity".to_owned(),
        Type::IntOrString => "intstr.IntOrString".to_owned(),
        Type::Any => "runtime.RawExtension".to_owned(),
        Type::Pointer(inner) => go_name(inner),
        Type::List(item) => format!("[]{}", go_name(item)),
        Type::Map(item) => format!("map[string]{}", go_name(item)),
        Type::Struct(name) => go_type(name),
    }
}

/// `apps/v1.Deployment` as Go prints it: `v1.Deployment`.
fn go_type(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

fn canonical_quantity(text: &str) -> Result<String, String> {
    const ERROR: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    apimachinery::quantity::Quantity::parse(text).map(|quantity| quantity.to_string()).map_err(|_| ERROR.to_owned())
}
