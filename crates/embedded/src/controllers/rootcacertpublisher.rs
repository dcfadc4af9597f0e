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

/// The ConfigMap in which the API server says whose certificates it trusts.
pub const AUTHENTICATION: (&str, &str) = ("kube-system", "extension-apiserver-authentication");
/// The key in it that holds the authority's certificate.
pub const CLIENT_CA: &str = "client-ca-file";

/// The publisher of the API server's root certificate, as the API server itself publishes it.
pub struct RootCaCertPublisher {
    api: Api,
}

impl RootCaCertPublisher {
    /// A publisher.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "root-ca-cert-publisher") }
    }

    fn certificate(&self) -> Value {
        let published = self.api.get("configmaps", AUTHENTICATION.0, AUTHENTICATION.1);
        published.map_or(Value::Null, |published| at(&published, "data")[CLIENT_CA].clone())
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
            _ if Key::of(&event.object) == Key::new(AUTHENTICATION.0, AUTHENTICATION.1) => {
                self.api.list("namespaces", None).iter().map(|it| Key::new("", name(it))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let active = self.api.get("namespaces", "", &key.name).is_ok_and(|it| text(&it, "status.phase") == "Active");
        if !active {
            return Ok(None);
        }
        let data = json!({"ca.crt": self.certificate()});
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
