//! Small pieces of Go's text formatting.

pub use apimachinery::go::{print as display, quote};

use serde_json::Value;

/// Go's `%#v` of a decoded JSON value (`map[string]interface {}{"a":1}`).
pub fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::String(text) => quote(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{}:{}", quote(k), go_syntax(v))).collect();
            format!("map[string]interface {{}}{{{}}}", pairs.join(", "))
        }
        plain => display(plain),
    }
}

/// A warning's line, without its end; with colours, the word before it is yellow (cli-runtime: printers/warningprinter.go).
pub fn warning(text: &str, color: bool) -> String {
    if color { format!("\u{1b}[33;1mWarning:\u{1b}[0m {text}") } else { format!("Warning: {text}") }
}
