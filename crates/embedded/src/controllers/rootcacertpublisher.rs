//! The ConfigMap `kube-root-ca.crt` of each namespace: pkg/controller/certificates/rootcacertpublisher.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    harness::{Controller, Error, Key, resources},
    object::{at, map_mut, name, namespace, text},
    pod_control::{NAMESPACE_TERMINATING, has_cause},
};
use crate::{apiserver::Api, storage::Event};

/// The ConfigMap's name.
const NAME: &str = "kube-root-ca.crt";
/// What `kubectl describe` says about it.
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as \
                           the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of \
                           Kubernetes clusters.";

/// The publisher of the API server's root certificate.
pub struct RootCaCertPublisher {
    api: Api,
    certificate: String,
}

impl RootCaCertPublisher {
    /// A publisher of a certificate in PEM.
    pub fn new(api: &Api, certificate: &str) -> Self {
        Self { api: super::as_controller(api, "root-ca-cert-publisher"), certificate: certificate.to_owned() }
    }
}

impl Controller for RootCaCertPublisher {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["namespaces", "configmaps"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            "namespaces" => vec![Key::new("", name(&event.object))],
            _ if name(&event.object) == NAME => vec![Key::new("", namespace(&event.object))],
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let active = self.api.get("namespaces", "", &key.name).is_ok_and(|it| text(&it, "status.phase") == "Active");
        if !active {
            return Ok(None);
        }
        let data = json!({"ca.crt": self.certificate});
        match self.api.get("configmaps", &key.name, NAME) {
            Err(_) => {
                let published = json!({
                    "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                    "metadata": {
                        "name": NAME, "namespace": key.name, "annotations": {"kubernetes.io/description": DESCRIPTION},
                    },
                });
                match self.api.create("configmaps", &key.name, published) {
                    Err(status) if !has_cause(&status, NAMESPACE_TERMINATING) => Err(status.into()),
                    _ => Ok(None),
                }
            }
            Ok(there) if at(&there, "data") == &data && is_described(&there) => Ok(None),
            Ok(there) => {
                let mut published = Value::clone(&there);
                published["data"] = data;
                let description = json!(DESCRIPTION);
                map_mut(&mut published, "metadata.annotations")
                    .insert("kubernetes.io/description".to_owned(), description);
                self.api.update("configmaps", published)?;
                Ok(None)
            }
        }
    }
}

fn is_described(published: &Value) -> bool {
    at(published, "metadata.annotations").get("kubernetes.io/description").is_some_and(|text| text == DESCRIPTION)
}
