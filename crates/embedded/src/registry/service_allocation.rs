//! Cluster IPs and node ports of Services, and the fields that depend on a Service's type
//! (kubernetes: pkg/registry/core/service/storage/alloc.go, strategy.go).
//!
//! The allocators keep nothing: what is taken is what the stored Services say. Numbers are drawn at random, as upstream's
//! allocators do: outside of the static band first (the lower part of a range is left to those who ask by number).

use std::{collections::BTreeSet, net::Ipv4Addr};

use apimachinery::{
    field::{FieldError, Path},
    gvk::GroupKind,
    meta,
    status::Status,
};
use serde_json::{Value, json};

use super::{
    Context,
    fields::{items, items_mut, remove, text},
};

/// First address of the range 10.96.0.0/16.
const FIRST_IP: u32 = u32::from_be_bytes([10, 96, 0, 0]);
/// Addresses in the range.
const IPS: u32 = 1 << 16;
/// Addresses at the start that are drawn last (ipallocator: at most 256).
const STATIC_IPS: u32 = 256;
/// First node port.
const FIRST_PORT: u32 = 30_000;
/// Node ports in the range.
const PORTS: u32 = 2768;
/// Node ports at the start that are drawn last (portallocator: a 32nd, at least 16, at most 128).
const STATIC_PORTS: u32 = 86;

/// `errors.NewInvalid` of a Service.
pub(super) fn invalid(service: &Value, errors: &[FieldError]) -> Status {
    Status::invalid(&GroupKind::new("", "Service"), meta::name(service), errors)
}

/// `service.ExternallyAccessible`.
pub(super) fn externally_accessible(spec: &Value) -> bool {
    let kind = text(&spec["type"]);
    kind == "LoadBalancer" || kind == "NodePort" || (kind == "ClusterIP" && items(spec, "externalIPs").next().is_some())
}

fn needs_cluster_ip(spec: &Value) -> bool {
    spec["type"] != "ExternalName"
}

fn needs_node_port(spec: &Value) -> bool {
    spec["type"] == "NodePort"
        || (spec["type"] == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].as_bool().unwrap_or(true))
}

/// `normalizeClusterIPs`: clusterIP and clusterIPs say the same, whichever of them the client changed.
pub(super) fn normalize_cluster_ips(new: &mut Value, old: &Value) {
    let same_list = new["clusterIPs"] == old["clusterIPs"];
    if new["clusterIPs"].is_null() && !old["clusterIPs"].is_null() && new["clusterIP"] == old["clusterIP"] {
        new["clusterIPs"] = old["clusterIPs"].clone();
    }
    if new["clusterIP"] != old["clusterIP"] && same_list {
        if text(&new["clusterIP"]).is_empty() {
            remove(new, "clusterIPs");
        } else {
            new["clusterIPs"] = json!([new["clusterIP"]]);
        }
    }
}

/// `patchAllocatedValues`: a client that leaves out what was allocated means to keep it.
pub(super) fn keep_allocated(new: &mut Value, old: &Value) {
    if needs_cluster_ip(old) && needs_cluster_ip(new) {
        for field in ["clusterIP", "clusterIPs"] {
            if new[field].is_null() && !old[field].is_null() {
                new[field] = old[field].clone();
            }
        }
    }
    if needs_node_port(old) && needs_node_port(new) {
        let used: BTreeSet<i64> = items(new, "ports").filter_map(|port| port["nodePort"].as_i64()).collect();
        for port in items_mut(new, "ports").filter(|port| port["nodePort"].is_null()) {
            let before = items(old, "ports").find(|other| other["name"] == port["name"]);
            if let Some(number) = before.and_then(|other| other["nodePort"].as_i64()).filter(|n| !used.contains(n)) {
                port["nodePort"] = json!(number);
            }
        }
    }
}

