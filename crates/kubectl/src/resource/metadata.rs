//! What an object's metadata must look like to be read at all (cli-runtime: resource/metadata_decoder.go).

use serde_json::Value;

/// Why the metadata cannot be decoded, in the words of Go's encoding/json.
pub(super) fn check(object: &Value) -> Result<(), String> {
    let wrong = |value: &Value, place: &str, kind: &str| {
        Err(format!("json: cannot unmarshal {} into Go struct field {place} of type {kind}", json_type(value)))
    };
    let metadata = match object.get("metadata") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(metadata)) => metadata,
        Some(other) => return wrong(other, "metadataOnlyObject.metadata", "v1.ObjectMeta"),
    };
    for (key, value) in metadata.iter().filter(|(_, value)| !value.is_null()) {
        let place = format!("ObjectMeta.metadata.{key}");
        match (key.as_str(), value) {
            ("name" | "generateName" | "namespace" | "selfLink" | "uid" | "resourceVersion", value)
                if !value.is_string() =>
            {
                return wrong(value, &place, "string");
            }
            ("labels" | "annotations", Value::Object(pairs)) => {
                if let Some(value) = pairs.values().find(|value| !value.is_string() && !value.is_null()) {
                    return wrong(value, &place, "string");
                }
            }
            ("labels" | "annotations", value) => return wrong(value, &place, "map[string]string"),
            ("finalizers", value) if !value.is_array() => return wrong(value, &place, "[]string"),
            ("generation", value) if !value.is_i64() => return wrong(value, &place, "int64"),
            _ => {}
        }
    }
    Ok(())
}

/// encoding/json's word for a value's type.
pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Null => "null",
    }
}
