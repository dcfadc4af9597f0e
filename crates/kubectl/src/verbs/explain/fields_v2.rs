//! The list of fields under `FIELDS:` (kubectl: pkg/explain/fields_printer.go, recursive_fields_printer.go).

use super::Depth;
use super::schema_v2::{Definitions, Shape, description, shape};
use super::wrap::fill;
use serde_json::Value;

const WIDTH: usize = 80;
const INDENT: usize = 3;
const INDENT_DESCRIPTION: usize = 2;

/// The fields of a kind, each with its type; with `-required-` and description unless they are printed recursively.
pub(super) fn fields(definitions: Definitions<'_>, schema: &Value, depth: Depth) -> String {
    let mut printer = Fields { definitions, depth, visited: Vec::new(), out: String::new() };
    if depth.recursive {
        printer.recursive(schema, INDENT, 1);
    } else {
        printer.regular(schema);
    }
    printer.out
}

/// A line; an empty one is not indented.
pub(super) fn line(out: &mut String, indent: usize, text: &str) {
    if !text.is_empty() {
        out.push_str(&" ".repeat(indent));
        out.push_str(text);
    }
    out.push('\n');
}

/// Text in lines of 80 bytes.
pub(super) fn wrapped(out: &mut String, indent: usize, text: &str) {
    for text in fill(text, WIDTH - indent) {
        line(out, indent, &text);
    }
}

struct Fields<'a> {
    definitions: Definitions<'a>,
    depth: Depth,
    /// The references that are being looked through: what contains itself is not printed again.
    visited: Vec<String>,
    out: String,
}

impl Fields<'_> {
    fn regular(&mut self, schema: &Value) {
        let Shape::Kind(properties) = shape(schema) else { return };
        let required = |name: &str| {
            let names = schema["required"].as_array();
            names.is_some_and(|names| names.iter().any(|required| required == name))
        };
        for (name, property) in properties {
            let mark = if required(name) { " -required-" } else { "" };
            let head = format!("{name}\t<{}>{mark}", self.definitions.type_name(property));
            line(&mut self.out, INDENT, &head);
            wrapped(&mut self.out, INDENT + INDENT_DESCRIPTION, description(property));
            line(&mut self.out, INDENT, "");
        }
    }

    fn recursive(&mut self, schema: &Value, indent: usize, level: i64) {
        match shape(schema) {
            Shape::Array(items) => self.recursive(items, indent, level),
            Shape::Map(Some(values)) => self.recursive(values, indent, level),
            Shape::Map(None) | Shape::Primitive(_) | Shape::Arbitrary => {}
            Shape::Reference(name) => {
                if self.visited.iter().any(|visited| visited == name) {
                    return;
                }
                self.visited.push(name.to_string());
                self.recursive(self.definitions.lookup(name), indent, level);
                self.visited.pop();
            }
            Shape::Kind(properties) => {
                for (name, property) in properties {
                    let head = format!("{name}\t<{}>", self.definitions.type_name(property));
                    line(&mut self.out, indent, &head);
                    if self.depth.goes_below(level) {
                        self.recursive(property, indent + INDENT, level + 1);
                    }
                }
            }
        }
    }
}
