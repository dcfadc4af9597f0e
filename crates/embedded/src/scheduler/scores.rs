//! Which of the nodes that a pod can run on is the best: the scores of the default profile, pkg/scheduler/framework/plugins.

use serde_json::Value;

use super::{
    filters::{Cycle, affinity_terms, matches_term, term_matches, tolerates},
    resources::Resources,
    snapshot::NodeInfo,
};
use crate::{
    controllers::{
        object::{at, count, items, labels, namespace, text},
        owner::controller_of,
        selector,
    },
    storage::Object,
};

const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
/// The best score that a plugin gives.
const MAX: f64 = 100.0;

/// The scores of nodes, in their order: the sum of what the plugins give, each by its weight.
pub fn scores(cycle: &Cycle<'_>, feasible: &[&NodeInfo]) -> Vec<i64> {
    let weighted: [(i64, Vec<f64>); 6] = [
        (1, feasible.iter().map(|node| least_allocated(cycle.pod, node)).collect()),
        (1, feasible.iter().map(|node| balanced(cycle.pod, node)).collect()),
        (2, normalized(feasible.iter().map(|node| preferred_affinity(cycle.pod, node)).collect(), false)),
        (3, normalized(feasible.iter().map(|node| avoided_taints(cycle.pod, node)).collect(), true)),
        (2, normalized(spread(cycle, feasible), true)),
        (2, normalized(feasible.iter().map(|node| preferred_neighbours(cycle, node)).collect(), false)),
    ];
    (0..feasible.len()).map(|node| weighted.iter().map(|(weight, scores)| weight * scores[node] as i64).sum()).collect()
}

/// Scales scores to 0..=100, the greatest becoming the best or (reversed) the least one.
fn normalized(raw: Vec<f64>, reverse: bool) -> Vec<f64> {
    let (least, most) =
        raw.iter().fold((f64::MAX, f64::MIN), |(least, most), score| (least.min(*score), most.max(*score)));
    raw.into_iter()
        .map(|score| match (most > least, reverse) {
            (false, reverse) => {
                if reverse {
                    MAX
                } else {
                    0.0
                }
            }
            (true, false) => MAX * (score - least) / (most - least),
            (true, true) => MAX * (most - score) / (most - least),
        })
        .collect()
}

/// What the node's pods would use with this one, as shares of CPU and memory.
fn shares(pod: &Value, node: &NodeInfo) -> Vec<f64> {
    let used = node
        .pods
        .iter()
        .map(|pod| Resources::scored_for(pod))
        .fold(Resources::scored_for(pod), |sum, each| sum.plus(&each));
    ["cpu", "memory"]
        .into_iter()
        .filter(|name| node.allocatable.get(name) > 0)
        .map(|name| (used.get(name) as f64 / node.allocatable.get(name) as f64).min(1.0))
        .collect()
}

/// NodeResourcesFit with its strategy LeastAllocated.
fn least_allocated(pod: &Value, node: &NodeInfo) -> f64 {
    let shares = shares(pod, node);
    if shares.is_empty() {
        0.0
    } else {
        MAX * shares.iter().map(|share| 1.0 - share).sum::<f64>() / shares.len() as f64
    }
}

/// NodeResourcesBalancedAllocation: CPU and memory are used alike.
fn balanced(pod: &Value, node: &NodeInfo) -> f64 {
    match shares(pod, node).as_slice() {
        [one, other] => MAX * (1.0 - (one - other).abs() / 2.0),
        _ => MAX,
    }
}

/// NodeAffinity: the weights of the preferred terms that the node meets.
fn preferred_affinity(pod: &Value, node: &NodeInfo) -> f64 {
    affinity_terms(pod, "nodeAffinity", PREFERRED)
        .iter()
        .filter(|term| matches_term(&term["preference"], &node.node))
        .map(|term| count(term, "weight") as f64)
        .sum()
}

/// TaintToleration: how many taints there are that would rather keep the pod away.
fn avoided_taints(pod: &Value, node: &NodeInfo) -> f64 {
    let tolerations = items(pod, "spec.tolerations");
    let avoided = |taint: &&Value| {
        taint["effect"] == "PreferNoSchedule" && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
    };
    items(&node.node, "spec.taints").iter().filter(avoided).count() as f64
}

/// PodTopologySpread: how many pods of the same kind are there already, by the pod's own soft constraints or by what owns it.
fn spread(cycle: &Cycle<'_>, feasible: &[&NodeInfo]) -> Vec<f64> {
    let soft: Vec<&Value> = items(cycle.pod, "spec.topologySpreadConstraints")
        .iter()
        .filter(|constraint| constraint["whenUnsatisfiable"] == "ScheduleAnyway")
        .collect();
    let alike = |pod: &Object, wanted: &dyn Fn(&Value) -> bool| namespace(pod) == namespace(cycle.pod) && wanted(pod);
    let number = |key: &str, node: &NodeInfo, wanted: &dyn Fn(&Value) -> bool| {
        let here = node.label(key);
        let domain = cycle.nodes.iter().filter(|other| here.is_some() && other.label(key) == here);
        domain.flat_map(|other| &other.pods).filter(|pod| alike(pod, wanted)).count() as f64
    };
    feasible
        .iter()
        .map(|node| {
            if soft.is_empty() {
                let owner = controller_of(cycle.pod).map(|reference| &reference["uid"]);
                let same =
                    |pod: &Value| owner.is_some() && controller_of(pod).map(|reference| &reference["uid"]) == owner;
                return number("kubernetes.io/hostname", node, &same);
            }
            let of = |constraint: &&Value| {
                let wanted = |pod: &Value| selector::matches(at(constraint, "labelSelector"), labels(pod));
                number(text(constraint, "topologyKey"), node, &wanted)
            };
            soft.iter().map(of).sum()
        })
        .collect()
}

/// InterPodAffinity: the weights of the preferred terms that pods in the same place meet.
fn preferred_neighbours(cycle: &Cycle<'_>, node: &NodeInfo) -> f64 {
    let sum = |kind: &str| -> f64 {
        affinity_terms(cycle.pod, kind, PREFERRED)
            .iter()
            .map(|weighted| {
                let term = &weighted["podAffinityTerm"];
                let key = text(term, "topologyKey");
                let here = node.label(key);
                let domain = cycle.nodes.iter().filter(|other| here.is_some() && other.label(key) == here);
                let matching =
                    domain.flat_map(|other| &other.pods).filter(|pod| term_matches(cycle, cycle.pod, term, pod));
                matching.count() as f64 * count(weighted, "weight") as f64
            })
            .sum()
    };
    sum("podAffinity") - sum("podAntiAffinity")
}
