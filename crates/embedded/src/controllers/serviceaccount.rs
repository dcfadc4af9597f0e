//! The ServiceAccount `default` of each namespace: pkg/controller/serviceaccount/serviceaccounts_controller.go.

use std::time::Duration;

use serde_json::json;

use super::{
    harness::{Controller, Error, Key, resources},
    object::{name, namespace, text},
    pod_control::{NAMESPACE_TERMINATING, has_cause},
};
use crate::{
    apiserver::Api,
    storage::{Event, EventType},
};

/// The controller of ServiceAccounts.
pub struct ServiceAccountController {
    api: Api,
}

impl ServiceAccountController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "service-account-controller") }
    }
}

impl Controller for ServiceAccountController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["namespaces", "serviceaccounts"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            "namespaces" => vec![Key::new("", name(&event.object))],
            _ if event.kind == EventType::Deleted => vec![Key::new("", namespace(&event.object))],
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let active = self.api.get("namespaces", "", &key.name).is_ok_and(|it| text(&it, "status.phase") == "Active");
        if !active || self.api.get("serviceaccounts", &key.name, "default").is_ok() {
            return Ok(None);
        }
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": key.name},
        });
        match self.api.create("serviceaccounts", &key.name, account) {
            Err(status) if !status.is_already_exists() && !has_cause(&status, NAMESPACE_TERMINATING) => {
                Err(status.into())
            }
            _ => Ok(None),
        }
    }
}
