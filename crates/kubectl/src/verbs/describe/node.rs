//! Nodes (kubectl: pkg/describe/describe.go `describeNode`).

use super::events::{self, Reference};
use super::writer::{Writer, bool_of, joined, list, pairs, str_of};
use super::{Describing, node_resources};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, node: &Value) -> Result<()> {
    let name = meta::name(node);
    let (spec, status) = (&node["spec"], &node["status"]);
    let running = format!("spec.nodeName={name},status.phase!=Failed,status.phase!=Succeeded");
    let pods = match d.list(Call::get("/api/v1/pods").query("fieldSelector", running)).await {
        Ok(pods) => Some(pods),
        Err(error) if error.api().is_some_and(|api| api.reason() == "Forbidden") => None,
        Err(error) => return Err(error),
    };
    // Controllers know the node by its uid, the kubelet by its name.
    let mut events = events::of(d, node).await;
    let by_name = Reference { name, namespace: "", kind: Some("Node"), uid: name };
    if let (Some(events), Some(more)) = (&mut events, events::search(d, &by_name).await) {
        events.extend(more);
    }
    let slices =
        Call::get("/apis/resource.k8s.io/v1/resourceslices").query("fieldSelector", format!("spec.nodeName={name}"));
    // Upstream shows no slices when they cannot be read.
    let slices = d.list(slices).await.unwrap_or_default();
    let lease = Call::get(format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}"));
    let lease = d.cx.requests().await?.json(lease).await;

    w.line(0, format_args!("Name:\t{name}"));
    w.line(0, format_args!("Roles:\t{}", roles(node)));
    w.labels_and_annotations(node);
    w.created(node);
    taints(w, &spec["taints"]);
    w.line(0, format_args!("Unschedulable:\t{}", bool_of(&spec["unschedulable"])));
    match lease {
        Ok(lease) => describe_lease(w, &lease["spec"]),
        Err(error) => w.line(0, format_args!("Lease:\tFailed to get lease: {error}")),
    }
    conditions(w, list(&status["conditions"]));
    w.line(0, format_args!("Addresses:"));
    for address in list(&status["addresses"]) {
        w.line(1, format_args!("{}:\t{}", str_of(&address["type"]), str_of(&address["address"])));
    }
    for (title, amounts) in [("Capacity", &status["capacity"]), ("Allocatable", &status["allocatable"])] {
        let Some(amounts) = amounts.as_object().filter(|amounts| !amounts.is_empty()) else { continue };
        w.line(0, format_args!("{title}:"));
        for (resource, amount) in amounts {
            w.line(1, format_args!("{resource}:\t{}", display(amount)));
        }
    }
    describe_slices(w, &slices);
    system(w, &status["nodeInfo"]);
    w.some(0, "PodCIDR", &spec["podCIDR"]);
    if !list(&spec["podCIDRs"]).is_empty() {
        w.line(0, format_args!("PodCIDRs:\t{}", joined(&spec["podCIDRs"], ",")));
    }
    w.some(0, "ProviderID", &spec["providerID"]);
    match pods {
        Some(pods) => node_resources::describe(w, node, &pods),
        None => w.line(0, format_args!("Pods:\tnot authorized")),
    }
    events::describe(w, events);
    Ok(())
}

/// The roles that labels give the node.
fn roles(node: &Value) -> String {
    let role = |(key, value)| match key {
        "kubernetes.io/role" => Some(value),
        key => str::strip_prefix(key, "node-role.kubernetes.io/"),
    };
    let roles: BTreeSet<&str> =
        pairs(&node["metadata"]["labels"]).filter_map(role).filter(|role| !role.is_empty()).collect();
    if roles.is_empty() { "<none>".into() } else { roles.into_iter().collect::<Vec<_>>().join(",") }
}

fn taints(w: &mut Writer, taints: &Value) {
    let mut taints: Vec<&Value> = list(taints).iter().collect();
    taints.sort_by_key(|taint| format!("{},{}", str_of(&taint["effect"]), str_of(&taint["key"])));
    let text = |taint: &Value| match [str_of(&taint["key"]), str_of(&taint["value"]), str_of(&taint["effect"])] {
        [key, "", ""] => key.to_string(),
        [key, "", effect] => format!("{key}:{effect}"),
        [key, value, effect] => format!("{key}={value}:{effect}"),
    };
    let lines: Vec<String> = taints.into_iter().map(text).collect();
    w.listed("Taints", &lines);
}

fn describe_lease(w: &mut Writer, spec: &Value) {
    let time = |w: &Writer, value: &Value| if value.is_string() { w.time(value) } else { "<unset>".into() };
    w.line(0, format_args!("Lease:"));
    w.line(1, format_args!("HolderIdentity:\t{}", spec["holderIdentity"].as_str().unwrap_or("<unset>")));
    w.line(1, format_args!("AcquireTime:\t{}", time(w, &spec["acquireTime"])));
    w.line(1, format_args!("RenewTime:\t{}", time(w, &spec["renewTime"])));
}

fn conditions(w: &mut Writer, conditions: &[Value]) {
    if conditions.is_empty() {
        return;
    }
    w.line(0, format_args!("Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage"));
    w.line(1, format_args!("----\t------\t-----------------\t------------------\t------\t-------"));
    for c in conditions {
        let [kind, status, reason, message] = ["type", "status", "reason", "message"].map(|field| str_of(&c[field]));
        let (heartbeat, transition) = (w.time(&c["lastHeartbeatTime"]), w.time(&c["lastTransitionTime"]));
        w.line(1, format_args!("{kind} \t{status} \t{heartbeat} \t{transition} \t{reason} \t{message}"));
    }
}

/// The devices that are the node's own, by driver and pool.
fn describe_slices(w: &mut Writer, slices: &[Value]) {
    const SHOWN: usize = 10;
    let mut pools: BTreeMap<String, (&str, &str, usize, usize)> = BTreeMap::new();
    for slice in slices {
        let (driver, pool) = (str_of(&slice["spec"]["driver"]), str_of(&slice["spec"]["pool"]["name"]));
        let entry = pools.entry(format!("{driver}/{pool}")).or_insert((driver, pool, 0, 0));
        entry.2 += 1;
        entry.3 += list(&slice["spec"]["devices"]).len();
    }
    if pools.is_empty() {
        return;
    }
    w.line(0, format_args!("Node-Local ResourceSlices:"));
    w.line(1, format_args!("Driver\tPool\tSlices\tDevices"));
    w.line(1, format_args!("------\t----\t------\t-------"));
    for (driver, pool, slices, devices) in pools.values().take(SHOWN) {
        w.line(1, format_args!("{driver}\t{pool}\t{slices}\t{devices}"));
    }
    if pools.len() > SHOWN {
        w.line(1, format_args!("...and {} more pools", pools.len() - SHOWN));
    }
}

fn system(w: &mut Writer, info: &Value) {
    const FIELDS: [(&str, &str); 9] = [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ];
    w.line(0, format_args!("System Info:"));
    for (title, field) in FIELDS {
        w.line(1, format_args!("{title}:\t{}", str_of(&info[field])));
    }
}
