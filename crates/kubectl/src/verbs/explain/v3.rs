//! A resource's documentation out of an OpenAPI v3 document (kubectl: pkg/explain/v2, templates/plaintext.tmpl).

use super::Depth;
use super::wrap::wrap;
use serde_json::{Map, Value};
use std::fmt;

/// How many types may lead to each other where nothing is looked for that would end it.
const DEEPEST: usize = 100;

/// The resource that is explained: Go's `GroupVersionResource`.
#[derive(Debug)]
pub(super) struct Target {
    pub group: String,
    pub version: String,
    pub resource: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.group.is_empty() {
            write!(f, "{}/", self.group)?;
        }
        write!(f, "{}, Resource={}", self.version, self.resource)
    }
}

/// What is printed, and whether it was printed to its end: kind and version stand there before a field turns out not
/// to be one.
pub(super) fn render(
    document: &Value,
    target: &Target,
    fields: &[String],
    depth: Depth,
) -> (String, Result<(), String>) {
    let Some(gvk) = kind(document, target) else {
        return (String::new(), Err(format!("error: GVR ({target}) not found in OpenAPI schema")));
    };
    let text = |key: &str| gvk[key].as_str().unwrap_or_default();
    let mut out = String::new();
    if !text("group").is_empty() {
        out.push_str(&format!("GROUP:      {}\n", text("group")));
    }
    out.push_str(&format!("KIND:       {}\nVERSION:    {}\n\n", text("kind"), text("version")));
    let schemas = document["components"]["schemas"].as_object();
    let is = |schema: &&Value| list(&schema["x-kubernetes-group-version-kind"]).contains(gvk);
    let Some(schema) = schemas.into_iter().flat_map(Map::values).find(is) else {
        let gvk = apimachinery::go::print(gvk);
        return (out, Err(format!("error: GVK {gvk} not found in OpenAPI schema")));
    };
    match (Printer { document, depth }.output(schema, fields, &[])) {
        Ok(text) if text.is_empty() => {
            let field = fields.last().map(String::as_str).unwrap_or_default();
            (out, Err(format!("error: field \"{field}\" does not exist")))
        }
        Ok(text) => (out + &text + "\n", Ok(())),
        Err(error) => (out, Err(error)),
    }
}

/// The kind that the operations on the resource's paths say that they are about.
fn kind<'a>(document: &'a Value, target: &Target) -> Option<&'a Value> {
    let Target { group, version, resource } = target;
    let prefix = if group.is_empty() { "/api".to_string() } else { format!("/apis/{group}") };
    let mut found = None;
    for path in [resource.clone(), format!("namespaces/{{namespace}}/{resource}")] {
        for path in [format!("{prefix}/{version}/{path}"), format!("{prefix}/{version}/{path}/{{name}}")] {
            let operations = &document["paths"][&path];
            let methods = ["get", "post", "put", "patch", "delete"].into_iter();
            let mut kinds = methods.map(|method| &operations[method]["x-kubernetes-group-version-kind"]);
            found = kinds.find(|kind| kind.is_object()).or(found);
        }
    }
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What a template would not call empty: a schema with something in it.
fn schema(value: &Value) -> Option<&Value> {
    value.as_object().is_some_and(|map| !map.is_empty()).then_some(value)
}

/// The schemas that a schema's list items or map values have, which are looked through.
fn inner(resolved: &Value) -> impl Iterator<Item = &Value> {
    [&resolved["items"], &resolved["additionalProperties"]].into_iter().filter_map(schema)
}

fn indent(amount: usize, text: &str) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

struct Printer<'a> {
    document: &'a Value,
    depth: Depth,
}

/// The references that were followed on the way to a schema.
type History<'a> = [&'a str];

fn with<'a>(history: &History<'a>, reference: &'a str) -> Vec<&'a str> {
    let mut longer = history.to_vec();
    longer.push(reference);
    longer
}

impl<'a> Printer<'a> {
    fn reference(&self, schema: &'a Value) -> &'a str {
        schema["$ref"].as_str().unwrap_or_default()
    }

    fn lookup(&self, reference: &str) -> Option<&'a Value> {
        let mut current = self.document;
        for part in reference.strip_prefix('#')?.split('/').filter(|part| !part.is_empty()) {
            current = current.get(part).filter(|next| next.is_object())?;
        }
        schema(current)
    }

