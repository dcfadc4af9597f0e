//! ReplicaSets and ReplicationControllers: as many pods as they say, from their template (pkg/controller/replicaset).

mod ranking;
mod status;

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    object::{at, count, deleting, int, labels, name, namespace},
    owner::{claim, controller_name, controller_of},
    pod,
    pod_control::{NAMESPACE_TERMINATING, PodControl, has_cause},
    selector,
};
use crate::{
    apiserver::Api,
    storage::{Event, Object},
};

pub use ranking::pods_to_delete;

/// The most pods that one reconciliation creates or deletes.
const BURST_REPLICAS: usize = 500;

/// What tells ReplicaSets from ReplicationControllers, which are the same otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Flavour {
    /// `replicasets.apps`.
    pub resource: &'static str,
    /// `ReplicaSet`.
    pub kind: &'static str,
    /// `replicaset-controller`.
    pub component: &'static str,
    /// Whether the status counts pods that are on their way out.
    counts_terminating: bool,
}

/// ReplicaSets.
pub const REPLICA_SET: Flavour = Flavour {
    resource: "replicasets.apps",
    kind: "ReplicaSet",
    component: "replicaset-controller",
    counts_terminating: true,
};

/// ReplicationControllers.
pub const REPLICATION_CONTROLLER: Flavour = Flavour {
    resource: "replicationcontrollers",
    kind: "ReplicationController",
    component: "replication-controller",
    counts_terminating: false,
};

impl Flavour {
    fn matches(&self, owner: &Value, pod: &Value) -> bool {
        let wanted = at(owner, "spec.selector");
        if self.kind == "ReplicaSet" {
            selector::matches(wanted, labels(pod))
        } else {
            wanted.is_object() && selector::matches_map(wanted, labels(pod))
        }
    }
}

/// The controller of ReplicaSets or of ReplicationControllers.
pub struct ReplicaSetController {
    flavour: Flavour,
    api: Api,
    pods: PodControl,
}

impl ReplicaSetController {
    /// A controller for one of the two kinds.
    pub fn new(api: &Api, flavour: Flavour) -> Self {
        let api = super::as_controller(api, flavour.component);
        let recorder = EventRecorder::new(&api, flavour.component, "");
        Self { flavour, pods: PodControl { api: api.clone(), recorder }, api }
    }

    /// The keys of those that would adopt an orphan.
    fn adopters(&self, pod: &Value) -> Vec<Key> {
        let all = self.api.list(self.flavour.resource, Some(namespace(pod)));
        all.iter().filter(|owner| self.flavour.matches(owner, pod)).map(|owner| Key::of(owner)).collect()
    }

    /// Creates or deletes pods until there are as many as wanted: `manageReplicas`.
    fn manage_replicas(&self, owner: &Value, active: &[Object]) -> Result<(), Error> {
        let wanted = usize::try_from(int(owner, "spec.replicas").unwrap_or(1)).unwrap_or(0);
        if active.len() < wanted {
            return self.create_pods(owner, (wanted - active.len()).min(BURST_REPLICAS));
        }
        let surplus = (active.len() - wanted).min(BURST_REPLICAS);
        if surplus == 0 {
            return Ok(());
        }
        let mut first_error = Ok(());
        for pod in pods_to_delete(active.to_vec(), &self.related_pods(owner), surplus, self.api.clock().now()) {
            let deleted = self.pods.delete(owner, &pod);
            if first_error.is_ok() {
                first_error = deleted;
            }
        }
        first_error
    }

    /// Creates pods in batches that double in size, and stops after a batch with a failure: `slowStartBatch`.
    fn create_pods(&self, owner: &Value, mut remaining: usize) -> Result<(), Error> {
        let mut batch = remaining.min(1);
        while batch > 0 {
            let mut failure = None;
            for _ in 0..batch {
                match self.pods.create(owner, at(owner, "spec.template")) {
                    // Any creation will fail from now on, and nobody needs to hear of it.
                    Err(Error::Status(status)) if has_cause(&status, NAMESPACE_TERMINATING) => {}
                    Err(error) => failure = failure.or(Some(error)),
                    Ok(_) => {}
                }
            }
            if let Some(error) = failure {
                return Err(error);
            }
            remaining -= batch;
            batch = (batch * 2).min(remaining);
        }
        Ok(())
    }

