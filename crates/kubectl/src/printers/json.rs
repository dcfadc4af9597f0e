//! JSON as Go's encoding/json writes it: four spaces, sorted keys, `<`, `>` and `&` escaped.

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io;

/// Indented, with a newline at the end (`-o json`).
pub fn pretty(value: &Value) -> String {
    let mut text = write(value, PrettyFormatter::with_indent(b"    "));
    text.push('\n');
    text
}

/// On one line (`json.Marshal`).
pub fn compact(value: &Value) -> String {
    write(value, CompactFormatter)
}

fn write(value: &Value, formatter: impl Formatter) -> String {
    let mut out = Vec::new();
    // Writing a Value into memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, GoFormatter(formatter)));
    String::from_utf8(out).unwrap_or_default()
}

/// Another formatter with Go's escapes and numbers.
struct GoFormatter<F>(F);

impl<F: Formatter> Formatter for GoFormatter<F> {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = tail.chars();
            // `find` stopped at a character.
            let c = chars.next().unwrap_or_default();
            write!(writer, "\\u{:04x}", c as u32)?;
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(number(value).as_bytes())
    }
    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// encoding/json's float: shortest, `e` form below 1e-6 and from 1e21 on, exponents without a leading zero.
fn number(x: f64) -> String {
    let magnitude = x.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{x:e}");
        return match text.split_once('e') {
            Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
            _ => text,
        };
    }
    format!("{x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_go() {
        assert_eq!(compact(&json!({"b": "<a & b>", "a": [1, 1.5, 1e21, 1e-7]})), r#"{"a":[1,1.5,1e+21,1e-7],"b":"\u003ca \u0026 b\u003e"}"#);
        assert_eq!(pretty(&json!({"a": [], "b": {}})), "{\n    \"a\": [],\n    \"b\": {}\n}\n");
    }
}
