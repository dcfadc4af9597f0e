//! Deployments: ReplicaSets for each template, scaled so that a rollout keeps its promises (pkg/controller/deployment).

mod arithmetic;
mod hash;
mod replica_sets;
mod revision;
mod rollout;
mod scale;
mod status;

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    object::{at, condition, deleting, flag, labels, name, namespace, text, uid},
    owner::{claim, controller_name, controller_of},
    selector,
};
use crate::{
    apiserver::Api,
    storage::{Event, EventType, Object},
};

pub use arithmetic::scaled;
pub use hash::template_hash;
pub use replica_sets::{HASH_LABEL, by_age};

const RESOURCE: &str = "deployments.apps";
const REPLICA_SETS: &str = "replicasets.apps";

/// The controller of Deployments.
pub struct DeploymentController {
    api: Api,
    recorder: EventRecorder,
}

impl DeploymentController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "deployment-controller");
        let recorder = EventRecorder::new(&api, "deployment-controller", "");
        Self { api, recorder }
    }

    /// The ReplicaSets of a Deployment, after adoption and release.
    fn claim_replica_sets(&self, deployment: &Value) -> Result<Vec<Object>, Error> {
        let all = self.api.list(REPLICA_SETS, Some(namespace(deployment)));
        let wanted = at(deployment, "spec.selector");
        claim(&self.api, REPLICA_SETS, deployment, all, |replica_set| selector::matches(wanted, labels(replica_set)))
    }

    /// Writes the status, and the revision in the annotations, which may go with it.
    fn update_status(&self, deployment: &Value) -> Result<(), Error> {
        self.api.update_status(RESOURCE, deployment.clone())?;
        Ok(())
    }

    fn write_status_if_changed(&self, deployment: &mut Value, new: Value) -> Result<bool, Error> {
        if at(deployment, "status") == &new {
            return Ok(false);
        }
        deployment["status"] = new;
        self.update_status(deployment).map(|()| true)
    }

    /// Marks the beginning and the end of a pause, so that the time in between is not held against the rollout:
    /// `checkPausedConditions`.
    fn check_paused_conditions(&self, deployment: &mut Value) -> Result<(), Error> {
        if status::progress_deadline(deployment).is_none() {
            return Ok(());
        }
        let reason = condition(deployment, "Progressing").map(|condition| text(condition, "reason").to_owned());
        let known_as_paused = reason.as_deref() == Some("DeploymentPaused");
        let (reason, message) = match (flag(deployment, "spec.paused"), known_as_paused) {
            _ if reason.as_deref() == Some("ProgressDeadlineExceeded") => return Ok(()),
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return Ok(()),
        };
        let condition = status::new_condition("Progressing", "Unknown", reason, message, self.api.clock().now());
        status::set_condition(&mut deployment["status"], condition);
        self.update_status(deployment)
    }

    /// The names of the Deployments that select a ReplicaSet without a controller.
    fn adopters(&self, replica_set: &Value) -> Vec<Key> {
        let all = self.api.list(RESOURCE, Some(namespace(replica_set)));
        all.iter()
            .filter(|deployment| selector::matches(at(deployment, "spec.selector"), labels(replica_set)))
            .map(|deployment| Key::of(deployment))
            .collect()
    }

    /// The Deployment above a pod, when it waits for the end of its pods.
    fn recreated_by(&self, pod: &Value) -> Option<Key> {
        let replica_set = self.api.get(REPLICA_SETS, namespace(pod), controller_name(pod, "ReplicaSet")?).ok()?;
        let key = Key::new(namespace(pod), controller_name(&replica_set, "Deployment")?);
        let deployment = self.api.get(RESOURCE, &key.namespace, &key.name).ok()?;
        (text(&deployment, "spec.strategy.type") == "Recreate").then_some(key)
    }
}

impl Controller for DeploymentController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&[RESOURCE, REPLICA_SETS, "pods"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            RESOURCE => vec![Key::of(&event.object)],
            "pods" if event.kind == EventType::Deleted => self.recreated_by(&event.object).into_iter().collect(),
            "pods" => Vec::new(),
            _ => {
                let of_controller = |object: &Value| {
                    controller_name(object, "Deployment").map(|name| Key::new(namespace(object), name))
                };
                let mut keys: Vec<Key> = event.previous.iter().filter_map(|object| of_controller(object)).collect();
                keys.extend(of_controller(&event.object));
                if controller_of(&event.object).is_none() && event.kind != EventType::Deleted {
                    keys.extend(self.adopters(&event.object));
                }
                keys.dedup();
                keys
            }
        }
    }

    /// `syncDeployment`.
    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(deployment) = self.api.get(RESOURCE, &key.namespace, &key.name) else {
            return Ok(None);
        };
        let mut deployment = Value::clone(&deployment);
        if at(&deployment, "spec.selector") == &json!({}) {
            let message = "This deployment is selecting all pods. A non-empty selector is required.";
            self.recorder.event(&deployment, "Warning", "SelectingAll", message);
            return Ok(None);
        }
        let replica_sets = self.claim_replica_sets(&deployment)?;
        if deleting(&deployment) {
            let (new, old) = self.sync_revision(&mut deployment, &replica_sets, false)?;
            return self.sync_status(&mut deployment, new.as_ref(), &old).map(|()| None);
        }
        self.check_paused_conditions(&mut deployment)?;
        if flag(&deployment, "spec.paused") || self.is_scaling_event(&mut deployment, &replica_sets)? {
            return self.sync(&mut deployment, &replica_sets).map(|()| None);
        }
        match text(&deployment, "spec.strategy.type") {
            "Recreate" => self.rollout_recreate(&mut deployment, &replica_sets),
            "RollingUpdate" => self.rollout_rolling(&mut deployment, &replica_sets),
            other => Err(Error::Other(format!("unexpected deployment strategy type: {other}"))),
        }
    }
}

