//! From the JSON of a kustomization file to its fields, with the mistakes that Go's decoder finds: names are told apart
//! without regard to case, unknown ones are an error (encoding/json with `DisallowUnknownFields`).

use super::Result;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

type Fields = Vec<(&'static str, &'static str)>;

static TYPES: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    let mut types: HashMap<&'static str, Fields> = HashMap::new();
    let mut current = "";
    for line in include_str!("data/types.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ").and_then(|field| field.split_once(' ')) {
            Some(field) => types.entry(current).or_default().push(field),
            None => current = line,
        }
    }
    types
});

/// The fields of a type with their own names, without nulls; the first mistake if there are any.
pub(super) fn decode(value: &Value, type_: &'static str) -> Result<Map<String, Value>> {
    let mut decoder = Decoder { path: Vec::new(), holder: type_, mistake: None };
    let decoded = decoder.value(value, type_);
    match (decoder.mistake, decoded) {
        (Some(mistake), _) => Err(format!("json: {mistake}")),
        (None, Some(Value::Object(map))) => Ok(map),
        _ => Ok(Map::new()),
    }
}

struct Decoder {
    path: Vec<&'static str>,
    /// The type whose field is being read.
    holder: &'static str,
    mistake: Option<String>,
}

impl Decoder {
    fn note(&mut self, mistake: String) -> Option<Value> {
        self.mistake.get_or_insert(mistake);
        None
    }

    fn wrong(&mut self, value: &Value, type_: &str) -> Option<Value> {
        let is = match value {
            Value::String(_) => "string",
            Value::Number(number) if type_.starts_with("int") => {
                return self.wrong_text(&format!("number {number}"), type_);
            }
            Value::Number(_) => "number",
            Value::Bool(_) => "bool",
            Value::Array(_) => "array",
            _ => "object",
        };
        self.wrong_text(is, type_)
    }

    fn wrong_text(&mut self, is: &str, type_: &str) -> Option<Value> {
        let type_ = go_type(type_);
        let text = if self.path.is_empty() {
            format!("cannot unmarshal {is} into Go value of type {type_}")
        } else {
            let path = self.path.join(".");
            format!("cannot unmarshal {is} into Go struct field {}.{path} of type {type_}", self.holder)
        };
        self.note(text)
    }

    fn value(&mut self, value: &Value, type_: &'static str) -> Option<Value> {
        if let Some(item) = type_.strip_prefix("[]") {
            let Value::Array(items) = value else { return self.wrong(value, type_) };
            let empty = |item: &str| if TYPES.contains_key(item) { Value::Object(Map::new()) } else { "".into() };
            let mut read = Vec::new();
            for found in items {
                read.push(if found.is_null() { empty(item) } else { self.value(found, item).unwrap_or_default() });
            }
            return Some(Value::Array(read));
        }
        match (type_, value) {
            ("any", any) => Some(any.clone()),
            ("bool", Value::Bool(_)) => Some(value.clone()),
            ("int" | "int64", Value::Number(number)) if number.is_i64() => Some(value.clone()),
            ("{}", Value::Object(map)) => {
                let mut read = Map::new();
                for (key, text) in map {
                    match text {
                        Value::String(_) => drop(read.insert(key.clone(), text.clone())),
                        Value::Null => drop(read.insert(key.clone(), "".into())),
                        other => drop(self.wrong(other, "string")),
                    }
                }
                Some(Value::Object(read))
            }
            ("string" | "PatchStrategicMerge" | "SortOrder", Value::String(_)) => Some(value.clone()),
            (_, Value::Object(map)) if TYPES.contains_key(type_) => Some(self.fields(map, type_)),
            _ => self.wrong(value, type_),
        }
    }

    fn fields(&mut self, map: &Map<String, Value>, type_: &'static str) -> Value {
        let holder = std::mem::replace(&mut self.holder, type_);
        let fields = &TYPES[type_];
        let mut read = Map::new();
        for (key, value) in map {
            let own = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
            let exact = fields.iter().find(|(path, _)| own(path) == key);
            let alike = || fields.iter().find(|(path, _)| own(path).eq_ignore_ascii_case(key));
            let Some((path, of)) = exact.or_else(alike) else {
                self.note(format!("unknown field {}", crate::text::quote(key)));
                continue;
            };
            if value.is_null() {
                continue;
            }
            self.path.push(path);
            let found = self.value(value, of);
            self.path.pop();
            if let Some(found) = found {
                read.insert(own(path).to_string(), found);
            }
        }
        self.holder = holder;
        Value::Object(read)
    }
}

/// A type's name as Go prints it.
fn go_type(type_: &str) -> String {
    match type_.strip_prefix("[]") {
        Some(item) => format!("[]{}", go_type(item)),
        None if type_ == "{}" => "map[string]string".into(),
        None if type_.starts_with(char::is_uppercase) => format!("types.{type_}"),
        None => type_.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mistakes_read_as_in_go() {
        for (value, mistake) in [
            (json!({"foo": 1}), "json: unknown field \"foo\""),
            (
                json!({"resources": 1}),
                "json: cannot unmarshal number into Go struct field Kustomization.resources of type []string",
            ),
        ] {
            assert_eq!(decode(&value, "Kustomization"), Err(mistake.to_string()));
        }
        let read = decode(&json!({"Resources": ["a"], "namespace": null}), "Kustomization");
        assert_eq!(read.map(Value::Object), Ok(json!({"resources": ["a"]})));
    }
}
