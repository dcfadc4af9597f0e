//! YAML as sigs.k8s.io/yaml writes it, to the byte (go.yaml.in/yaml/v2: emitterc.go, encode.go, sorter.go).

mod order;
mod scalar;

use scalar::{Analysis, Style};
use serde_json::Value;

/// Lines are folded behind this column, at a space.
const BEST_WIDTH: usize = 80;
/// Two spaces a level.
const BEST_INDENT: usize = 2;

/// The value as one YAML document, with a newline at its end.
pub fn to_string(value: &Value) -> String {
    let mut emitter = Emitter { whitespace: true, indention: true, ..Emitter::default() };
    emitter.node(value, Place::Root);
    if !emitter.out.ends_with('\n') {
        emitter.out.push('\n');
    }
    emitter.out
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Key,
    Value,
}

/// libyaml's emitter, reduced to block style and what JSON can say.
#[derive(Default)]
struct Emitter {
    out: String,
    /// The characters on the current line.
    column: usize,
    /// `None` at the root.
    indent: Option<usize>,
    /// The last character was a space, or nothing was written on this line.
    whitespace: bool,
    /// Only indentation and indicators were written on this line.
    indention: bool,
}

impl Emitter {
    fn node(&mut self, value: &Value, place: Place) {
        match value {
            Value::Null => self.plain("null"),
            Value::Bool(flag) => self.plain(if *flag { "true" } else { "false" }),
            Value::Number(number) if number.is_f64() => {
                self.plain(&apimachinery::go::float(number.as_f64().unwrap_or_default()));
            }
            Value::Number(number) => self.plain(&number.to_string()),
            Value::String(text) => self.scalar(text, place),
            Value::Array(items) if items.is_empty() => self.indicator("[]", true, false),
            Value::Object(map) if map.is_empty() => self.indicator("{}", true, false),
            Value::Array(items) => self.sequence(items, place),
            Value::Object(map) => self.mapping(map),
        }
    }

    fn sequence(&mut self, items: &[Value], place: Place) {
        let outer = self.indent;
        let indentless = matches!(place, Place::Value | Place::Key) && !self.indention;
        self.increase_indent(false, indentless);
        for item in items {
            self.write_indent();
            self.indicator("-", true, true);
            self.node(item, Place::Item);
        }
        self.indent = outer;
    }

    fn mapping(&mut self, map: &serde_json::Map<String, Value>) {
        let outer = self.indent;
        self.increase_indent(false, false);
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort_by(|a, b| order::compare(a, b));
        for key in keys {
            self.write_indent();
            let analysis = Analysis::of(key);
            if !analysis.multiline && key.len() <= 128 {
                self.scalar(key, Place::Key);
                self.indicator(":", false, false);
            } else {
                self.indicator("?", true, true);
                self.scalar(key, Place::Value);
                self.write_indent();
                self.indicator(":", true, true);
            }
            self.node(&map[key], Place::Value);
        }
        self.indent = outer;
    }

    fn scalar(&mut self, text: &str, place: Place) {
        let outer = self.indent;
        self.increase_indent(true, false);
        let simple_key = place == Place::Key;
        match scalar::style(text, simple_key) {
            Style::Plain => self.write_plain(text, !simple_key),
            Style::SingleQuoted => self.write_single_quoted(text, !simple_key),
            Style::DoubleQuoted => self.write_double_quoted(text, !simple_key),
            Style::Literal => self.write_literal(text),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str) {
        self.indicator(text, true, false);
        self.indention = false;
    }

    fn increase_indent(&mut self, flow: bool, indentless: bool) {
        self.indent = match self.indent {
            None => Some(if flow { BEST_INDENT } else { 0 }),
            Some(indent) if indentless => Some(indent),
            Some(indent) => Some(indent + BEST_INDENT),
        };
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indicator(&mut self, text: &str, need_whitespace: bool, is_indention: bool) {
        if need_whitespace && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention = self.indention && is_indention;
        if is_indention {
            // `- `, `? ` and `: ` are followed by a space that the next node writes.
            self.whitespace = false;
        }
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn write_plain(&mut self, text: &str, allow_breaks: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let fold = allow_breaks && !spaces && self.column > BEST_WIDTH && chars.get(i + 1) != Some(&' ');
                if fold {
                    self.write_indent()
                } else {
                    self.put(' ')
                }
                spaces = true;
            } else {
                self.put(c);
                self.indention = false;
                spaces = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, allow_breaks: bool) {
        self.indicator("'", true, false);
        let chars: Vec<char> = text.chars().collect();
        // libyaml counts bytes here: the last byte is the last character only where that is ASCII.
        let (mut spaces, mut breaks) = (false, false);
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let inside = i > 0 && i + 1 < chars.len() && chars[i + 1] != ' ';
                let fold = allow_breaks && !spaces && self.column > BEST_WIDTH && inside;
                if fold {
                    self.write_indent()
                } else {
                    self.put(' ')
                }
                spaces = true;
            } else if scalar::is_break(c) {
                if !breaks && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        self.indicator("'", false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_double_quoted(&mut self, text: &str, allow_breaks: bool) {
        self.indicator("\"", true, false);
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let inside = i > 0 && i + 1 < chars.len();
                if allow_breaks && !spaces && self.column > BEST_WIDTH && inside {
                    self.write_indent();
                    if chars.get(i + 1) == Some(&' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                match scalar::escape(c) {
                    Some(escaped) => escaped.chars().for_each(|c| self.put(c)),
                    None => self.put(c),
                }
                spaces = false;
            }
        }
        self.indicator("\"", false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_literal(&mut self, text: &str) {
        self.indicator("|", true, false);
        if text.starts_with(|c| c == ' ' || scalar::is_break(c)) {
            self.indicator("2", false, false);
        }
        let mut ends = text.chars().rev();
        let chomp = match (ends.next().map(scalar::is_break), ends.next().map(scalar::is_break)) {
            (Some(true), None | Some(true)) => "+",
            (Some(true), Some(false)) => "",
            _ => "-",
        };
        if !chomp.is_empty() {
            self.indicator(chomp, false, false);
        }
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for c in text.chars() {
            if scalar::is_break(c) {
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }
}

#[cfg(test)]
mod tests;
