//! Tables and partial metadata (k8s.io/apiserver/pkg/endpoints/handlers/response.go).

use serde_json::{Value, json};

use super::Exchange;
use crate::{
    registry::{Resource, columns},
    storage::Object,
};

/// An object's metadata alone.
pub(super) fn partial_metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

impl Exchange {
    /// Objects as a table; `version` is that of the list. Only the first table of a watch has columns.
    pub(super) fn table(
        &self,
        resource: &Resource,
        objects: &[Object],
        version: &Value,
        continues: Option<(&str, usize)>,
        headed: bool,
    ) -> Value {
        let include = self.query.include_object.as_deref();
        let now = self.api.clock().now();
        let rows: Vec<Value> = objects.iter().map(|object| row(resource, object, include, now)).collect();
        let mut metadata = json!({"resourceVersion": version});
        if let Some((token, remaining)) = continues {
            metadata["continue"] = json!(token);
            metadata["remainingItemCount"] = json!(remaining);
        }
        json!({
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": if headed { columns(&resource.key()) } else { Value::Null },
            "rows": rows,
        })
    }
}

fn row(resource: &Resource, object: &Object, include: Option<&str>, now: jiff::Timestamp) -> Value {
    let mut row = json!({"cells": resource.strategy.cells(object, now)});
    match include {
        Some("None") => {}
        Some("Object") => row["object"] = Value::clone(object),
        _ => row["object"] = partial_metadata(object),
    }
    // printers.go: podSuccessConditions, podFailedConditions
    let over = match object["status"]["phase"].as_str().filter(|_| resource.kind == "Pod") {
        Some("Succeeded") => Some("The pod has completed successfully."),
        Some("Failed") => Some("The pod failed."),
        _ => None,
    };
    if let Some(message) = over {
        let reason = &object["status"]["phase"];
        row["conditions"] = json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]);
    }
    row
}
