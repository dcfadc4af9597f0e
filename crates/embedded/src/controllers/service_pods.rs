//! What the controllers of Endpoints and of EndpointSlices have in common: k8s.io/endpointslice/util.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    harness::Key,
    object::{at, condition, created, labels, name, namespace, text, time, uid},
    pod, selector,
};
use crate::{
    apiserver::Api,
    clock::rfc3339,
    storage::{Event, Object},
};

/// The annotation that says which change made the endpoints be written.
pub const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
/// The label of endpoints whose Service has no ClusterIP.
pub const HEADLESS: &str = "service.kubernetes.io/headless";

/// The Services whose endpoints change with a pod.
pub fn services_of_pod(api: &Api, event: &Event) -> Vec<Key> {
    let pod = &event.object;
    if event
        .previous
        .as_ref()
        .is_some_and(|before| event.kind == crate::storage::EventType::Modified && is_same(before, pod))
    {
        return Vec::new();
    }
    let selects = |service: &Value, pod: &Value| {
        let wanted = at(service, "spec.selector");
        wanted.is_object() && selector::matches_map(wanted, labels(pod))
    };
    let concerned =
        |service: &Object| selects(service, pod) || event.previous.iter().any(|before| selects(service, before));
    api.list("services", Some(namespace(pod)))
        .iter()
        .filter(|service| concerned(service))
        .map(|service| Key::of(service))
        .collect()
}

/// Whether two states of a pod make the same endpoint: `podEndpointsChanged`.
fn is_same(one: &Value, other: &Value) -> bool {
    [
        "metadata.labels",
        "metadata.deletionTimestamp",
        "status.podIPs",
        "status.phase",
        "spec.hostname",
        "spec.subdomain",
    ]
    .into_iter()
    .all(|path| at(one, path) == at(other, path))
        && pod::is_ready(one) == pod::is_ready(other)
}

/// The pods that a Service selects, in order of their names.
pub fn selected_pods(api: &Api, service: &Value) -> Vec<Object> {
    let wanted = at(service, "spec.selector");
    let pods = api.list("pods", Some(namespace(service)));
    pods.into_iter().filter(|pod| selector::matches_map(wanted, labels(pod))).collect()
}

/// Whether a pod can be an endpoint: `ShouldPodBeInEndpoints`.
pub fn can_be_endpoint(pod: &Value, terminating_too: bool) -> bool {
    let has_ip = !text(pod, "status.podIP").is_empty();
    !pod::is_terminal(pod) && has_ip && (terminating_too || !super::object::deleting(pod))
}

/// The host name under which a pod of a headless Service is known: `ShouldSetHostname`.
pub fn hostname<'a>(pod: &'a Value, service: &Value) -> Option<&'a str> {
    let hostname = text(pod, "spec.hostname");
    (!hostname.is_empty() && text(pod, "spec.subdomain") == name(service)).then_some(hostname)
}

/// A reference to a pod, as endpoints have it.
pub fn target_reference(pod: &Value) -> Value {
    json!({"kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": uid(pod)})
}

/// Whether a Service has a ClusterIP.
pub fn has_cluster_ip(service: &Value) -> bool {
    !matches!(text(service, "spec.clusterIP"), "" | "None")
}

/// Which change made the endpoints of each Service be written: `TriggerTimeTracker`.
#[derive(Debug, Default)]
pub struct TriggerTimes {
    services: BTreeMap<Key, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    service: Option<Timestamp>,
    pods: BTreeMap<String, Timestamp>,
}

impl TriggerTimes {
    /// The time of the earliest change since the last call, as the annotation has it.
    pub fn next(&mut self, service: &Value, pods: &[Object]) -> Option<String> {
        let key = Key::of(service);
        let known = self.services.get(&key);
        let changed = |pod: &Object| {
            let ready = condition(pod, "Ready").and_then(|condition| time(condition, "lastTransitionTime"))?;
            let before = known.and_then(|seen| seen.pods.get(name(pod)));
            Some((name(pod).to_owned(), ready, before.is_none_or(|before| ready > *before)))
        };
        let times: Vec<(String, Timestamp, bool)> = pods.iter().filter_map(changed).collect();
        let made = created(service);
        let service_changed = known.is_none_or(|seen| seen.service.is_none_or(|before| made > before)).then_some(made);
        let earliest = match known {
            None => Some(made),
            Some(_) => {
                times.iter().filter(|(_, _, changed)| *changed).map(|(_, at, _)| *at).chain(service_changed).min()
            }
        };
        let pods = times.into_iter().map(|(name, at, _)| (name, at)).collect();
        self.services.insert(key, Seen { service: Some(made), pods });
        earliest.map(rfc3339)
    }

    /// Forgets a Service that is gone.
    pub fn forget(&mut self, key: &Key) {
        self.services.remove(key);
    }
}
