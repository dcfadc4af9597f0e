//! How Go prints values, for the places where upstream's output or errors show a Go value.

use serde_json::{Number, Value};

/// Quotes a string as Go's `%q` and `strconv.Quote` do.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            c if (c as u32) < 0x20 || c == '\x7f' => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if !is_print(c) && (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if !is_print(c) => out.push_str(&format!("\\U{:08x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Go's `unicode.IsPrint`. Rust escapes the same characters when it prints a string for debugging, except that it
/// also escapes a combining mark at the start; hence the `a`.
fn is_print(c: char) -> bool {
    c.is_ascii() || format!("a{c}").escape_debug().nth(1) != Some('\\')
}

/// Prints a value as Go's `%v` prints what JSON decodes to: `map[a:1 b:[x y]]`, `<nil>`, `1e+06`.
pub fn print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => number(n),
        Value::String(s) => s.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", print(v))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// The Go type that a JSON value decodes to, as `%T` and error messages name it.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn number(n: &Number) -> String {
    match n.as_i64() {
        Some(i) => i.to_string(),
        // Go decodes what does not fit an int64 to a float64.
        None => float(n.as_f64().unwrap_or(f64::NAN)),
    }
}

/// Prints a float as Go's `%v`: the shortest digits, with an exponent from 1e+06 on and below 1e-04.
pub fn float(f: f64) -> String {
    exponent_form(f, 6, 2)
}

/// Prints a float as Go's `encoding/json`: the shortest digits, with an exponent from 1e+21 on and below 1e-6.
fn json_float(f: f64) -> String {
    let magnitude = f.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) { exponent_form(f, i32::MIN, 1) } else { f.to_string() }
}

fn exponent_form(f: f64, from: i32, exponent_digits: usize) -> String {
    if !f.is_finite() {
        return if f.is_nan() {
            "NaN".into()
        } else if f > 0.0 {
            "+Inf".into()
        } else {
            "-Inf".into()
        };
    }
    let scientific = format!("{f:e}");
    // `{:e}` of a finite number always has an `e` and an integer after it.
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 || exponent >= from {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:0exponent_digits$}", exponent.abs())
    } else {
        f.to_string()
    }
}

/// Encodes a value as Go's `json.Marshal` does: sorted keys, no spaces, `<`, `>` and `&` escaped.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::Number(n) => out.push_str(&match n.as_i64() {
            Some(i) => i.to_string(),
            None => json_float(n.as_f64().unwrap_or(0.0)),
        }),
        Value::String(s) => write_json_string(s, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_json_string(key, out);
                out.push(':');
                write_json(item, out);
            }
            out.push('}');
        }
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
    }
}

fn write_json_string(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Encodes a value as Go's `json.MarshalIndent(v, "", indent)` does.
pub fn json_indent(value: &Value, indent: &str) -> String {
    let mut out = String::new();
    write_indented(value, indent, 0, &mut out);
    out
}

fn write_indented(value: &Value, indent: &str, depth: usize, out: &mut String) {
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        for _ in 0..depth {
            out.push_str(indent);
        }
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                newline(out, depth + 1);
                write_indented(item, indent, depth + 1, out);
            }
            newline(out, depth);
            out.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            out.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                newline(out, depth + 1);
                write_json_string(key, out);
                out.push_str(": ");
                write_indented(item, indent, depth + 1, out);
            }
            newline(out, depth);
            out.push('}');
        }
        scalar_or_empty => write_json(scalar_or_empty, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_print_as_go_prints_them() {
        for (f, printed, encoded) in [
            (0.0, "0", "0"),
            (1.5, "1.5", "1.5"),
            (123456.0, "123456", "123456"),
            (1e6, "1e+06", "1000000"),
            (123456789.0, "1.23456789e+08", "123456789"),
            (1e20, "1e+20", "100000000000000000000"),
            (1.5e21, "1.5e+21", "1.5e+21"),
            (1e-4, "0.0001", "0.0001"),
            (1e-5, "1e-05", "0.00001"),
            (1e-6, "1e-06", "0.000001"),
            (1.25e-7, "1.25e-07", "1.25e-7"),
            (1e100, "1e+100", "1e+100"),
        ] {
            assert_eq!((float(f).as_str(), json(&json!(f)).as_str()), (printed, encoded));
        }
    }

    #[test]
    fn strings_quote_as_go_quotes_them() {
        assert_eq!(quote("a\"b\\"), r#""a\"b\\""#);
        assert_eq!(quote("\x01\x7f\u{80}é\u{200b}\u{2028}\n\u{feff}"), r#""\x01\x7f\u0080é\u200b\u2028\n\ufeff""#);
        assert_eq!(quote("日本 e\u{301}"), "\"日本 e\u{301}\"");
    }

    #[test]
    fn maps_print_as_go_prints_them() {
        let value = json!({"b": [1, "x", null], "a": {"c": true}});
        assert_eq!(print(&value), "map[a:map[c:true] b:[1 x <nil>]]");
        assert_eq!(json(&json!({"a": "<&>\n"})), r#"{"a":"\u003c\u0026\u003e\n"}"#);
        assert_eq!(
            json_indent(&json!({"a": [1, {}], "b": []}), "  "),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
        );
    }
}
