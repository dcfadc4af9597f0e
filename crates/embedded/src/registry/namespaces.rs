//! Namespaces (kubernetes: pkg/registry/core/namespace).

use apimachinery::{field::FieldError, names, status::Status};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, Subresource,
    fields::text,
    metadata_validation,
    printer::{age, name},
};

struct Namespaces;

const FINALIZE: Subresource = Subresource { name: "finalize", group: "", version: "", kind: "", verbs: &["update"] };

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Namespace",
        plural: "namespaces",
        singular: "namespace",
        short_names: &["ns"],
        categories: &[],
        namespaced: false,
        verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
        subresources: &[FINALIZE, STATUS],
        strategy: &Namespaces,
    }
}

impl Strategy for Namespaces {
    fn set_defaults(&self, namespace: &mut Value) {
        if !text(&namespace["metadata"]["name"]).is_empty() {
            let name = namespace["metadata"]["name"].clone();
            namespace["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
        }
    }

    fn prepare_for_create(&self, _context: &Context<'_>, namespace: &mut Value) -> Result<(), Status> {
        self.set_defaults(namespace);
        namespace["status"] = json!({"phase": "Active"});
        namespace["spec"] = json!({"finalizers": ["kubernetes"]});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, namespace: &Value) -> Vec<FieldError> {
        metadata_validation::validate(namespace, names::is_dns1123_label)
    }

    fn prepare_for_update(&self, _context: &Context<'_>, new: &mut Value, old: &Value) -> Result<(), Status> {
        new["spec"] = old["spec"].clone();
        Ok(())
    }

    fn has_status(&self) -> bool {
        true
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }

    fn selectable_fields(&self, namespace: &Value) -> Vec<(&'static str, String)> {
        vec![("status.phase", text(&namespace["status"]["phase"]).to_owned())]
    }

    fn cells(&self, namespace: &Value, now: Timestamp) -> Vec<Value> {
        vec![name(namespace), namespace["status"]["phase"].clone(), age(namespace, now)]
    }
}
