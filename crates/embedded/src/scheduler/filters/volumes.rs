//! VolumeBinding and VolumeRestrictions: a pod goes where its volumes are.

use serde_json::Value;

use super::{Cycle, Rejection, matches_term};
use crate::{
    controllers::object::{at, items, name, namespace, text},
    scheduler::snapshot::NodeInfo,
    storage::Object,
};

/// The names of the claims that a pod uses, those of its ephemeral volumes among them.
pub fn claim_names(pod: &Value) -> Vec<String> {
    let of = |volume: &Value| {
        let claimed = text(volume, "persistentVolumeClaim.claimName");
        if !claimed.is_empty() {
            Some(claimed.to_owned())
        } else if volume["ephemeral"].is_object() {
            Some(format!("{}-{}", name(pod), text(volume, "name")))
        } else {
            None
        }
    };
    items(pod, "spec.volumes").iter().filter_map(of).collect()
}

/// What keeps the pod from running on any node: a claim that is not there, or that waits for its volume.
pub fn prefilter(cycle: &Cycle<'_>) -> Result<(), String> {
    let mut unbound = false;
    for claim_name in claim_names(cycle.pod) {
        let Ok(claim) = cycle.api.get("persistentvolumeclaims", namespace(cycle.pod), &claim_name) else {
            return Err(format!("persistentvolumeclaim \"{claim_name}\" not found"));
        };
        if text(&claim, "status.phase") == "Lost" {
            let volume = text(&claim, "spec.volumeName");
            return Err(format!(
                "persistentvolumeclaim \"{claim_name}\" bound to non-existent persistentvolume \"{volume}\""
            ));
        }
        if at(&claim, "metadata.deletionTimestamp").is_string() {
            return Err(format!("persistentvolumeclaim \"{claim_name}\" is being deleted"));
        }
        unbound |= !is_bound(&claim) && !waits_for_pod(cycle, &claim);
    }
    if unbound { Err("pod has unbound immediate PersistentVolumeClaims".to_owned()) } else { Ok(()) }
}

/// Whether a claim has its volume.
pub fn is_bound(claim: &Value) -> bool {
    !text(claim, "spec.volumeName").is_empty() && text(claim, "status.phase") == "Bound"
}

/// Whether a claim gets its volume only when a pod that uses it has found a node.
fn waits_for_pod(cycle: &Cycle<'_>, claim: &Value) -> bool {
    let class = cycle.api.get("storageclasses.storage.k8s.io", "", text(claim, "spec.storageClassName"));
    class.is_ok_and(|class| class["volumeBindingMode"] == "WaitForFirstConsumer")
}

/// Rejects a node from which a bound volume cannot be reached, or a claim for one pod only that another one uses.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    for claim_name in claim_names(cycle.pod) {
        let Ok(claim) = cycle.api.get("persistentvolumeclaims", namespace(cycle.pod), &claim_name) else {
            continue;
        };
        if used_by_another(cycle, &claim) {
            return Err(Rejection::resolvable(
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
            ));
        }
        if !is_bound(&claim) {
            continue;
        }
        let Ok(volume) = cycle.api.get("persistentvolumes", "", text(&claim, "spec.volumeName")) else {
            return Err(Rejection::unresolvable(
                "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
            ));
        };
        let required = at(&volume, "spec.nodeAffinity.required");
        if !required.is_null()
            && !items(required, "nodeSelectorTerms").iter().any(|term| matches_term(term, &node.node))
        {
            return Err(Rejection::unresolvable("node(s) didn't match PersistentVolume's node affinity"));
        }
    }
    Ok(())
}

fn used_by_another(cycle: &Cycle<'_>, claim: &Value) -> bool {
    let uses =
        |pod: &Object| namespace(pod) == namespace(claim) && claim_names(pod).iter().any(|used| used == name(claim));
    items(claim, "spec.accessModes").iter().any(|mode| mode == "ReadWriteOncePod")
        && cycle.nodes.iter().flat_map(|node| &node.pods).any(uses)
}
