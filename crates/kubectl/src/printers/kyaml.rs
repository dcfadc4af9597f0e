//! KYAML: YAML with brackets and quotes (sigs.k8s.io/yaml: kyaml/kyaml.go).

use super::typed;
use serde_json::Value;

const FOLD: &str = "\\\n";
const INDENT: &str = "  ";

/// The value as one document, with its separator in front and a newline at its end.
pub fn to_string(value: &Value) -> String {
    render(value, None)
}

/// As [`to_string`], of an object that is typed in upstream: its fields come in Go's order.
pub fn typed(value: &Value) -> String {
    render(value, typed::struct_of(value).as_deref())
}

fn render(value: &Value, kind: Option<&str>) -> String {
    let mut out = String::from("---\n");
    node(value, kind, 0, &mut out);
    out.push('\n');
    out
}

fn node(value: &Value, kind: Option<&str>, indent: usize, out: &mut String) {
    match value {
        Value::String(text) => string(text, indent + 1, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) if items.iter().all(|item| item.is_array() || item.is_object()) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                node(item, kind, indent, out);
            }
            out.push(']');
        }
        Value::Array(items) => {
            out.push_str("[\n");
            for item in items {
                out.push_str(&INDENT.repeat(indent + 1));
                node(item, kind, indent + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&INDENT.repeat(indent));
            out.push(']');
        }
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push_str("{\n");
            for (key, value, kind) in typed::entries(map, kind) {
                out.push_str(&INDENT.repeat(indent + 1));
                if needs_quotes(key) {
                    out.push('"');
                    key.chars().for_each(|c| escape(c, out));
                    out.push('"');
                } else {
                    out.push_str(key);
                }
                out.push_str(": ");
                node(value, kind, indent + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&INDENT.repeat(indent));
            out.push('}');
        }
        plain => out.push_str(&apimachinery::go::json(plain)),
    }
}

/// A string in quotes; one of several lines is folded at each.
fn string(text: &str, indent: usize, out: &mut String) {
    let lines = text.contains('\n');
    out.push('"');
    if lines {
        out.push_str(FOLD);
    }
    for c in text.chars() {
        if out.ends_with('\n') {
            out.push_str(&INDENT.repeat(indent));
            // Space at the start of a line only counts when it is escaped.
            out.push(if c.is_whitespace() && c != '\n' { '\\' } else { ' ' });
        }
        match c {
            '\n' => out.push_str(&format!("\\n{FOLD}")),
            '\t' => out.push('\t'),
            c => escape(c, out),
        }
    }
    if lines {
        if !out.ends_with('\n') {
            out.push_str(FOLD);
        }
        out.push_str(&INDENT.repeat(indent));
    }
    out.push('"');
}

fn escape(c: char, out: &mut String) {
    let escaped = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x0b' => "\\v",
        '\0' => "\\0",
        '\x1b' => "\\e",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c => {
            let quoted = apimachinery::go::quote(&c.to_string());
            out.push_str(quoted.trim_matches('"'));
            return;
        }
    };
    out.push_str(escaped);
}

/// Whether a key could be read as something else than a string, or as no plain word.
fn needs_quotes(key: &str) -> bool {
    if key.is_empty() || could_be_another_type(key) {
        return true;
    }
    let last = key.chars().count() - 1;
    let plain = |(at, c): (usize, char)| {
        c.is_alphanumeric() || c == '_' || (at > 0 && at < last && matches!(c, '-' | '.' | '/'))
    };
    !key.chars().enumerate().all(plain)
}

fn could_be_another_type(key: &str) -> bool {
    const WORDS: [&str; 12] = ["null", "true", "y", "yes", "on", "false", "n", "no", "off", "t", "f", "~"];
    if WORDS.contains(&key.to_lowercase().as_str()) {
        return true;
    }
    let number = key.replace('_', "");
    is_integer(&number)
        || number.parse::<f64>().is_ok_and(|n| !n.is_infinite() || !number.contains(char::is_numeric))
        || is_date(key)
}

/// Go's `strconv.ParseInt(text, 0, 64)`: with the prefixes of bases.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text).to_lowercase();
    let (radix, digits) = match digits.split_at_checked(2) {
        Some(("0b", rest)) => (2, rest),
        Some(("0o", rest)) => (8, rest),
        Some(("0x", rest)) => (16, rest),
        _ => (10, digits.as_str()),
    };
    !digits.starts_with(['+', '-']) && i64::from_str_radix(digits, radix).is_ok()
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str| part.parse::<i8>().unwrap_or_default();
    let short = |part: &str| (1..=2).contains(&part.len());
    let parsed = year.parse::<i16>().is_ok_and(|year| jiff::civil::Date::new(year, number(month), number(day)).is_ok());
    year.len() == 4 && short(month) && short(day) && parsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_and_quotes() {
        let value = json!({"a": [1, "x"], "b": [{"c": true}, {"d": null}], "no": {}, "e.f/g": "1", "h": " i\n\tj\nk"});
        assert_eq!(
            to_string(&value),
            "---\n{\n  a: [\n    1,\n    \"x\",\n  ],\n  b: [{\n    c: true,\n  }, {\n    d: null,\n  }],\n  e.f/g: \"1\",\n  h: \"\\\n    \\ i\\n\\\n    \\\tj\\n\\\n     k\\\n    \",\n  \"no\": {},\n}\n"
        );
    }

    #[test]
    fn keys_that_are_no_plain_words_are_quoted() {
        for key in ["", "1", "0x1F", "1.5", "1e3", "yes", "T", "2026-11-23", "-a", "a b", "a:b"] {
            assert!(needs_quotes(key), "{key}");
        }
        for key in ["a", "app.kubernetes.io/name", "key_1", "a-b", "1a", "2026-13-41"] {
            assert!(!needs_quotes(key), "{key}");
        }
    }
}
