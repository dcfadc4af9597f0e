//! The relaxed spelling of a path, as in custom columns and `--sort-by`.

use std::sync::LazyLock;

use regex::Regex;

use super::JsonPathError;

// A constant pattern, which the tests use.
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\{\.?([^{}]+)\}$|^\.?([^{}]+)$").expect("a constant pattern"));

/// Completes a path: `a.b`, `.a.b`, `{a.b}` and `{.a.b}` all become `{.a.b}`
/// (upstream's `RelaxedJSONPathExpression`).
pub fn relaxed(path: &str) -> Result<String, JsonPathError> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let Some(parts) = PATH.captures(path) else {
        return Err(JsonPathError::new(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
        ));
    };
    let fields = parts.get(1).or_else(|| parts.get(2)).map_or("", |m| m.as_str());
    Ok(format!("{{.{fields}}}"))
}
