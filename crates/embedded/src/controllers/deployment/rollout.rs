//! From one template to the next: deployment/rolling.go and deployment/recreate.go.

use std::time::Duration;

use serde_json::Value;

use super::{
    DeploymentController,
    arithmetic::{max_unavailable, new_replicas},
    replica_sets::{active, by_age, replicas, sum},
    status,
};
use crate::{
    controllers::{
        harness::Error,
        object::{at, count, name},
    },
    storage::Object,
};

impl DeploymentController {
    /// One step of a rolling update: up if there is room, else down if enough pods are available.
    pub(super) fn rollout_rolling(
        &self,
        deployment: &mut Value,
        replica_sets: &[Object],
    ) -> Result<Option<Duration>, Error> {
        let (new, old) = self.sync_revision(deployment, replica_sets, true)?;
        let Some(new) = new else {
            return Ok(None);
        };
        let scaled =
            self.scale_up_new(deployment, &new, &old)? || self.scale_down_old(deployment, &new, active(&old))?;
        if !scaled && status::is_complete(deployment, at(deployment, "status")) {
            self.clean_up(deployment, &old)?;
        }
        self.sync_rollout_status(deployment, Some(&new), &old)
    }

    /// One step of a rollout that ends all old pods before it begins new ones.
    pub(super) fn rollout_recreate(
        &self,
        deployment: &mut Value,
        replica_sets: &[Object],
    ) -> Result<Option<Duration>, Error> {
        let (mut new, mut old) = self.sync_revision(deployment, replica_sets, false)?;
        let mut scaled_down = false;
        for replica_set in active(&old) {
            scaled_down |= self.scale_replica_set(deployment, &replica_set, 0, false)?.is_some();
        }
        if scaled_down || self.old_pods_run(deployment, new.as_ref(), &old, replica_sets) {
            return self.sync_rollout_status(deployment, new.as_ref(), &old);
        }
        if new.is_none() {
            (new, old) = self.sync_revision(deployment, replica_sets, true)?;
        }
        if let Some(new) = &new {
            self.scale_replica_set(deployment, new, replicas(deployment), false)?;
        }
        if status::is_complete(deployment, at(deployment, "status")) {
            self.clean_up(deployment, &old)?;
        }
        self.sync_rollout_status(deployment, new.as_ref(), &old)
    }

    /// `reconcileNewReplicaSet`.
    fn scale_up_new(&self, deployment: &Value, new: &Object, old: &[Object]) -> Result<bool, Error> {
        let wanted = replicas(deployment);
        let size = if replicas(new) > wanted {
            wanted
        } else {
            let all: Vec<Object> = old.iter().chain([new]).cloned().collect();
            new_replicas(deployment, &all, replicas(new))
        };
        Ok(self.scale_replica_set(deployment, new, size, false)?.is_some())
    }

    /// `reconcileOldReplicaSets`: never below what must be available, and pods that are of no use first.
    fn scale_down_old(&self, deployment: &Value, new: &Object, old: Vec<Object>) -> Result<bool, Error> {
        if old.is_empty() {
            return Ok(false);
        }
        let min_available = replicas(deployment) - max_unavailable(deployment);
        let new_unavailable = replicas(new) - count(new, "status.availableReplicas");
        let surplus = sum(&old, "spec.replicas") + replicas(new) - min_available - new_unavailable;
        if surplus <= 0 {
            return Ok(false);
        }
        // An old ReplicaSet that changed in between is seen again soon: upstream leaves it at that.
        let (cleaned, old) = match self.clean_up_unhealthy(deployment, old, surplus) {
            Ok(done) => done,
            Err(_) => return Ok(false),
        };
        let available = sum(&old, "status.availableReplicas") + count(new, "status.availableReplicas");
        let scaled = self.scale_down_available(deployment, old, available - min_available).unwrap_or(0);
        Ok(cleaned + scaled > 0)
    }

    /// Removes pods that are not available, the most `surplus`; returns how many and the ReplicaSets as they are now.
    fn clean_up_unhealthy(
        &self,
        deployment: &Value,
        mut old: Vec<Object>,
        surplus: i64,
    ) -> Result<(i64, Vec<Object>), Error> {
        old.sort_by(|one, other| by_age(one, other));
        let mut removed = 0;
        for replica_set in &mut old {
            let size = replicas(replica_set);
            let unhealthy = size - count(replica_set, "status.availableReplicas");
            if removed >= surplus || size == 0 || unhealthy == 0 {
                continue;
            }
            if unhealthy < 0 {
                // The ReplicaSet has not come round to delete what was scaled down before: let it.
                let message = format!("replica set {} has more available pods than replicas", name(replica_set));
                return Err(Error::Other(message));
            }
            let surplus = unhealthy.min(surplus - removed);
            if let Some(updated) = self.scale_replica_set(deployment, replica_set, size - surplus, false)? {
                *replica_set = updated;
            }
            removed += surplus;
        }
        Ok((removed, old))
    }

    /// Removes available pods, the most `surplus`; returns how many.
    fn scale_down_available(&self, deployment: &Value, old: Vec<Object>, surplus: i64) -> Result<i64, Error> {
        let mut removed = 0;
        for replica_set in old {
            let size = replicas(&replica_set);
            if removed >= surplus {
                break;
            }
            if size == 0 {
                continue;
            }
            let fewer = size.min(surplus - removed);
            self.scale_replica_set(deployment, &replica_set, size - fewer, false)?;
            removed += fewer;
        }
        Ok(removed)
    }
}
