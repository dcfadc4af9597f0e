//! A resource's documentation out of the OpenAPI v2 document, as older releases printed it
//! (kubectl: pkg/explain/model_printer.go, field_lookup.go).

use super::Depth;
use super::fields_v2::{fields, line, wrapped};
use super::schema_v2::{Definitions, Shape, description, shape};
use serde_json::Value;

const INDENT_DESCRIPTION: usize = 5;
/// References to references, or lists of lists: more than any document has.
const DEEPEST: usize = 100;

/// The text for a kind, or for the field that `path` leads to.
pub(super) fn render(
    document: &Value,
    group: &str,
    version: &str,
    kind: &str,
    path: &[String],
    depth: Depth,
) -> Result<String, String> {
    let definitions = Definitions::of(document);
    let group_version = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
    let Some(schema) = definitions.kind(group, version, kind) else {
        // An empty group still has its slash in Go's GroupVersionKind.
        return Err(format!("couldn't find resource for \"{group}/{version}, Kind={kind}\""));
    };
    let found = lookup(definitions, schema, path)?;
    let mut out = format!("KIND:     {kind}\nVERSION:  {group_version}\n\n");
    page(definitions, found, path.last().map(String::as_str), depth, &mut out);
    Ok(out)
}

/// Follows a path. A value that has no fields ends it, even if there is more to follow.
fn lookup<'a>(definitions: Definitions<'a>, schema: &'a Value, path: &[String]) -> Result<&'a Value, String> {
    let (mut schema, mut path) = (schema, path);
    for _ in 0..DEEPEST {
        let Some((first, rest)) = path.split_first() else { return Ok(schema) };
        match shape(schema) {
            Shape::Array(items) => schema = items,
            Shape::Map(Some(values)) => schema = values,
            Shape::Map(None) | Shape::Primitive(_) | Shape::Arbitrary => return Ok(schema),
            Shape::Reference(name) => schema = definitions.lookup(name),
            Shape::Kind(properties) => {
                schema = properties.get(first).ok_or_else(|| format!("field \"{first}\" does not exist"))?;
                path = rest;
            }
        }
    }
    Ok(schema)
}

fn page(definitions: Definitions<'_>, schema: &Value, name: Option<&str>, depth: Depth, out: &mut String) {
    let (mut schema, mut kind, mut descriptions) = (schema, String::new(), Vec::new());
    for _ in 0..DEEPEST {
        descriptions.push(description(schema));
        let (inner, named) = match shape(schema) {
            Shape::Array(items) => (Some(items), true),
            Shape::Map(Some(values)) => (Some(values), true),
            Shape::Reference(name) => (Some(definitions.lookup(name)), false),
            Shape::Map(None) => (None, true),
            Shape::Kind(_) | Shape::Primitive(_) => (None, true),
            Shape::Arbitrary => (None, false),
        };
        if named && kind.is_empty() {
            kind = definitions.type_name(schema);
        }
        match inner {
            Some(inner) => schema = inner,
            None => break,
        }
    }
    match (shape(schema), name) {
        (Shape::Kind(_), Some(name)) => out.push_str(&format!("RESOURCE: {name} <{kind}>\n\n")),
        (Shape::Primitive(_), name) => {
            out.push_str(&format!("FIELD:    {} <{kind}>\n\n", name.unwrap_or_default()));
        }
        // The values of a map without a schema are anything, with the map's own description.
        (Shape::Map(_), _) => descriptions.push(description(schema)),
        _ => {}
    }
    out.push_str("DESCRIPTION:\n");
    let mut empty = true;
    for (index, text) in descriptions.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        empty = false;
        if index > 0 {
            line(out, 0, "");
        }
        wrapped(out, INDENT_DESCRIPTION, text);
    }
    if empty {
        wrapped(out, INDENT_DESCRIPTION, "<empty>");
    }
    if let Shape::Kind(_) = shape(schema) {
        out.push_str("\nFIELDS:\n");
        out.push_str(&fields(definitions, schema, depth));
    }
}
