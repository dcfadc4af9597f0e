//! NodeAffinity: nodeSelector and the required terms of nodeAffinity.

use serde_json::Value;

use super::{Cycle, Rejection};
use crate::{
    controllers::{
        object::{at, items, name},
        selector::{matches_map, node_expression_matches},
    },
    scheduler::snapshot::NodeInfo,
};

/// Rejects a node that the pod does not select.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    if required_affinity_matches(cycle.pod, &node.node) {
        return Ok(());
    }
    Err(Rejection::unresolvable("node(s) didn't match Pod's node affinity/selector"))
}

/// Whether a node has what the pod requires of it.
pub fn required_affinity_matches(pod: &Value, node: &Value) -> bool {
    let required = at(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    matches_map(at(pod, "spec.nodeSelector"), at(node, "metadata.labels"))
        && (required.is_null() || items(required, "nodeSelectorTerms").iter().any(|term| matches_term(term, node)))
}

/// Whether a node meets all expressions of a term. A term without any expression matches nothing.
pub fn matches_term(term: &Value, node: &Value) -> bool {
    let (expressions, fields) = (items(term, "matchExpressions"), items(term, "matchFields"));
    let label = |expression: &Value| at(node, "metadata.labels").get(expression["key"].as_str()?)?.as_str();
    !(expressions.is_empty() && fields.is_empty())
        && expressions.iter().all(|expression| node_expression_matches(expression, label(expression)))
        && fields
            .iter()
            .all(|field| field["key"] == "metadata.name" && node_expression_matches(field, Some(name(node))))
}
