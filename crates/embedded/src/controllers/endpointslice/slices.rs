//! From the slices that are there to those that should be, with the fewest writes: k8s.io/endpointslice/reconciler.go.

use serde_json::{Map, Value, json};

use super::{MANAGED_BY, MANAGER, SERVICE_NAME, desired::Group, is_owned_by};
use crate::{
    controllers::{
        object::{items, labels, name, namespace, semantically_equal},
        owner::controller_reference,
        service_pods::{HEADLESS, has_cluster_ip},
    },
    storage::Object,
};

/// The most endpoints of a slice.
const MAX_ENDPOINTS: usize = 100;

/// What is to be written.
#[derive(Debug, Default)]
pub struct Changes {
    /// New slices.
    pub create: Vec<Value>,
    /// Changed slices.
    pub update: Vec<Value>,
    /// Slices that are not needed any more.
    pub delete: Vec<Object>,
}

impl Changes {
    /// Adds other changes.
    pub fn append(&mut self, mut other: Self) {
        self.create.append(&mut other.create);
        self.update.append(&mut other.update);
        self.delete.append(&mut other.delete);
    }
}

/// The changes that make `existing` slices of one address family hold the groups' endpoints: `reconcileByAddressType`.
pub fn reconcile(service: &Value, family: &str, existing: Vec<Object>, groups: Vec<Group>) -> Changes {
    let there = existing.len();
    let (owned, mut foreign): (Vec<Object>, Vec<Object>) =
        existing.into_iter().partition(|slice| is_owned_by(slice, service));
    let mut changes = Changes::default();
    let mut rest = owned;
    for group in groups {
        let (same, other) = rest.into_iter().partition(|slice| same_ports(items(slice, "ports"), &group.ports));
        rest = other;
        changes.append(reconcile_group(service, family, same, group));
    }
    changes.delete.append(&mut rest);
    changes.delete.append(&mut foreign);
    if there == changes.delete.len() && changes.create.is_empty() {
        // A Service without any endpoint has one empty slice.
        let placeholder = new_slice(service, family, &[], Vec::new());
        let is_one = |slice: &Object| {
            items(slice, "endpoints").is_empty()
                && items(slice, "ports").is_empty()
                && labels(slice) == labels(&placeholder)
        };
        match changes.delete.as_slice() {
            [only] if is_one(only) => changes.delete.clear(),
            _ => changes.create.push(placeholder),
        }
    }
    changes
}

fn same_ports(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().all(|port| other.iter().any(|each| semantically_equal(port, each)))
}

/// `reconcileByPortMapping`.
fn reconcile_group(service: &Value, family: &str, existing: Vec<Object>, group: Group) -> Changes {
    let mut changes = Changes::default();
    let mut missing = group.endpoints;
    let mut unchanged: Vec<Object> = Vec::new();
    for slice in existing {
        let before = items(&slice, "endpoints");
        let mut kept = Vec::new();
        for endpoint in before {
            if let Some(index) = missing.iter().position(|other| is_same_endpoint(endpoint, other)) {
                kept.push(missing.remove(index));
            }
        }
        let changed =
            kept.len() != before.len() || kept.iter().zip(before).any(|(new, old)| !semantically_equal(new, old));
        let wanted_labels = slice_labels(service);
        if changed && kept.is_empty() {
            changes.delete.push(slice);
        } else if changed || labels(&slice) != &wanted_labels {
            let mut copy = Value::clone(&slice);
            copy["endpoints"] = Value::Array(kept);
            copy["metadata"]["labels"] = wanted_labels;
            changes.update.push(copy);
        } else {
            unchanged.push(slice);
        }
    }
    // The fullest ones are filled first.
    changes.update.sort_by_key(|slice| std::cmp::Reverse(items(slice, "endpoints").len()));
    for slice in &mut changes.update {
        fill(slice, &mut missing);
    }
    while !missing.is_empty() {
        let room = |slice: &Object| MAX_ENDPOINTS.checked_sub(items(slice, "endpoints").len() + missing.len());
        let fitting = unchanged.iter().enumerate().filter_map(|(index, slice)| Some((room(slice)?, index)));
        match fitting.min().filter(|_| missing.len() < MAX_ENDPOINTS) {
            Some((_, index)) => {
                let mut slice = Value::clone(&unchanged.remove(index));
                fill(&mut slice, &mut missing);
                changes.update.push(slice);
            }
            None => {
                let mut slice = new_slice(service, family, &group.ports, Vec::new());
                fill(&mut slice, &mut missing);
                changes.create.push(slice);
            }
        }
    }
    changes
}