/// `dropTypeDependentFields`: what the new type does not have goes, unless the client changed it too.
pub(super) fn drop_type_dependent_fields(new: &mut Value, old: &Value) {
    if needs_cluster_ip(old) && !needs_cluster_ip(new) {
        if new["clusterIP"] == old["clusterIP"] && new["clusterIPs"] == old["clusterIPs"] {
            remove(new, "clusterIP");
            remove(new, "clusterIPs");
        }
        for field in ["ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            if new[field] == old[field] {
                remove(new, field);
            }
        }
    }
    if needs_node_port(old) && !needs_node_port(new) && node_ports(new) == node_ports(old) {
        items_mut(new, "ports").for_each(|port| remove(port, "nodePort"));
    }
    if old["type"] == "LoadBalancer" && new["type"] != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if new[field] == old[field] {
                remove(new, field);
            }
        }
    }
    if externally_accessible(old)
        && !externally_accessible(new)
        && new["externalTrafficPolicy"] == old["externalTrafficPolicy"]
    {
        remove(new, "externalTrafficPolicy");
    }
}

/// Node ports by name of the port.
fn node_ports(spec: &Value) -> BTreeSet<(&str, i64)> {
    items(spec, "ports").map(|port| (text(&port["name"]), port["nodePort"].as_i64().unwrap_or(0))).collect()
}

/// Gives a valid Service its IP families, cluster IPs and node ports.
pub(super) fn allocate(context: &Context<'_>, service: &mut Value, old: Option<&Value>) -> Result<(), Status> {
    if needs_cluster_ip(&service["spec"]) {
        set_families(service)?;
        allocate_cluster_ips(context, service, old)?;
    }
    if needs_node_port(&service["spec"]) {
        allocate_node_ports(context, service)?;
    }
    Ok(())
}

/// `initIPFamilyFields` of a cluster that has IPv4 only.
fn set_families(service: &mut Value) -> Result<(), Status> {
    let spec = &mut service["spec"];
    let headless = spec["clusterIP"] == "None";
    let selectorless = spec["selector"].as_object().is_none_or(serde_json::Map::is_empty);
    if spec["ipFamilyPolicy"].is_null() {
        spec["ipFamilyPolicy"] = json!(if headless && selectorless { "RequireDualStack" } else { "SingleStack" });
    }
    let policy = text(&spec["ipFamilyPolicy"]).to_owned();
    if spec["ipFamilies"].is_null() {
        spec["ipFamilies"] = json!(["IPv4"]);
    }
    if headless && selectorless {
        if policy != "SingleStack" && items(spec, "ipFamilies").count() < 2 {
            let other = if spec["ipFamilies"][0] == "IPv4" { "IPv6" } else { "IPv4" };
            super::fields::push(spec, "ipFamilies", json!(other));
        }
        return Ok(());
    }
    let path = Path::new("spec");
    let mut errors = Vec::new();
    if policy == "RequireDualStack" {
        let detail = "this cluster is not configured for dual-stack services";
        errors.push(FieldError::invalid(&path.child("ipFamilyPolicy"), policy, detail));
    }
    for (index, family) in items(spec, "ipFamilies").enumerate().filter(|(_, family)| **family != "IPv4") {
        let path = path.child("ipFamilies").index(index);
        errors.push(FieldError::invalid(&path, family.clone(), "not configured on this cluster"));
    }
    if errors.is_empty() { Ok(()) } else { Err(invalid(service, &errors)) }
}

fn allocate_cluster_ips(context: &Context<'_>, service: &mut Value, old: Option<&Value>) -> Result<(), Status> {
    let asked = text(&service["spec"]["clusterIP"]).to_owned();
    if asked == "None" || (!asked.is_empty() && old.is_some_and(|old| old["spec"]["clusterIP"] == asked.as_str())) {
        return Ok(());
    }
    let taken: BTreeSet<u32> = others(context, service)
        .filter_map(|other| text(&other["spec"]["clusterIP"]).parse::<Ipv4Addr>().ok())
        .map(|ip| u32::from(ip).wrapping_sub(FIRST_IP))
        .collect();
    let ip = if asked.is_empty() && context.dry_run {
        // The allocators' dummies: the network's own address, and ports above all others.
        0
    } else if asked.is_empty() {
        // The first address is the network's, the last is its broadcast.
        draw(context, IPS - 1, STATIC_IPS, 1, &taken).ok_or_else(|| {
            let name = meta::name(service);
            Status::internal(format!("failed to allocate a serviceIP for Service \"{name}\": range is full"))
        })?
    } else {
        let offset = asked.parse::<Ipv4Addr>().ok().map(|ip| u32::from(ip).wrapping_sub(FIRST_IP));
        let why = match offset {
            Some(offset) if offset == 0 || offset >= IPS - 1 => {
                Some("the provided network does not match the current range".to_owned())
            }
            None => Some("the provided network does not match the current range".to_owned()),
            Some(offset) if taken.contains(&offset) => Some("provided IP is already allocated".to_owned()),
            Some(_) => None,
        };
        if let Some(why) = why {
            let detail = format!("failed to allocate IP {asked}: {why}");
            let path = Path::new("spec").child("clusterIPs");
            let error = FieldError::invalid(&path, service["spec"]["clusterIPs"].clone(), detail);
            return Err(invalid(service, &[error]));
        }
        offset.unwrap_or_default()
    };
    let ip = Ipv4Addr::from(FIRST_IP + ip).to_string();
    service["spec"]["clusterIPs"] = json!([ip]);
    service["spec"]["clusterIP"] = json!(ip);
    Ok(())
}

