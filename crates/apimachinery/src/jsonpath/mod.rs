//! JSONPath templates as kubectl has them: text, `{.field}`, `{range}…{end}`, filters, slices, unions, `..`.
//!
//! Upstream: `k8s.io/client-go/util/jsonpath` (`parser.go`, `jsonpath.go`), and for [`relaxed`]
//! `k8s.io/kubectl/pkg/cmd/get/customcolumn.go`. Maps are walked in the order of their keys, where Go's order is random.

mod compare;
mod error;
mod eval;
mod node;
mod parser;
mod relaxed;
mod render;
mod unquote;

use serde_json::Value;

pub use error::JsonPathError;
pub use relaxed::relaxed;

/// A parsed template.
#[derive(Debug, Clone)]
pub struct JsonPath {
    nodes: Vec<node::Node>,
    allow_missing_keys: bool,
    json_output: bool,
}

impl JsonPath {
    /// Parses a template, such as `{range .items[*]}{.metadata.name}{"\n"}{end}`.
    pub fn parse(template: &str) -> Result<Self, JsonPathError> {
        Ok(Self { nodes: parser::parse(template)?, allow_missing_keys: false, json_output: false })
    }

    /// Whether a key that is not there is nothing, rather than an error. Upstream's library says no, kubectl says yes.
    #[must_use]
    pub fn allow_missing_keys(mut self, allow: bool) -> Self {
        self.allow_missing_keys = allow;
        self
    }

    /// Whether [`render`](Self::render) prints each result as an indented JSON list (`-o jsonpath-as-json`).
    #[must_use]
    pub fn json_output(mut self, json: bool) -> Self {
        self.json_output = json;
        self
    }

    /// What the template makes of an object: results of one action with a space between them, strings as they are,
    /// maps and lists as JSON.
    pub fn render(&self, object: &Value) -> Result<String, JsonPathError> {
        let mut out = String::new();
        for results in eval::find_results(&self.nodes, self.allow_missing_keys, object)? {
            render::results(&results, self.json_output, &mut out);
        }
        Ok(out)
    }

    /// What each action of the template finds in an object; text is a string.
    pub fn find(&self, object: &Value) -> Result<Vec<Vec<Value>>, JsonPathError> {
        let found = eval::find_results(&self.nodes, self.allow_missing_keys, object)?;
        Ok(found.into_iter().map(|items| items.into_iter().map(eval::Item::into_value).collect()).collect())
    }
}

/// The steps of the one action of a template, as `kubectl explain` reads a field path: the name of a `.name`, nothing for
/// any other step (an index, a wildcard, a text). An empty name stands where a dot has nothing behind it. `None` if the
/// template is not one action.
pub fn field_steps(template: &str) -> Result<Option<Vec<Option<String>>>, JsonPathError> {
    let nodes = parser::parse(template)?;
    let [node::Node::List(steps)] = nodes.as_slice() else { return Ok(None) };
    let name = |step: &node::Node| match step {
        node::Node::Field(name) => Some(name.clone()),
        _ => None,
    };
    Ok(Some(steps.iter().map(name).collect()))
}

#[cfg(test)]
mod tests;
