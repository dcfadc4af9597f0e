//! Assigning a pod to a node: the `binding` subresource (kubernetes: registry/core/pod/storage/storage.go).

use apimachinery::{gvk::GroupResource, meta};
use serde_json::{Value, json};

use super::{Api, Status};

impl Api {
    /// Assigns a pod to a node, once.
    pub fn bind(&self, namespace: &str, pod: &str, node: &str) -> Result<(), Status> {
        let mut tables = self.inner.storage.lock();
        let Some(old) = tables.get("pods", namespace, pod) else {
            return Err(Status::not_found(&GroupResource::new("", "pods"), pod));
        };
        let conflict = |why: String| Err(Status::conflict(&GroupResource::new("", "pods/binding"), pod, &why));
        if !old["metadata"]["deletionTimestamp"].is_null() {
            return conflict(format!("pod {pod} is being deleted, cannot be assigned to a host"));
        }
        if let Some(other) = meta::dig_str(old, "spec.nodeName").filter(|node| !node.is_empty()) {
            return conflict(format!("pod {pod} is already assigned to node \"{other}\""));
        }
        if !meta::dig_list(old, "spec.schedulingGates").is_empty() {
            return conflict(format!("pod {pod} has non-empty .spec.schedulingGates"));
        }
        let mut new = Value::clone(old);
        new["spec"]["nodeName"] = json!(node);
        set_scheduled(&mut new, &self.clock().rfc3339());
        tables.put("pods", &(namespace.to_owned(), pod.to_owned()), new);
        Ok(())
    }
}

/// `podutil.UpdatePodCondition` for `PodScheduled`: the time changes only when the status does.
fn set_scheduled(pod: &mut Value, now: &str) {
    let generation = pod["metadata"]["generation"].clone();
    let mut condition =
        json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now});
    if !generation.is_null() {
        condition["observedGeneration"] = generation;
    }
    if !pod["status"]["conditions"].is_array() {
        pod["status"]["conditions"] = json!([]);
    }
    let Some(conditions) = pod["status"]["conditions"].as_array_mut() else {
        return;
    };
    match conditions.iter_mut().find(|other| other["type"] == "PodScheduled") {
        Some(other) => {
            if other["status"] == condition["status"] {
                condition["lastTransitionTime"] = other["lastTransitionTime"].clone();
            }
            *other = condition;
        }
        None => conditions.push(condition),
    }
}