    /// Pods of all ReplicaSets that have the same controller as this one: `getIndirectlyRelatedPods`.
    fn related_pods(&self, owner: &Value) -> Vec<Object> {
        let siblings: Vec<Object> = match controller_of(owner) {
            None => Vec::new(),
            Some(above) => {
                let all = self.api.list(self.flavour.resource, Some(namespace(owner)));
                let same =
                    |other: &Object| controller_of(other).is_some_and(|reference| reference["uid"] == above["uid"]);
                all.into_iter().filter(same).collect()
            }
        };
        let related = |pod: &Object| {
            self.flavour.matches(owner, pod) || siblings.iter().any(|sibling| self.flavour.matches(sibling, pod))
        };
        self.api.list("pods", Some(namespace(owner))).into_iter().filter(related).collect()
    }
}

impl Controller for ReplicaSetController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&[self.flavour.resource, "pods"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        if resource == self.flavour.resource {
            return vec![Key::of(&event.object)];
        }
        let of_controller =
            |pod: &Value| controller_name(pod, self.flavour.kind).map(|name| Key::new(namespace(pod), name));
        let mut keys: Vec<Key> = event.previous.iter().filter_map(|pod| of_controller(pod)).collect();
        keys.extend(of_controller(&event.object));
        if controller_of(&event.object).is_none() {
            keys.extend(self.adopters(&event.object));
        }
        keys.dedup();
        keys
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(owner) = self.api.get(self.flavour.resource, &key.namespace, &key.name) else {
            return Ok(None);
        };
        let pods = self.api.list("pods", Some(&key.namespace));
        let (active, others): (Vec<Object>, Vec<Object>) = pods.into_iter().partition(|pod| pod::is_active(pod));
        let matches = |pod: &Value| self.flavour.matches(&owner, pod);
        let active = claim(&self.api, "pods", &owner, active, matches)?;
        let terminating = self.flavour.counts_terminating.then(|| {
            let ours =
                |pod: &&Object| pod::is_terminating(pod) && super::owner::is_controlled_by(pod, &owner) && matches(pod);
            others.iter().filter(ours).count()
        });
        let managed = if deleting(&owner) { Ok(()) } else { self.manage_replicas(&owner, &active) };
        let now = self.api.clock().now();
        let failure = managed.as_ref().err().map(ToString::to_string);
        let new = status::calculate(&owner, &active, terminating, failure.as_deref(), now);
        let updated = self.write_status(&owner, new)?;
        managed?;
        let min_ready = count(&updated, "spec.minReadySeconds");
        if min_ready > 0 && at(&updated, "status.readyReplicas") != at(&updated, "status.availableReplicas") {
            let fallback = Duration::from_secs(min_ready.unsigned_abs());
            return Ok(Some(pod::next_availability(&active, min_ready, now).unwrap_or(fallback)));
        }
        Ok(None)
    }
}

impl ReplicaSetController {
    /// `updateReplicaSetStatus`: the generation that was acted on is recorded even when the status changed in between.
    fn write_status(&self, owner: &Object, mut new: Value) -> Result<Object, Error> {
        let generation = at(owner, "metadata.generation");
        if at(owner, "status.observedGeneration") == generation && at(owner, "status") == &new {
            return Ok(owner.clone());
        }
        new["observedGeneration"] = generation.clone();
        let updated = self.api.modify_status(self.flavour.resource, namespace(owner), name(owner), |object| {
            object["status"] = new.clone()
        })?;
        Ok(updated)
    }
}

/// The reason and the message of a ReplicaFailure condition: `NewReplicaSetCondition`.
fn failure_condition(reason: &str, message: &str, now: &str) -> Value {
    json!({"type": "ReplicaFailure", "status": "True", "lastTransitionTime": now, "reason": reason, "message": message})
}
