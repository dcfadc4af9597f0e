//! How objects are written (cli-runtime: pkg/printers, pkg/genericclioptions/print_flags.go).

pub mod columns;
pub mod gotemplate;
pub mod json;
pub mod kyaml;
pub mod table;
pub mod tabwriter;
pub mod typed;
pub mod yaml;

mod flags;

pub use flags::{FORMATS, ObjectPrinter, PrintFlags};

use serde_json::Value;

/// `pod/web`, `deployment.apps/web` of any object: what `-o name` prints.
pub fn name_of(object: &Value) -> String {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = object["kind"].as_str().unwrap_or("<unknown>");
    let name = object["metadata"]["name"].as_str().filter(|name| !name.is_empty()).unwrap_or("<unknown>");
    format!("{}/{name}", crate::mapper::kind_prefix(group, kind))
}

/// Removes `metadata.managedFields` of an object or of a list's items.
pub fn omit_managed_fields(object: &mut Value) {
    if let Some(items) = object.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(omit_managed_fields);
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}
