//! PodTopologySpread: pods of a kind spread evenly over the values of a node label.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Cycle, Rejection, required_affinity_matches, untolerated};
use crate::{
    controllers::{
        object::{at, count, deleting, int, items, labels, namespace, text},
        selector,
    },
    scheduler::snapshot::NodeInfo,
};

/// Rejects a node where one more pod would be too many.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    for constraint in items(cycle.pod, "spec.topologySpreadConstraints") {
        if constraint["whenUnsatisfiable"] != "DoNotSchedule" {
            continue;
        }
        let Some(domain) = node.label(text(constraint, "topologyKey")) else {
            let reason = "node(s) didn't match pod topology spread constraints (missing required label)";
            return Err(Rejection::unresolvable(reason));
        };
        let counts = matching_pods(cycle, constraint);
        let wanted = int(constraint, "minDomains").unwrap_or(1);
        let enough_domains = i64::try_from(counts.len()).is_ok_and(|domains| domains >= wanted);
        let least = if enough_domains { counts.values().min().copied().unwrap_or(0) } else { 0 };
        let own = i64::from(matches(cycle, constraint, cycle.pod));
        let here = counts.get(domain).copied().unwrap_or(0);
        if here + own - least > count(constraint, "maxSkew") {
            return Err(Rejection::resolvable("node(s) didn't match pod topology spread constraints"));
        }
    }
    Ok(())
}

/// How many pods of the kind there are in each domain that the pod could be in.
fn matching_pods<'a>(cycle: &Cycle<'a>, constraint: &Value) -> BTreeMap<&'a str, i64> {
    let keys: BTreeSet<&str> = items(cycle.pod, "spec.topologySpreadConstraints")
        .iter()
        .filter(|other| other["whenUnsatisfiable"] == "DoNotSchedule")
        .map(|other| text(other, "topologyKey"))
        .collect();
    let mut counts = BTreeMap::new();
    for node in cycle.nodes {
        let eligible = keys.iter().all(|key| node.label(key).is_some()) && is_included(cycle.pod, constraint, node);
        if let Some(domain) = node.label(text(constraint, "topologyKey")).filter(|_| eligible) {
            let here = node.pods.iter().filter(|pod| !deleting(pod) && matches(cycle, constraint, pod)).count();
            *counts.entry(domain).or_insert(0) += i64::try_from(here).unwrap_or(i64::MAX);
        }
    }
    counts
}

/// Whether a node counts: by default those that the pod's node affinity matches, tainted or not.
fn is_included(pod: &Value, constraint: &Value, node: &NodeInfo) -> bool {
    let affinity = constraint["nodeAffinityPolicy"] == "Ignore" || required_affinity_matches(pod, &node.node);
    let taints = constraint["nodeTaintsPolicy"] != "Honor"
        || untolerated(pod, &node.node, &["NoSchedule", "NoExecute"]).is_none();
    affinity && taints
}

fn matches(cycle: &Cycle<'_>, constraint: &Value, pod: &Value) -> bool {
    let own = labels(cycle.pod);
    let same =
        |key: &Value| key.as_str().is_none_or(|key| own.get(key).is_none() || own.get(key) == labels(pod).get(key));
    namespace(cycle.pod) == namespace(pod)
        && selector::matches(at(constraint, "labelSelector"), labels(pod))
        && items(constraint, "matchLabelKeys").iter().all(same)
}
