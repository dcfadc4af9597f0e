//! How objects hang together: owners, selected Pods, endpoints.

use super::{ObjectKey, Snapshot, path, selector};
use serde_json::Value;
use std::sync::Arc;

impl Snapshot {
    /// Is `object` owned, directly or through other owners, by the object with this uid?
    pub fn owned_by(&self, object: &Value, uid: &str) -> bool {
        self.owner_chain(object).iter().any(|owner| owner == uid)
    }

    /// The uids of the owners of an object, their owners included, nearest first.
    pub fn owner_chain(&self, object: &Value) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut at = vec![object.clone()];
        while let Some(o) = at.pop() {
            for owner in o["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
                let Some(uid) = owner["uid"].as_str() else { continue };
                // An owner cycle is possible in the API; each uid is followed once.
                if chain.iter().any(|seen| seen == uid) {
                    continue;
                }
                chain.push(uid.to_owned());
                if let Some((_, next)) = self.by_uid(uid) {
                    at.push(next.as_ref().clone());
                }
            }
        }
        chain
    }

    /// The Pods that a Service's selector selects, terminating ones included.
    pub fn selected_pods<'s, 'o>(
        &'s self,
        service: &'o Value,
    ) -> impl Iterator<Item = (&'s ObjectKey, &'s Arc<Value>)> + use<'s, 'o> {
        let namespace = path::text(service, "metadata.namespace");
        self.of_kind("Pod", namespace)
            .filter(move |(_, pod)| selector::map_matches(&service["spec"]["selector"], &pod["metadata"]["labels"]))
    }

    /// The addresses that a Service sends traffic to: the ready ones of its EndpointSlices, sorted, each once.
    pub fn ready_addresses(&self, service: &Value) -> Vec<String> {
        self.addresses(service, |endpoint| endpoint["conditions"]["ready"].as_bool().unwrap_or(true))
    }

    fn addresses(&self, service: &Value, which: impl Fn(&Value) -> bool) -> Vec<String> {
        let mut addresses: Vec<String> = self
            .endpoint_slices(service)
            .flat_map(|(_, slice)| slice["endpoints"].as_array().into_iter().flatten())
            .filter(|endpoint| which(endpoint))
            .flat_map(|endpoint| endpoint["addresses"].as_array().into_iter().flatten())
            .filter_map(|address| address.as_str().map(str::to_owned))
            .collect();
        addresses.sort();
        addresses.dedup();
        addresses
    }

    /// The EndpointSlices of a Service, by their label `kubernetes.io/service-name`.
    pub fn endpoint_slices<'s, 'o>(
        &'s self,
        service: &'o Value,
    ) -> impl Iterator<Item = (&'s ObjectKey, &'s Arc<Value>)> + use<'s, 'o> {
        let namespace = path::text(service, "metadata.namespace");
        let name = path::text(service, "metadata.name");
        self.of_kind("EndpointSlice", namespace).filter(move |(_, slice)| {
            slice["metadata"]["labels"]["kubernetes.io/service-name"].as_str() == name && name.is_some()
        })
    }
}

/// Is the condition of this type `True` in an object's status?
pub fn condition_is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|c| c["status"] == "True")
}

/// The condition of this type in an object's status.
pub fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v Value> {
    object["status"]["conditions"].as_array()?.iter().find(|c| c["type"] == kind)
}
