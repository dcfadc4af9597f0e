//! Endpoints of Services: pkg/controller/endpoint/endpoints_controller.go.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    object::{at, flag, items, labels, map_mut, name, namespace, text},
    pod,
    pod_control::{NAMESPACE_TERMINATING, has_cause},
    service_pods::{
        HEADLESS, TRIGGER_TIME, TriggerTimes, can_be_endpoint, has_cluster_ip, hostname, selected_pods,
        services_of_pod, target_reference,
    },
};
use crate::{
    apiserver::Api,
    storage::{Event, Object},
};

/// The label that names this controller.
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const MANAGER: &str = "endpoint-controller";

/// The controller of Endpoints.
pub struct EndpointsController {
    api: Api,
    recorder: EventRecorder,
    trigger_times: TriggerTimes,
}

impl EndpointsController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, MANAGER);
        let recorder = EventRecorder::new(&api, MANAGER, "");
        Self { api, recorder, trigger_times: TriggerTimes::default() }
    }
}

impl Controller for EndpointsController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["services", "pods", "endpoints"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            "pods" => services_of_pod(&self.api, event),
            _ => vec![Key::of(&event.object)],
        }
    }

    /// `syncService`.
    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(service) = self.api.get("services", &key.namespace, &key.name) else {
            self.trigger_times.forget(key);
            let ours = self.api.get("endpoints", &key.namespace, &key.name);
            // Endpoints that somebody else made, and that have no Service, are left alone by the API's garbage collection as well.
            if ours.is_ok_and(|endpoints| at(&endpoints, "metadata.labels").get(MANAGED_BY).is_some()) {
                let _ = self.api.delete("endpoints", &key.namespace, &key.name, &Default::default());
            }
            return Ok(None);
        };
        if text(&service, "spec.type") == "ExternalName" || !at(&service, "spec.selector").is_object() {
            return Ok(None);
        }
        let pods = selected_pods(&self.api, &service);
        let trigger_time = self.trigger_times.next(&service, &pods);
        let subsets = subsets(&service, &pods);
        let current = self.api.get("endpoints", &key.namespace, &key.name).ok();
        if current.as_ref().is_some_and(|current| is_up_to_date(current, &service, &subsets)) {
            return Ok(None);
        }
        let new = endpoints(current.as_ref(), &service, subsets, trigger_time);
        self.write(&service, current.is_none(), new).map(|()| None)
    }
}

impl EndpointsController {
    fn write(&self, service: &Value, create: bool, new: Value) -> Result<(), Error> {
        let (place, service_name) = (namespace(service), name(service));
        let written = if create {
            self.api.create("endpoints", place, new.clone())
        } else {
            self.api.update("endpoints", new.clone())
        };
        let Err(status) = written else {
            return Ok(());
        };
        if create && has_cause(&status, NAMESPACE_TERMINATING) {
            return Ok(());
        }
        let (reason, message) = if create {
            let message = format!("Failed to create endpoint for service {place}/{service_name}: {status}");
            ("FailedToCreateEndpoint", message)
        } else {
            ("FailedToUpdateEndpoint", format!("Failed to update endpoint {place}/{service_name}: {status}"))
        };
        self.recorder.event(&new, "Warning", reason, &message);
        Err(status.into())
    }
}

fn is_up_to_date(current: &Value, service: &Value, subsets: &[Value]) -> bool {
    let own: Map<String, Value> = labels(current)
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !matches!(key.as_str(), HEADLESS | MANAGED_BY))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let managed = labels(current).get(MANAGED_BY).is_some_and(|manager| manager == MANAGER);
    managed && items(current, "subsets") == subsets && own == labels(service).as_object().cloned().unwrap_or_default()
}

fn endpoints(current: Option<&Object>, service: &Value, subsets: Vec<Value>, trigger_time: Option<String>) -> Value {
    let mut new = match current {
        Some(current) => Value::clone(current),
        None => json!({
            "apiVersion": "v1", "kind": "Endpoints",
            "metadata": {"name": name(service), "namespace": namespace(service)},
        }),
    };
    if subsets.is_empty() {
        super::object::remove(&mut new, "subsets");
    } else {
        new["subsets"] = Value::Array(subsets);
    }
    match trigger_time {
        Some(at) => {
            map_mut(&mut new, "metadata.annotations").insert(TRIGGER_TIME.to_owned(), json!(at));
        }
        None => {
            map_mut(&mut new, "metadata.annotations").remove(TRIGGER_TIME);
        }
    }
    let labels_of_service = labels(service).as_object().cloned().unwrap_or_default();
    let own = map_mut(&mut new, "metadata.labels");
    *own = labels_of_service;
    own.remove(HEADLESS);
    if !has_cluster_ip(service) {
        own.insert(HEADLESS.to_owned(), json!(""));
    }
    own.insert(MANAGED_BY.to_owned(), json!(MANAGER));
    new
}