    /// The schema itself, or what it refers to.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        self.lookup(self.reference(schema)).unwrap_or(schema)
    }

    /// Follows the fields and prints where they lead; nothing if there is no such way.
    fn output(&self, schema_: &'a Value, fields: &[String], history: &History<'a>) -> Result<String, String> {
        let (reference, resolved) = (self.reference(schema_), self.resolve(schema_));
        let Some((first, rest)) = fields.split_first() else { return self.page(resolved) };
        if !reference.is_empty() && history.contains(&reference) {
            return Ok(String::new());
        }
        if let Some(property) = schema(&resolved["properties"][first]) {
            let mut out = String::new();
            if rest.is_empty() {
                out = format!("FIELD: {first} <{}>\n{}\n\n", self.type_name(property, 0)?, long_enum(property));
            }
            return Ok(out + &self.output(property, rest, &[])?);
        }
        let history = with(history, reference);
        if history.len() > DEEPEST {
            return Ok(String::new());
        }
        if let Some(inner) = inner(resolved).next() {
            return self.output(inner, fields, &history);
        }
        for alternative in list(&resolved["allOf"]) {
            let found = self.output(alternative, fields, &history)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(String::new())
    }

    /// A schema's description and its fields.
    fn page(&self, resolved: &'a Value) -> Result<String, String> {
        let mut description = String::new();
        self.description(resolved, &mut description, 0);
        let description = if description.is_empty() { "<empty>" } else { &description };
        let mut out = format!("DESCRIPTION:\n{}\n", indent(4, &wrap(description, 76)));
        if let Some(docs) = schema(&resolved["externalDocs"]) {
            out.push_str(&format!("\n{}", external_docs(docs, 0, 76)));
        }
        let mut fields = String::new();
        self.field_list(resolved, 1, &[], &mut fields)?;
        if !fields.is_empty() {
            out.push_str("FIELDS:\n");
            out.push_str(&fields);
        }
        Ok(out)
    }

    fn description(&self, schema: &'a Value, out: &mut String, depth: usize) {
        let resolved = self.resolve(schema);
        if depth > DEEPEST {
            return;
        }
        if let Some(text) = resolved["description"].as_str().filter(|text| !text.is_empty()) {
            out.push_str(text);
            out.push('\n');
        }
        for part in list(&resolved["allOf"]).iter().chain(inner(resolved)) {
            self.description(part, out, depth + 1);
        }
    }

    fn field_list(&self, schema: &'a Value, level: i64, history: &History<'a>, out: &mut String) -> Result<(), String> {
        let (reference, resolved) = (self.reference(schema), self.resolve(schema));
        if history.len() > DEEPEST || !reference.is_empty() && history.contains(&reference) {
            return Ok(());
        }
        let history = with(history, reference);
        for (name, property) in resolved["properties"].as_object().into_iter().flatten() {
            self.field(name, property, resolved, level, out)?;
            if self.depth.goes_below(level) {
                self.field_list(property, level + 1, &history, out)?;
            }
        }
        for part in list(&resolved["allOf"]).iter().chain(inner(resolved)) {
            self.field_list(part, level, &history, out)?;
        }
        Ok(())
    }

    fn field(
        &self,
        name: &str,
        property: &'a Value,
        owner: &Value,
        level: i64,
        out: &mut String,
    ) -> Result<(), String> {
        // The level is a depth of recursion that has an end.
        let amount = usize::try_from(level * 2).unwrap_or_default();
        let width = |from: usize| from.saturating_sub(amount);
        out.push_str(&format!("{}\t<{}>", indent(amount, name), self.type_name(property, 0)?));
        if list(&owner["required"]).iter().any(|required| required == name) {
            out.push_str(" -required-");
        }
        out.push_str(&short_enum(property, amount));
        out.push('\n');
        if self.depth.recursive {
            return Ok(());
        }
        let description = property["description"].as_str().filter(|text| !text.is_empty());
        let description = wrap(description.unwrap_or("<no description>"), width(78));
        out.push_str(&indent(amount + 2, &description));
        out.push('\n');
        if let Some(docs) = schema(&property["externalDocs"]) {
            out.push('\n');
            out.push_str(&external_docs(docs, amount + 2, width(76)));
        }
        out.push('\n');
        Ok(())
    }

    /// `string`, `[]Object`, `map[string]PodSpec`.
    fn type_name(&self, of: &'a Value, depth: usize) -> Result<String, String> {
        if schema(of).is_none() || depth > DEEPEST {
            return Err("expected schema argument to subtemplate 'typeguess'".into());
        }
        if let Some(items) = schema(&of["items"]) {
            return Ok(format!("[]{}", self.type_name(items, depth + 1)?));
        }
        if let Some(values) = schema(&of["additionalProperties"]) {
            return Ok(format!("map[string]{}", self.type_name(values, depth + 1)?));
        }
        if let ([only], None) = (list(&of["allOf"]), schema(&of["properties"])) {
            return self.type_name(only, depth + 1);
        }
        let plain = |schema: &Value| schema["type"].as_str().unwrap_or_default().to_string();
        let or_object = |name: String| if name.is_empty() { "Object".to_string() } else { name };
        let reference = self.reference(of);
        if reference.is_empty() {
            return Ok(or_object(Some(plain(of)).filter(|name| name != "object").unwrap_or_default()));
        }
        let referred = self.lookup(reference).map(plain).unwrap_or_default();
        if !["", "object"].contains(&referred.as_str()) {
            return Ok(referred);
        }
        Ok(or_object(reference.rsplit(['/', '.']).next().unwrap_or_default().to_string()))
    }
}

/// `EXTERNAL DOCS:` with what is known of them.
fn external_docs(docs: &Value, amount: usize, width: usize) -> String {
    let mut out = format!("{}\n", indent(amount, "EXTERNAL DOCS:"));
    let text = |key: &str| docs[key].as_str().filter(|text| !text.is_empty());
    if let Some(description) = text("description") {
        out.push_str(&format!("{}\n", indent(amount + if amount == 0 { 4 } else { 2 }, &wrap(description, width))));
    }
    if let Some(url) = text("url") {
        out.push_str(&format!("{}\n", indent(amount + if amount == 0 { 4 } else { 2 }, &format!("URL: {url}"))));
    }
    out
}

fn enum_value(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".into(),
        other => apimachinery::go::print(other),
    }
}

/// The allowed values of the field that was asked for: one a line.
fn long_enum(schema: &Value) -> String {
    let values = list(&schema["enum"]);
    if values.is_empty() {
        return String::new();
    }
    values.iter().fold("ENUM:".into(), |text, value| format!("{text}\n    {}", enum_value(value)))
}

/// The allowed values in a list of fields: the first four.
fn short_enum(schema: &Value, amount: usize) -> String {
    let values = list(&schema["enum"]);
    if values.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = values.iter().take(4).map(enum_value).collect();
    let more = if values.len() > 4 { ", ...." } else { "" };
    format!("\n{}enum: {}{more}", " ".repeat(amount), shown.join(", "))
}
