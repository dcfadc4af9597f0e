//! Which nodes a pod can run on at all: pkg/scheduler/framework/plugins, one file a plugin.

mod node_affinity;
mod node_resources;
mod node_unschedulable;
mod pod_affinity;
mod ports;
mod taints;
mod topology_spread;
pub mod volumes;

use serde_json::Value;

use super::snapshot::NodeInfo;
use crate::{
    apiserver::Api,
    controllers::object::{at, text},
};

pub use node_affinity::{matches_term, required_affinity_matches};
pub use pod_affinity::term_matches;
pub use taints::{tolerates, untolerated};

/// What a filter decides by.
pub struct Cycle<'a> {
    /// The pod that looks for a node.
    pub pod: &'a Value,
    /// All nodes.
    pub nodes: &'a [NodeInfo],
    /// The API, for what is neither a pod nor a node.
    pub api: &'a Api,
}

/// Why a node will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The reasons, as they are counted in the message.
    pub reasons: Vec<String>,
    /// Whether the node would do if some of its pods went (`Unschedulable`, not `UnschedulableAndUnresolvable`).
    pub resolvable: bool,
    /// The plugin that rejected it.
    pub plugin: &'static str,
}

impl Rejection {
    /// Pods on the node are in the way.
    pub fn resolvable(reason: &str) -> Self {
        Self { reasons: vec![reason.to_owned()], resolvable: true, plugin: "" }
    }

    /// It is not the pods on the node.
    pub fn unresolvable(reason: &str) -> Self {
        Self { reasons: vec![reason.to_owned()], resolvable: false, plugin: "" }
    }
}

type Filter = fn(&Cycle<'_>, &NodeInfo) -> Result<(), Rejection>;

/// The filters in the order of the default profile: the first that rejects a node gives the reason.
const FILTERS: &[(&str, Filter)] = &[
    ("NodeUnschedulable", node_unschedulable::filter),
    ("NodeName", node_name),
    ("TaintToleration", taints::filter),
    ("NodeAffinity", node_affinity::filter),
    ("NodePorts", ports::filter),
    ("NodeResourcesFit", node_resources::filter),
    ("VolumeBinding", volumes::filter),
    ("PodTopologySpread", topology_spread::filter),
    ("InterPodAffinity", pod_affinity::filter),
];

/// Whether a pod can run on a node.
pub fn check(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    FILTERS
        .iter()
        .try_for_each(|(plugin, filter)| filter(cycle, node).map_err(|rejection| Rejection { plugin, ..rejection }))
}

/// NodeName: the pod asks for a node by its name.
fn node_name(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    let wanted = text(cycle.pod, "spec.nodeName");
    if wanted.is_empty() || wanted == node.name() {
        return Ok(());
    }
    Err(Rejection::unresolvable("node(s) didn't match the requested node name"))
}

/// The items of a list in the pod's affinity, such as `podAffinity.requiredDuringSchedulingIgnoredDuringExecution`.
pub fn affinity_terms<'a>(pod: &'a Value, kind: &str, list: &str) -> &'a [Value] {
    at(pod, "spec.affinity")[kind][list].as_array().map(Vec::as_slice).unwrap_or_default()
}
