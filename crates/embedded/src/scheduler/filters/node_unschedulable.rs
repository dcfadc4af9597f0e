//! NodeUnschedulable: cordoned nodes get no pods.

use serde_json::json;

use super::{Cycle, Rejection, tolerates};
use crate::{
    controllers::object::{flag, items},
    scheduler::snapshot::NodeInfo,
};

/// Rejects a cordoned node, unless the pod tolerates the taint that stands for it.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    let taint = json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    if !flag(&node.node, "spec.unschedulable")
        || items(cycle.pod, "spec.tolerations").iter().any(|t| tolerates(t, &taint))
    {
        return Ok(());
    }
    Err(Rejection::unresolvable("node(s) were unschedulable"))
}
