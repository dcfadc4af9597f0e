//! Cluster DNS: names of Services and Pods, and the search path that short names go through (CoreDNS, plug-in kubernetes).

use std::net::IpAddr;

use serde_json::Value;

use super::{Answer, ConnectError, Origin};
use crate::apiserver::Api;

/// The domain of the cluster.
pub const DOMAIN: &str = "cluster.local";
/// Names with fewer dots go through the search path first (`options ndots:5`).
const NDOTS: usize = 5;

/// Looks a name up the way that the resolver of `from` does.
///
/// # Errors
/// `NameNotFound` when no candidate has an address.
pub fn lookup(api: &Api, from: &Origin, name: &str) -> Result<Answer, ConnectError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(Answer { name: name.to_owned(), addresses: vec![address] });
    }
    if name == "localhost" {
        return Ok(Answer { name: name.to_owned(), addresses: vec![IpAddr::from([127, 0, 0, 1])] });
    }
    let Origin::Pod { namespace, name: pod, ip } = from else { return Err(ConnectError::NameNotFound) };
    if name == pod {
        return Ok(Answer { name: name.to_owned(), addresses: vec![*ip] });
    }
    let absolute = name.ends_with('.');
    let plain = name.trim_end_matches('.');
    let mut candidates: Vec<String> = Vec::new();
    if !absolute {
        candidates.extend(
            [format!("{namespace}.svc.{DOMAIN}"), format!("svc.{DOMAIN}"), DOMAIN.to_owned()]
                .map(|domain| format!("{plain}.{domain}")),
        );
    }
    let as_it_is = if plain.matches('.').count() >= NDOTS { 0 } else { candidates.len() };
    candidates.insert(as_it_is, plain.to_owned());
    candidates
        .into_iter()
        .find_map(|name| {
            let addresses = records(api, &name);
            (!addresses.is_empty()).then_some(Answer { name, addresses })
        })
        .ok_or(ConnectError::NameNotFound)
}

/// The search path of a Pod's `/etc/resolv.conf`.
pub fn search(namespace: &str) -> String {
    format!("{namespace}.svc.{DOMAIN} svc.{DOMAIN} {DOMAIN}")
}

fn records(api: &Api, name: &str) -> Vec<IpAddr> {
    let Some(inside) = name.to_ascii_lowercase().strip_suffix(&format!(".{DOMAIN}")).map(str::to_owned) else {
        return Vec::new();
    };
    let labels: Vec<&str> = inside.split('.').collect();
    match labels.as_slice() {
        [service, namespace, "svc"] => service_records(api, namespace, service),
        [host, service, namespace, "svc"] => host_records(api, namespace, service, host),
        [address, namespace, "pod"] => {
            let known = api.get("namespaces", "", namespace).is_ok();
            address.replace('-', ".").parse().ok().filter(|_| known).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn addresses_of(values: &Value) -> impl Iterator<Item = IpAddr> + '_ {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(|text| text.parse().ok())
}

fn service_records(api: &Api, namespace: &str, name: &str) -> Vec<IpAddr> {
    let Ok(service) = api.get("services", namespace, name) else { return Vec::new() };
    match (service["spec"]["type"].as_str(), service["spec"]["clusterIP"].as_str()) {
        // The name of another domain: nothing outside of the cluster is known here, names inside are.
        (Some("ExternalName"), _) => {
            records(api, service["spec"]["externalName"].as_str().unwrap_or_default().trim_end_matches('.'))
        }
        (_, Some("None")) => {
            let unready = service["spec"]["publishNotReadyAddresses"] == true;
            endpoints(api, namespace, name)
                .filter(|endpoint| unready || endpoint["conditions"]["ready"].as_bool() != Some(false))
                .flat_map(|endpoint| addresses_of(&endpoint["addresses"]).collect::<Vec<_>>())
                .collect()
        }
        (_, Some(address)) => address.parse().ok().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn host_records(api: &Api, namespace: &str, service: &str, host: &str) -> Vec<IpAddr> {
    endpoints(api, namespace, service)
        .filter(|endpoint| endpoint["hostname"].as_str() == Some(host))
        .flat_map(|endpoint| addresses_of(&endpoint["addresses"]).collect::<Vec<_>>())
        .collect()
}

fn endpoints(api: &Api, namespace: &str, service: &str) -> impl Iterator<Item = Value> {
    let slices: Vec<_> = api
        .list("endpointslices.discovery.k8s.io", Some(namespace))
        .into_iter()
        .filter(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"].as_str() == Some(service))
        .collect();
    slices.into_iter().flat_map(|slice| slice["endpoints"].as_array().cloned().unwrap_or_default())
}

/// The name that an address has: of a Service, or of a host behind a headless one.
pub fn reverse(api: &Api, address: IpAddr) -> Option<String> {
    let text = address.to_string();
    let full = |object: &Value| {
        let meta = &object["metadata"];
        format!(
            "{}.{}.svc.{DOMAIN}",
            meta["name"].as_str().unwrap_or_default(),
            meta["namespace"].as_str().unwrap_or_default()
        )
    };
    if let Some(service) =
        api.list("services", None).iter().find(|service| service["spec"]["clusterIP"].as_str() == Some(&text))
    {
        return Some(full(service));
    }
    for slice in api.list("endpointslices.discovery.k8s.io", None) {
        let (Some(service), Some(namespace)) = (
            slice["metadata"]["labels"]["kubernetes.io/service-name"].as_str(),
            slice["metadata"]["namespace"].as_str(),
        ) else {
            continue;
        };
        for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
            if addresses_of(&endpoint["addresses"]).any(|known| known == address) {
                let host = endpoint["hostname"].as_str().map_or_else(|| text.replace('.', "-"), str::to_owned);
                return Some(format!("{host}.{service}.{namespace}.svc.{DOMAIN}"));
            }
        }
    }
    None
}
