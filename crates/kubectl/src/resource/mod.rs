//! From arguments, selectors and files to objects (cli-runtime: pkg/resource).

mod args;
mod builder;
mod files;
mod helper;
mod metadata;
mod until;
mod yaml;

pub use args::{resource_and_names, split_types};
pub(crate) use builder::validation_fault;
pub use builder::{Builder, Found};
pub use files::{Document, documents};
pub(crate) use files::{go_error, go_reason};
pub use helper::Helper;
pub use until::Until;
pub(crate) use yaml::{parse_yaml, parse_yaml_1_2, yaml_to_json};

use crate::error::{Error, Result};
use crate::mapper::Mapping;
use serde_json::Value;
use std::sync::Arc;

/// One object that a command is about: what it is, where it came from, and its content when that is known.
#[derive(Debug, Clone)]
pub struct Info {
    /// Its type. `None` only for objects read with [`Builder::local`].
    pub mapping: Arc<Mapping>,
    /// Its namespace; empty where there is none.
    pub namespace: String,
    /// Its name; empty for lists, and for objects that get one by `generateName`.
    pub name: String,
    /// The file it was read from, if it was: `STDIN`, a path, a URL.
    pub source: String,
    /// The content: from the file, or from the server. For a list by selector, the list or the server's Table.
    pub object: Value,
    /// The subresource that `object` is of; mostly empty.
    pub subresource: String,
}

impl Info {
    /// `pods/web`: how messages name it (`ObjectName`).
    pub fn object_name(&self) -> String {
        format!("{}/{}", self.mapping.resource, self.name)
    }
    /// `pod/web`, `deployment.apps/web`: how outputs name it.
    pub fn kind_name(&self) -> String {
        format!("{}/{}", self.mapping.kind_prefix(), self.name)
    }
    /// Takes over what the server answered (`Refresh`).
    pub fn refresh(&mut self, object: Value) {
        let metadata = &object["metadata"];
        if let Some(name) = metadata["name"].as_str() {
            self.name = name.to_string();
        }
        self.namespace = metadata["namespace"].as_str().unwrap_or_default().to_string();
        self.object = object;
    }
}

/// Whether the object is a list of objects (`meta.IsListType` of unstructured objects: it has an array `items`).
pub fn is_list(object: &Value) -> bool {
    object["items"].is_array()
}

/// The items of a list, with `apiVersion` and `kind` filled in from the list's where a server left them out.
pub fn take_items(list: &mut Value) -> Vec<Value> {
    let api_version = list["apiVersion"].clone();
    let kind = list["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default().to_string();
    let Value::Array(mut items) = list["items"].take() else { return Vec::new() };
    for item in items.iter_mut().filter(|item| item.is_object()) {
        if item["kind"].is_null() && !kind.is_empty() {
            item["kind"] = Value::String(kind.clone());
            item["apiVersion"] = api_version.clone();
        }
    }
    items
}

/// The errors of a command about many objects: the first ends it, or all are gathered (`ContinueOnError`).
///
/// A loop adds what came of each object; a closure per object would not be [`Send`].
#[derive(Debug, Default)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// Keeps an error for the end. What cannot be written any more ends the command at once.
    pub fn keep(&mut self, done: Result<()>) -> Result<()> {
        match done {
            Err(Error::Output(error)) => Err(Error::Output(error)),
            Err(error) => {
                self.0.push(error);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
    /// All that were kept, as one.
    pub fn finish(self) -> Result<()> {
        Error::aggregate(self.0)
    }
}
