//! Label and field selectors of lists and watches.

use apimachinery::{
    gvk::GroupVersionKind,
    selector::{FieldSelector, LabelSelector},
    status::Status,
};
use serde_json::Value;

use super::query::Query;
use crate::registry::Resource;

/// What a list or a watch lets through.
pub(super) struct Filter {
    labels: LabelSelector,
    fields: FieldSelector,
    name: Option<String>,
}

impl Filter {
    /// From the selectors of a request; `name` is the object that the path names.
    pub(super) fn new(resource: &Resource, query: &Query, name: Option<String>) -> Result<Self, Status> {
        let labels =
            LabelSelector::parse(&query.label_selector).map_err(|error| Status::bad_request(error.to_string()))?;
        let fields =
            FieldSelector::parse(&query.field_selector).map_err(|error| Status::bad_request(error.to_string()))?;
        let known = resource.strategy.selectable_fields(&Value::Null);
        for requirement in fields.requirements() {
            let field = requirement.field.as_str();
            if !["metadata.name", "metadata.namespace"].contains(&field) && !known.iter().any(|(own, _)| *own == field)
            {
                return Err(Status::bad_request(unknown_field(resource, field, known.is_empty())));
            }
        }
        Ok(Self { labels, fields, name })
    }

    /// Whether an object passes.
    pub(super) fn matches(&self, resource: &Resource, object: &Value) -> bool {
        let metadata = &object["metadata"];
        if self.name.as_deref().is_some_and(|name| metadata["name"] != name) || !self.labels.matches_object(object) {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        let own = resource.strategy.selectable_fields(object);
        self.fields.matches(|field| match field {
            "metadata.name" | "metadata.namespace" => metadata[&field["metadata.".len()..]].as_str().map(str::to_owned),
            field => own.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone()),
        })
    }
}

/// Kinds with fields of their own answer in their own words (AddFieldLabelConversionFunc), others as the scheme does.
fn unknown_field(resource: &Resource, field: &str, generic: bool) -> String {
    if generic {
        return format!("\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
    let kind = GroupVersionKind::new(resource.group, resource.version, resource.kind);
    match resource.kind {
        "ReplicaSet" | "Service" => format!("field label \"{field}\" not supported for {}", kind.kind),
        _ => format!("field label not supported: {field}"),
    }
}
