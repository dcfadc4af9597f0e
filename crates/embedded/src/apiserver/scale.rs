//! The `scale` subresource of workloads (kubernetes: registry/apps/deployment/storage/storage.go).

use apimachinery::{
    field::{FieldError, Path},
    gvk::GroupKind,
    meta,
    selector::format_label_selector,
    status::Status,
};
use serde_json::{Value, json};

use super::{Api, WriteOptions, Written};

impl Api {
    /// The Scale of a workload.
    pub fn scale(&self, resource: &str, namespace: &str, name: &str) -> Result<Value, Status> {
        Ok(scale_of(&*self.get(resource, namespace, name)?))
    }

    /// Sets the replicas of a workload to those of a Scale, which is compared with the present one by uid and version.
    pub fn set_scale(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        scale: &Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let replicas = scale["spec"]["replicas"].as_i64().unwrap_or(0);
        if replicas < 0 {
            let path = Path::new("spec").child("replicas");
            let error = FieldError::invalid(&path, replicas, "must be greater than or equal to 0");
            return Err(Status::invalid(&GroupKind::new("autoscaling", "Scale"), name, &[error]));
        }
        loop {
            let mut object = Value::clone(&*self.get(resource, namespace, name)?);
            object["spec"]["replicas"] = json!(replicas);
            let asked = meta::resource_version(scale);
            if !asked.is_empty() {
                object["metadata"]["resourceVersion"] = json!(asked);
            }
            match self.update_with(resource, None, object, options) {
                Err(status) if status.is_conflict() && asked.is_empty() => {}
                result => return result,
            }
        }
    }
}

/// What a workload looks like as a Scale.
pub(super) fn scale_of(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut scale = json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {},
        "spec": {},
        "status": {"replicas": object["status"]["replicas"].as_i64().unwrap_or(0)},
    });
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        scale["metadata"][field] = metadata[field].clone();
    }
    // The API omits what is zero.
    if let Some(replicas) = object["spec"]["replicas"].as_i64().filter(|replicas| *replicas != 0) {
        scale["spec"]["replicas"] = json!(replicas);
    }
    let selector = &object["spec"]["selector"];
    if !selector.is_null() {
        scale["status"]["selector"] = json!(format_label_selector(selector));
    }
    scale
}