/// Whether two endpoints are the same one, whatever became of it: the same addresses, pod and host name.
fn is_same_endpoint(one: &Value, other: &Value) -> bool {
    ["addresses", "hostname"].into_iter().all(|field| semantically_equal(&one[field], &other[field]))
        && one["targetRef"]["uid"] == other["targetRef"]["uid"]
}

fn fill(slice: &mut Value, missing: &mut Vec<Value>) {
    let room = MAX_ENDPOINTS.saturating_sub(items(slice, "endpoints").len()).min(missing.len());
    let more = missing.drain(..room);
    match slice["endpoints"].as_array_mut() {
        Some(endpoints) => endpoints.extend(more),
        None => slice["endpoints"] = more.collect(),
    }
}

/// `newEndpointSlice`.
fn new_slice(service: &Value, family: &str, ports: &[Value], endpoints: Vec<Value>) -> Value {
    // An empty list is null in the API's answers.
    let list = |items: &[Value]| {
        if items.is_empty() { Value::Null } else { json!(items) }
    };
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {
            "generateName": format!("{}-", name(service)), "namespace": namespace(service),
            "labels": slice_labels(service), "ownerReferences": [controller_reference(service)],
        },
        "addressType": family, "ports": list(ports), "endpoints": list(&endpoints),
    })
}

/// `setEndpointSliceLabels`.
fn slice_labels(service: &Value) -> Value {
    let mut wanted: Map<String, Value> = labels(service).as_object().cloned().unwrap_or_default();
    wanted.remove(HEADLESS);
    if !has_cluster_ip(service) {
        wanted.insert(HEADLESS.to_owned(), json!(""));
    }
    wanted.insert(SERVICE_NAME.to_owned(), json!(name(service)));
    wanted.insert(MANAGED_BY.to_owned(), json!(MANAGER));
    Value::Object(wanted)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn service() -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "x", "uid": "s"},
            "spec": {"clusterIP": "10.96.0.9"}})
    }

    fn endpoints(numbers: std::ops::Range<usize>) -> Vec<Value> {
        numbers.map(|n| json!({"addresses": [format!("10.0.0.{n}")], "targetRef": {"uid": n.to_string()}})).collect()
    }

    fn stored(mut slice: Value, name: &str) -> Object {
        slice["metadata"]["name"] = json!(name);
        Arc::new(slice)
    }

    #[test]
    fn a_service_without_endpoints_has_an_empty_slice_which_is_used_later() {
        let changes = reconcile(&service(), "IPv4", Vec::new(), Vec::new());
        assert_eq!((changes.create.len(), changes.delete.len()), (1, 0));
        let placeholder = stored(changes.create[0].clone(), "web-1");
        let again = reconcile(&service(), "IPv4", vec![placeholder.clone()], Vec::new());
        assert!(again.create.is_empty() && again.update.is_empty() && again.delete.is_empty());
        let group = Group { ports: vec![json!({"port": 80})], endpoints: endpoints(0..2) };
        let filled = reconcile(&service(), "IPv4", vec![placeholder], vec![group]);
        assert_eq!((filled.create.len(), filled.delete.len()), (1, 1));
        assert_eq!(items(&filled.create[0], "endpoints").len(), 2);
    }

    #[test]
    fn endpoints_stay_in_their_slice_and_overflow_into_a_new_one() {
        let ports = vec![json!({"port": 80})];
        let group = |numbers| Group { ports: ports.clone(), endpoints: endpoints(numbers) };
        let first = stored(reconcile(&service(), "IPv4", Vec::new(), vec![group(0..100)]).create[0].clone(), "web-1");
        let changes = reconcile(&service(), "IPv4", vec![first], vec![group(0..130)]);
        assert_eq!((changes.create.len(), changes.update.len()), (1, 0));
        assert_eq!(items(&changes.create[0], "endpoints").len(), 30);
    }
}