fn allocate_node_ports(context: &Context<'_>, service: &mut Value) -> Result<(), Status> {
    let taken_by_others: BTreeSet<u32> = others(context, service)
        .flat_map(|other| items(&other["spec"], "ports"))
        .filter_map(|port| port["nodePort"].as_u64())
        .map(|port| (port as u32).wrapping_sub(FIRST_PORT))
        .collect();
    let mut taken = taken_by_others.clone();
    let mut errors = Vec::new();
    let mut drawn: Vec<(i64, u32)> = Vec::new();
    for (index, port) in items(&service["spec"], "ports").enumerate() {
        let Some(asked) = port["nodePort"].as_i64().filter(|port| *port != 0) else {
            continue;
        };
        let path = Path::new("spec").child("ports").index(index).child("nodePort");
        let offset = u32::try_from(asked).unwrap_or(0).wrapping_sub(FIRST_PORT);
        if offset >= PORTS {
            let detail = "provided port is not in the valid range. The range of valid ports is 30000-32767";
            errors.push(FieldError::invalid(&path, asked, detail));
        } else if taken_by_others.contains(&offset) {
            errors.push(FieldError::invalid(&path, asked, "provided port is already allocated"));
        }
        taken.insert(offset);
        drawn.push((port["port"].as_i64().unwrap_or(0), offset));
    }
    if let Some(error) = errors.into_iter().next() {
        return Err(invalid(service, &[error]));
    }
    for port in items_mut(&mut service["spec"], "ports").filter(|port| port["nodePort"].as_i64().unwrap_or(0) == 0) {
        // The same port over TCP and UDP gets the same node port.
        let number = port["port"].as_i64().unwrap_or(0);
        let offset = match drawn.iter().find(|(port, _)| *port == number) {
            Some((_, offset)) => *offset,
            None if context.dry_run => taken.last().map_or(PORTS, |last| (*last).max(PORTS)) + 1,
            None => draw(context, PORTS, STATIC_PORTS, 0, &taken)
                .ok_or_else(|| Status::internal("failed to allocate a nodePort: range is full"))?,
        };
        taken.insert(offset);
        drawn.push((number, offset));
        port["nodePort"] = json!(FIRST_PORT + offset);
    }
    Ok(())
}

/// All other Services of the cluster.
fn others<'a>(context: &'a Context<'_>, service: &'a Value) -> impl Iterator<Item = &'a Value> {
    let same =
        |other: &Value| meta::name(other) == meta::name(service) && meta::namespace(other) == meta::namespace(service);
    context.tables.list("services", None).map(|other| &**other).filter(move |other| !same(other))
}

/// A free offset below `size`: a random one above the static band, else one of the band, else none.
fn draw(context: &Context<'_>, size: u32, band: u32, first: u32, taken: &BTreeSet<u32>) -> Option<u32> {
    for (low, high) in [(band, size), (first, band)] {
        let start = context.entropy.below(u64::from(high - low)) as u32;
        let found =
            (0..high - low).map(|step| low + (start + step) % (high - low)).find(|offset| !taken.contains(offset));
        if found.is_some() {
            return found;
        }
    }
    None
}
