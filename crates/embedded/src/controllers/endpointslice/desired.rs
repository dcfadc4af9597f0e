//! The endpoints that a Service should have: k8s.io/endpointslice/utils.go.

use serde_json::{Value, json};

use crate::{
    apiserver::Api,
    controllers::{
        object::{at, deleting, flag, items, labels, text},
        pod,
        service_pods::{can_be_endpoint, hostname, target_reference},
    },
    storage::Object,
};

/// Endpoints that have the same ports.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The ports.
    pub ports: Vec<Value>,
    /// The endpoints, in order of their pods' names.
    pub endpoints: Vec<Value>,
}

/// The endpoints of a Service in one address family.
pub fn endpoints_by_ports(api: &Api, service: &Value, pods: &[Object], family: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for pod in pods.iter().filter(|pod| can_be_endpoint(pod, true)) {
        let ports = ports(service, pod);
        let index = groups.iter().position(|group| group.ports == ports).unwrap_or_else(|| {
            groups.push(Group { ports, endpoints: Vec::new() });
            groups.len() - 1
        });
        let node = api.get("nodes", "", text(pod, "spec.nodeName")).ok();
        if node.is_none() && !flag(service, "spec.publishNotReadyAddresses") {
            continue;
        }
        groups[index].endpoints.extend(endpoint(service, pod, node.as_ref(), family));
    }
    groups
}

/// `podToEndpoint`.
fn endpoint(service: &Value, pod: &Value, node: Option<&Object>, family: &str) -> Option<Value> {
    let addresses: Vec<&str> = items(pod, "status.podIPs")
        .iter()
        .filter_map(|address| address["ip"].as_str())
        .filter(|ip| ip.contains(':') == (family == "IPv6"))
        .collect();
    if addresses.is_empty() {
        return None;
    }
    let (serving, terminating) = (pod::is_ready(pod), deleting(pod));
    let ready = flag(service, "spec.publishNotReadyAddresses") || serving && !terminating;
    let mut endpoint = json!({
        "addresses": addresses,
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": target_reference(pod),
    });
    let node_name = text(pod, "spec.nodeName");
    if !node_name.is_empty() {
        endpoint["nodeName"] = json!(node_name);
    }
    let zone = node.and_then(|node| labels(node).get("topology.kubernetes.io/zone")).and_then(Value::as_str);
    for (field, value) in [("zone", zone), ("hostname", hostname(pod, service))] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            endpoint[field] = json!(value);
        }
    }
    Some(endpoint)
}

/// `getEndpointPorts`.
fn ports(service: &Value, pod: &Value) -> Vec<Value> {
    let port = |port: &Value| {
        let mut endpoint = json!({
            "name": text(port, "name"), "port": pod::find_port(pod, port)?,
            "protocol": port["protocol"].as_str().unwrap_or("TCP"),
        });
        if !at(port, "appProtocol").is_null() {
            endpoint["appProtocol"] = port["appProtocol"].clone();
        }
        Some(endpoint)
    };
    items(service, "spec.ports").iter().filter_map(port).collect()
}
