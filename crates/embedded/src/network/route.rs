//! Where a connection ends up: what kube-proxy makes of Services and node ports.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::Origin;
use crate::apiserver::Api;

/// The label by which an EndpointSlice belongs to a Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Where a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this address and port.
    To(IpAddr, u16),
    /// It is rejected: a Service without endpoints.
    Refused,
    /// It is never answered.
    Lost,
}

/// Finds where a connection to `address` and `port` goes.
pub fn route(api: &Api, nodes: &BTreeMap<IpAddr, String>, from: &Origin, address: IpAddr, port: u16) -> Route {
    let services = api.list("services", None);
    let is_node = nodes.contains_key(&address) || (address.is_loopback() && !matches!(from, Origin::Pod { .. }));
    for service in &services {
        let spec = &service["spec"];
        let field = if is_node { "nodePort" } else { "port" };
        if !is_node && !addresses(spec).any(|cluster_ip| cluster_ip == address) {
            continue;
        }
        let Some(found) = ports(spec).find(|entry| number(&entry[field]) == Some(port)) else {
            if is_node {
                continue;
            }
            // nftables rejects what is addressed to a Service's address and none of its ports.
            return Route::Refused;
        };
        let reachable =
            is_node || !matches!(from, Origin::Outside) || external(spec).any(|external| external == address);
        if !reachable {
            return Route::Lost;
        }
        return endpoint(api, service, found, nodes.get(&address))
            .map_or(Route::Refused, |(address, port)| Route::To(address, port));
    }
    if matches!(from, Origin::Outside) && !is_node {
        return Route::Lost;
    }
    Route::To(address, port)
}

fn addresses(spec: &Value) -> impl Iterator<Item = IpAddr> + '_ {
    let own = spec["clusterIPs"].as_array().into_iter().flatten().chain([&spec["clusterIP"]]);
    own.filter_map(Value::as_str).filter_map(|text| text.parse().ok()).chain(external(spec))
}

fn external(spec: &Value) -> impl Iterator<Item = IpAddr> + '_ {
    spec["externalIPs"].as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(|text| text.parse().ok())
}

fn ports(spec: &Value) -> impl Iterator<Item = &Value> {
    spec["ports"].as_array().into_iter().flatten()
}

fn number(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|number| u16::try_from(number).ok())
}

/// The ready endpoints of a Service's port, in the order of its slices.
pub fn endpoints(api: &Api, service: &Value, port: &Value) -> Vec<(IpAddr, u16)> {
    let namespace = service["metadata"]["namespace"].as_str().unwrap_or_default();
    let name = &service["metadata"]["name"];
    let mut found = Vec::new();
    for slice in api.list("endpointslices.discovery.k8s.io", Some(namespace)) {
        if &slice["metadata"]["labels"][SERVICE_NAME] != name {
            continue;
        }
        let port_name = port["name"].as_str().unwrap_or_default();
        let Some(target) = ports(&slice)
            .find(|entry| entry["name"].as_str().unwrap_or_default() == port_name)
            .and_then(|entry| number(&entry["port"]))
        else {
            continue;
        };
        for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
            if endpoint["conditions"]["ready"].as_bool() == Some(false) {
                continue;
            }
            let addresses = endpoint["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
            found.extend(addresses.filter_map(|text| text.parse().ok()).map(|address| (address, target)));
        }
    }
    found
}

fn endpoint(api: &Api, service: &Value, port: &Value, node: Option<&String>) -> Option<(IpAddr, u16)> {
    let mut all = endpoints(api, service, port);
    if let (Some(node), Some("Local")) = (node, service["spec"]["externalTrafficPolicy"].as_str()) {
        let on_node: Vec<String> = api
            .list("pods", None)
            .iter()
            .filter(|pod| pod["spec"]["nodeName"].as_str() == Some(node))
            .filter_map(|pod| pod["status"]["podIP"].as_str().map(str::to_owned))
            .collect();
        all.retain(|(address, _)| on_node.contains(&address.to_string()));
    }
    // kube-proxy picks one at random for each connection.
    let at = api.entropy().below(all.len() as u64);
    all.get(usize::try_from(at).unwrap_or_default()).copied()
}
