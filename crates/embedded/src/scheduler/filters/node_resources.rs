//! NodeResourcesFit: what the pods of a node ask for together may not be more than it has.

use super::{Cycle, Rejection};
use crate::scheduler::{resources::Resources, snapshot::NodeInfo};

/// Rejects a node that has not enough left.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    let mut reasons = Vec::new();
    let mut resolvable = true;
    let used = i64::try_from(node.pods.len()).unwrap_or(i64::MAX);
    if used + 1 > node.allocatable.get("pods") {
        reasons.push("Too many pods".to_owned());
    }
    for (name, amount) in Resources::requested_by(cycle.pod).iter().filter(|(_, amount)| *amount > 0) {
        let allocatable = node.allocatable.get(name);
        if amount > allocatable - node.requested.get(name) {
            reasons.push(format!("Insufficient {name}"));
            resolvable &= amount <= allocatable;
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Rejection { reasons, resolvable, plugin: "" }) }
}
