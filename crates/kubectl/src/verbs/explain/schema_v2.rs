//! What the definitions of an OpenAPI v2 document are (kube-openapi: pkg/util/proto).

use serde_json::Value;

/// A schema, by what can be done with it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'a> {
    /// An object with named fields.
    Kind(&'a serde_json::Map<String, Value>),
    /// An object with any keys; its values' schema, if there is one.
    Map(Option<&'a Value>),
    /// A list; its items' schema.
    Array(&'a Value),
    /// A string, a number, a boolean.
    Primitive(&'a str),
    /// Anything.
    Arbitrary,
    /// Another definition.
    Reference(&'a str),
}

/// The definitions by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definitions<'a>(&'a Value);

impl<'a> Definitions<'a> {
    /// The definitions of a document.
    pub fn of(document: &'a Value) -> Self {
        Definitions(&document["definitions"])
    }

    /// The definition of a kind.
    pub fn kind(self, group: &str, version: &str, kind: &str) -> Option<&'a Value> {
        let is = |gvk: &Value| gvk["group"] == group && gvk["version"] == version && gvk["kind"] == kind;
        let has = |schema: &&Value| {
            schema["x-kubernetes-group-version-kind"].as_array().is_some_and(|kinds| kinds.iter().any(is))
        };
        // Of several the last one, by name, is meant.
        self.0.as_object()?.values().rev().find(has)
    }

    /// The definition that a reference names; null if there is none.
    pub fn lookup(self, name: &str) -> &'a Value {
        &self.0[name]
    }

    /// `map[string]string`, `[]Object`, `integer`; empty for anything.
    pub fn type_name(self, schema: &Value) -> String {
        match shape(schema) {
            Shape::Array(items) => format!("[]{}", self.type_name(items)),
            Shape::Map(values) => format!("map[string]{}", values.map(|v| self.type_name(v)).unwrap_or_default()),
            Shape::Kind(_) => "Object".into(),
            Shape::Primitive(name) => name.into(),
            Shape::Arbitrary => String::new(),
            Shape::Reference(name) => self.type_name(self.lookup(name)),
        }
    }
}

/// What a schema is.
pub(super) fn shape(schema: &Value) -> Shape<'_> {
    if let Some(reference) = schema["$ref"].as_str() {
        return Shape::Reference(reference.strip_prefix("#/definitions/").unwrap_or(reference));
    }
    let properties = schema["properties"].as_object();
    match (schema["type"].as_str(), properties) {
        (None | Some("object"), Some(properties)) => Shape::Kind(properties),
        (None, None) => Shape::Arbitrary,
        (Some("object"), None) => Shape::Map(Some(&schema["additionalProperties"]).filter(|values| values.is_object())),
        (Some("array"), _) => Shape::Array(&schema["items"]),
        (Some(name), _) => Shape::Primitive(name),
    }
}

/// A schema's description; empty if it has none.
pub(super) fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}
