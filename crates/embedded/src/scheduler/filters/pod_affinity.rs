//! InterPodAffinity: pods that want to be near others, or far from them.

use serde_json::Value;

use super::{Cycle, Rejection, affinity_terms};
use crate::{
    controllers::{
        object::{at, items, labels, namespace, text},
        selector,
    },
    scheduler::snapshot::NodeInfo,
};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// Rejects a node where a required affinity does not hold, that of the pod or that of the pods which are there.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    if !affinity_holds(cycle, node) {
        return Err(Rejection::unresolvable("node(s) didn't match pod affinity rules"));
    }
    if affinity_terms(cycle.pod, "podAntiAffinity", REQUIRED)
        .iter()
        .any(|term| anyone_matches(cycle, node, cycle.pod, term))
    {
        return Err(Rejection::resolvable("node(s) didn't match pod anti-affinity rules"));
    }
    let repelled = cycle.nodes.iter().any(|other| {
        other.pods.iter().any(|existing| {
            affinity_terms(existing, "podAntiAffinity", REQUIRED)
                .iter()
                .any(|term| same_domain(node, other, term) && term_matches(cycle, existing, term, cycle.pod))
        })
    });
    if repelled {
        return Err(Rejection::resolvable("node(s) didn't satisfy existing pods anti-affinity rules"));
    }
    Ok(())
}

fn affinity_holds(cycle: &Cycle<'_>, node: &NodeInfo) -> bool {
    let terms = affinity_terms(cycle.pod, "podAffinity", REQUIRED);
    if terms.is_empty() {
        return true;
    }
    if terms.iter().any(|term| node.label(text(term, "topologyKey")).is_none()) {
        return false;
    }
    // The first pod of a group that wants to be near its own kind has nobody to be near to.
    let alone = || {
        let nobody = cycle.nodes.iter().flat_map(|node| &node.pods).all(|other| !matches_all(cycle, terms, other));
        nobody && matches_all(cycle, terms, cycle.pod)
    };
    terms.iter().all(|term| anyone_matches_all(cycle, node, terms, term)) || alone()
}

fn matches_all(cycle: &Cycle<'_>, terms: &[Value], pod: &Value) -> bool {
    terms.iter().all(|term| term_matches(cycle, cycle.pod, term, pod))
}

fn anyone_matches_all(cycle: &Cycle<'_>, node: &NodeInfo, terms: &[Value], term: &Value) -> bool {
    cycle
        .nodes
        .iter()
        .any(|other| same_domain(node, other, term) && other.pods.iter().any(|pod| matches_all(cycle, terms, pod)))
}

fn anyone_matches(cycle: &Cycle<'_>, node: &NodeInfo, owner: &Value, term: &Value) -> bool {
    cycle.nodes.iter().any(|other| {
        same_domain(node, other, term) && other.pods.iter().any(|pod| term_matches(cycle, owner, term, pod))
    })
}

/// Whether two nodes are in the same place, as the term's topology has it.
fn same_domain(node: &NodeInfo, other: &NodeInfo, term: &Value) -> bool {
    let key = text(term, "topologyKey");
    node.label(key).is_some_and(|value| other.label(key) == Some(value))
}

/// Whether the term of `owner` means `pod`.
pub fn term_matches(cycle: &Cycle<'_>, owner: &Value, term: &Value, pod: &Value) -> bool {
    let namespaces = items(term, "namespaces");
    let by_selector = || {
        let wanted = at(term, "namespaceSelector");
        let namespace = cycle.api.get("namespaces", "", namespace(pod));
        !wanted.is_null() && namespace.is_ok_and(|namespace| selector::matches(wanted, labels(&namespace)))
    };
    let own = namespaces.is_empty() && at(term, "namespaceSelector").is_null() && namespace(owner) == namespace(pod);
    (own || namespaces.iter().any(|each| each == namespace(pod)) || by_selector())
        && selector::matches(at(term, "labelSelector"), labels(pod))
}
