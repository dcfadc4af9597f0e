//! Scaling the ReplicaSets of a Deployment: deployment/sync.go, `scale`.

use serde_json::{Value, json};

use super::{
    DeploymentController, REPLICA_SETS,
    arithmetic::{is_rolling, max_surge, proportion},
    replica_sets::{
        DESIRED_REPLICAS, active, by_age, find_active_or_latest, is_saturated, number_annotation, replicas,
        replicas_annotations_differ, set_replicas_annotations, sum,
    },
};
use crate::{
    controllers::{
        harness::Error,
        object::{name, set},
    },
    storage::Object,
};

impl DeploymentController {
    /// Whether the Deployment has another size than its ReplicaSets were scaled for.
    pub(super) fn is_scaling_event(&self, deployment: &mut Value, replica_sets: &[Object]) -> Result<bool, Error> {
        let (new, old) = self.sync_revision(deployment, replica_sets, false)?;
        let all: Vec<Object> = old.into_iter().chain(new).collect();
        let wanted = replicas(deployment);
        Ok(active(&all)
            .iter()
            .filter_map(|replica_set| number_annotation(replica_set, DESIRED_REPLICAS))
            .any(|desired| desired != wanted))
    }

    /// Scales the active ReplicaSet, or several of them in proportion.
    pub(super) fn scale(&self, deployment: &Value, new: Option<&Object>, old: &[Object]) -> Result<(), Error> {
        if let Some(only) = find_active_or_latest(new, old) {
            return self.scale_replica_set(deployment, &only, replicas(deployment), false).map(drop);
        }
        if is_saturated(deployment, new) {
            for replica_set in active(old) {
                self.scale_replica_set(deployment, &replica_set, 0, false)?;
            }
            return Ok(());
        }
        if !is_rolling(deployment) {
            return Ok(());
        }
        let all: Vec<Object> = old.iter().chain(new).cloned().collect();
        for (replica_set, size) in proportional_sizes(deployment, active(&all)) {
            self.scale_replica_set(deployment, &replica_set, size, true)?;
        }
        Ok(())
    }

    /// Gives a ReplicaSet another size, and records the Deployment's. With `force` the record is written even when the size stays.
    /// Returns the ReplicaSet as it is now, if it was scaled.
    pub(super) fn scale_replica_set(
        &self,
        deployment: &Value,
        replica_set: &Object,
        size: i64,
        force: bool,
    ) -> Result<Option<Object>, Error> {
        let before = replicas(replica_set);
        let (desired, max) = (replicas(deployment), replicas(deployment) + max_surge(deployment));
        let resized = before != size;
        let to_record = force && replicas_annotations_differ(replica_set, desired, max);
        if !resized && !to_record {
            return Ok(None);
        }
        let mut copy = Value::clone(replica_set);
        set(&mut copy, "spec.replicas", json!(size));
        set_replicas_annotations(&mut copy, desired, max);
        let updated = self.api.update(REPLICA_SETS, copy)?;
        if !resized {
            return Ok(None);
        }
        let direction = if before < size { "up" } else { "down" };
        let message = format!("Scaled {direction} replica set {} from {before} to {size}", name(replica_set));
        self.recorder.event(deployment, "Normal", "ScalingReplicaSet", &message);
        Ok(Some(updated))
    }
}

/// The sizes that active ReplicaSets get when the Deployment is scaled in the middle of a rollout.
fn proportional_sizes(deployment: &Value, mut all: Vec<Object>) -> Vec<(Object, i64)> {
    let wanted = replicas(deployment);
    let allowed = if wanted > 0 { wanted + max_surge(deployment) } else { 0 };
    let to_add = allowed - sum(&all, "spec.replicas");
    // The larger ones come first; of equals the newer ones when pods are added, the older ones when they are removed.
    all.sort_by(|one, other| {
        let age = by_age(one, other);
        replicas(other).cmp(&replicas(one)).then(if to_add > 0 { age.reverse() } else { age })
    });
    let mut added = 0;
    let mut sizes: Vec<(Object, i64)> = all
        .into_iter()
        .map(|replica_set| {
            let share = proportion(&replica_set, deployment, to_add, added);
            added += share;
            let size = replicas(&replica_set) + share;
            (replica_set, size)
        })
        .collect();
    if let Some((_, size)) = sizes.first_mut() {
        *size = (*size + to_add - added).max(0);
    }
    sizes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_deployment_scaled_in_the_middle_of_a_rollout_scales_all_its_replica_sets() {
        let deployment = json!({"spec": {"replicas": 15, "strategy": {"type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}}});
        let set = |name: &str, replicas: i64| {
            Arc::new(json!({"metadata": {"name": name, "annotations": {"deployment.kubernetes.io/max-replicas": "13"}},
                "spec": {"replicas": replicas}}))
        };
        // The example of the Kubernetes documentation.
        let sizes = proportional_sizes(&deployment, vec![set("new", 5), set("old", 8)]);
        let sizes: Vec<(&str, i64)> = sizes.iter().map(|(replica_set, size)| (name(replica_set), *size)).collect();
        assert_eq!(sizes, [("old", 11), ("new", 7)]);
    }
}