impl DeploymentController {
    /// Scales, without going on with a rollout.
    fn sync(&self, deployment: &mut Value, replica_sets: &[Object]) -> Result<(), Error> {
        let (new, old) = self.sync_revision(deployment, replica_sets, false)?;
        self.scale(deployment, new.as_ref(), &old)?;
        if flag(deployment, "spec.paused") {
            self.clean_up(deployment, &old)?;
        }
        self.sync_status(deployment, new.as_ref(), &old)
    }

    fn sync_status(&self, deployment: &mut Value, new: Option<&Object>, old: &[Object]) -> Result<(), Error> {
        let all: Vec<Object> = old.iter().chain(new).cloned().collect();
        let status = status::calculate(&all, new, deployment, self.api.clock().now());
        self.write_status_if_changed(deployment, status).map(drop)
    }

    /// `syncRolloutStatus`, and when to look again whether the rollout is stuck: `requeueStuckDeployment`.
    fn sync_rollout_status(
        &self,
        deployment: &mut Value,
        new: Option<&Object>,
        old: &[Object],
    ) -> Result<Option<Duration>, Error> {
        let all: Vec<Object> = old.iter().chain(new).cloned().collect();
        let now = self.api.clock().now();
        let new_status = status::of_rollout(&all, new, deployment, now);
        if self.write_status_if_changed(deployment, new_status)? {
            return Ok(None);
        }
        let (Some(deadline), Some(condition)) =
            (status::progress_deadline(deployment), condition(deployment, "Progressing"))
        else {
            return Ok(None);
        };
        if status::is_complete(deployment, at(deployment, "status"))
            || condition["reason"] == "ProgressDeadlineExceeded"
        {
            return Ok(None);
        }
        let left = super::object::time(condition, "lastUpdateTime").map(|from| (from + deadline).duration_since(now));
        let left = left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default();
        Ok(Some(left + Duration::from_secs(1)))
    }

    /// The names of the ReplicaSets' pods by what owns them, for those that are not the new one's.
    fn old_pods_run(&self, deployment: &Value, new: Option<&Object>, old: &[Object], replica_sets: &[Object]) -> bool {
        if replica_sets::sum(old, "status.replicas") > 0 {
            return true;
        }
        let pods = self.api.list("pods", Some(namespace(deployment)));
        pods.iter().any(|pod| {
            let owned = |replica_set: &Object| {
                new.is_none_or(|new| uid(new) != uid(replica_set)) && super::owner::is_controlled_by(pod, replica_set)
            };
            replica_sets.iter().any(owned) && !super::pod::is_terminal(pod)
        })
    }

    /// Deletes old ReplicaSets that are beyond the limit and empty: `cleanupDeployment`.
    fn clean_up(&self, deployment: &Value, old: &[Object]) -> Result<(), Error> {
        let limit = super::object::int(deployment, "spec.revisionHistoryLimit");
        let Some(limit) = limit.filter(|limit| *limit != i64::from(i32::MAX)) else {
            return Ok(());
        };
        let mut candidates: Vec<&Object> = old.iter().filter(|replica_set| !deleting(replica_set)).collect();
        let surplus = candidates.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        candidates.sort_by(|one, other| {
            let revisions = replica_sets::revision(one).zip(replica_sets::revision(other));
            revisions.map_or(std::cmp::Ordering::Equal, |(a, b)| a.cmp(&b)).then_with(|| by_age(one, other))
        });
        for replica_set in candidates.into_iter().take(surplus) {
            let seen = super::object::count(replica_set, "status.observedGeneration");
            let empty =
                super::object::count(replica_set, "status.replicas") == 0 && replica_sets::replicas(replica_set) == 0;
            if !empty || super::object::count(replica_set, "metadata.generation") > seen {
                continue;
            }
            match self.api.delete(REPLICA_SETS, namespace(replica_set), name(replica_set), &Default::default()) {
                Err(status) if !status.is_not_found() => return Err(status.into()),
                _ => {}
            }
        }
        Ok(())
    }
}