/// An address by its IP and the uid of its pod, in the order in which addresses are listed.
type Addresses = BTreeMap<(String, String), (Value, bool)>;

/// The addresses by the ports that they offer: `RepackSubsets`.
fn subsets(service: &Value, pods: &[Object]) -> Vec<Value> {
    let unready_too = flag(service, "spec.publishNotReadyAddresses");
    let ports = items(service, "spec.ports");
    let mut by_port: Vec<(Value, Addresses)> = Vec::new();
    let mut add = |port: Value, pod: &Value| {
        let address = address(service, pod);
        let key = (text(pod, "status.podIP").to_owned(), super::object::uid(pod).to_owned());
        let entry = (address, unready_too || pod::is_ready(pod));
        match by_port.iter_mut().find(|(other, _)| *other == port) {
            Some((_, addresses)) => drop(addresses.insert(key, entry)),
            None => by_port.push((port, Addresses::from([(key, entry)]))),
        }
    };
    for pod in pods.iter().filter(|pod| can_be_endpoint(pod, unready_too)) {
        if ports.is_empty() && text(service, "spec.clusterIP") == "None" {
            add(Value::Null, pod);
        }
        for port in ports {
            if let Some(number) = pod::find_port(pod, port) {
                add(endpoint_port(port, number), pod);
            }
        }
    }
    let mut packed: Vec<(Addresses, Vec<Value>)> = Vec::new();
    for (port, addresses) in by_port {
        match packed.iter_mut().find(|(other, _)| *other == addresses) {
            Some((_, ports)) => ports.push(port),
            None => packed.push((addresses, vec![port])),
        }
    }
    packed.into_iter().map(|(addresses, ports)| subset(addresses, ports)).collect()
}

fn subset(addresses: Addresses, ports: Vec<Value>) -> Value {
    let (ready, unready): (Vec<_>, Vec<_>) = addresses.into_values().partition(|(_, ready)| *ready);
    let mut subset = json!({});
    for (field, list) in [("addresses", ready), ("notReadyAddresses", unready)] {
        if !list.is_empty() {
            subset[field] = list.into_iter().map(|(address, _)| address).collect();
        }
    }
    let ports: Vec<Value> = ports.into_iter().filter(|port| !port.is_null()).collect();
    if !ports.is_empty() {
        subset["ports"] = Value::Array(ports);
    }
    subset
}

fn address(service: &Value, pod: &Value) -> Value {
    let mut address = json!({"ip": at(pod, "status.podIP"), "targetRef": target_reference(pod)});
    let node = text(pod, "spec.nodeName");
    if !node.is_empty() {
        address["nodeName"] = json!(node);
    }
    if let Some(hostname) = hostname(pod, service) {
        address["hostname"] = json!(hostname);
    }
    address
}

fn endpoint_port(port: &Value, number: i64) -> Value {
    let mut endpoint = json!({"port": number, "protocol": port["protocol"].as_str().unwrap_or("TCP")});
    for field in ["name", "appProtocol"] {
        if !text(port, field).is_empty() {
            endpoint[field] = port[field].clone();
        }
    }
    endpoint
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn ready_and_unready_pods_stand_apart() {
        let service = json!({"metadata": {"name": "web", "namespace": "x"}, "spec": {
            "clusterIP": "10.96.0.7", "ports": [{"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP"}]}});
        let pod = |name: &str, ip: &str, ready: &str| {
            Arc::new(json!({
                "metadata": {"name": name, "namespace": "x", "uid": name},
                "spec": {"nodeName": "node-1", "containers": [{"ports": [{"name": "web", "containerPort": 8080, "protocol": "TCP"}]}]},
                "status": {"podIP": ip, "phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
            }))
        };
        let pods = [pod("b", "10.244.0.3", "True"), pod("a", "10.244.0.2", "True"), pod("c", "10.244.0.4", "False")];
        let address = |name: &str, ip: &str| {
            json!({"ip": ip, "nodeName": "node-1",
                "targetRef": {"kind": "Pod", "namespace": "x", "name": name, "uid": name}})
        };
        assert_eq!(
            subsets(&service, &pods),
            [json!({
                "addresses": [address("a", "10.244.0.2"), address("b", "10.244.0.3")],
                "notReadyAddresses": [address("c", "10.244.0.4")],
                "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            })]
        );
    }
}
