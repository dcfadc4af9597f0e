//! Creating and deleting the pods of a controller, with the events about it: pkg/controller/controller_utils.go.

use serde_json::{Value, json};

use super::{
    events::EventRecorder,
    harness::Error,
    object::{at, name, namespace},
    owner::controller_reference,
};
use crate::{
    apiserver::{Api, DeleteOptions, Status},
    storage::Object,
};

/// Why pods cannot be created in a namespace that is being deleted.
pub const NAMESPACE_TERMINATING: &str = "NamespaceTerminating";

/// Creates and deletes pods for a controller.
pub struct PodControl {
    /// The API, as the controller.
    pub api: Api,
    /// Where its events go.
    pub recorder: EventRecorder,
}

impl PodControl {
    /// Creates a pod from the template of `owner`, which controls it.
    pub fn create(&self, owner: &Value, template: &Value) -> Result<Object, Error> {
        self.create_pod(owner, pod_from_template(owner, template))
    }

    /// Creates a pod that was made ready before.
    pub fn create_pod(&self, owner: &Value, pod: Value) -> Result<Object, Error> {
        match self.api.create("pods", namespace(owner), pod) {
            Ok(pod) => {
                self.recorder.event(owner, "Normal", "SuccessfulCreate", &format!("Created pod: {}", name(&pod)));
                Ok(pod)
            }
            Err(status) => {
                if !has_cause(&status, NAMESPACE_TERMINATING) {
                    self.recorder.event(owner, "Warning", "FailedCreate", &format!("Error creating: {status}"));
                }
                Err(status.into())
            }
        }
    }

    /// Deletes a pod of `owner`. That it is gone already is no error.
    pub fn delete(&self, owner: &Value, pod: &Value) -> Result<(), Error> {
        match self.api.delete("pods", namespace(owner), name(pod), &DeleteOptions::default()) {
            Ok(_) => {
                self.recorder.event(owner, "Normal", "SuccessfulDelete", &format!("Deleted pod: {}", name(pod)));
                Ok(())
            }
            Err(status) if status.is_not_found() => Ok(()),
            Err(status) => {
                self.recorder.event(owner, "Warning", "FailedDelete", &format!("Error deleting: {status}"));
                Err(Error::Other(format!("unable to delete pods: {status}")))
            }
        }
    }
}

/// A pod as the template of `owner` describes it: `GetPodFromTemplate`.
pub fn pod_from_template(owner: &Value, template: &Value) -> Value {
    let mut metadata = json!({
        "generateName": format!("{}-", name(owner)), "namespace": namespace(owner),
        "ownerReferences": [controller_reference(owner)],
    });
    for field in ["labels", "annotations", "finalizers"] {
        let value = at(template, "metadata").get(field).cloned().unwrap_or_default();
        if !value.is_null() {
            metadata[field] = value;
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

/// Whether a Status names this cause: `apierrors.HasStatusCause`.
pub fn has_cause(status: &Status, cause: &str) -> bool {
    status.details.as_ref().is_some_and(|details| details.causes.iter().any(|each| each.kind == cause))
}
