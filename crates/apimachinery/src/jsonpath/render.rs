//! Results to text (upstream's `PrintResults`).

use serde_json::Value;

use super::eval::Item;
use crate::go;

/// Appends what one action found.
pub(super) fn results(results: &[Item<'_>], as_json: bool, out: &mut String) {
    if as_json {
        let list = results.iter().map(|item| item.value().cloned().unwrap_or_default()).collect();
        out.push_str(&go::json_indent(&Value::Array(list), "    "));
        out.push('\n');
        return;
    }
    for (i, item) in results.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(&match item.value() {
            None => "<no value>".to_string(),
            Some(Value::Null) => "null".to_string(),
            Some(value @ (Value::Array(_) | Value::Object(_))) => go::json(value),
            Some(scalar) => go::print(scalar),
        });
    }
}
