//! JSON as Go's encoding/json writes it: sorted keys, `<`, `>` and `&` escaped.

use serde_json::Value;

/// Indented by four spaces, with a newline at the end (`-o json`).
pub fn pretty(value: &Value) -> String {
    let mut text = apimachinery::go::json_indent(value, "    ");
    text.push('\n');
    text
}

/// On one line (`json.Marshal`).
pub fn compact(value: &Value) -> String {
    apimachinery::go::json(value)
}
