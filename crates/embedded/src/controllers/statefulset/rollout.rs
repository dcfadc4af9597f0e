//! Creating, replacing and removing the pods of a StatefulSet: statefulset/stateful_set_control.go, `updateStatefulSet`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Stateful, StatefulSetController,
    identity::{ordinal, pod_revision},
};
use crate::{
    controllers::{
        deployment::scaled,
        harness::Error,
        object::{at, count, deleting, name, namespace, text},
        pod,
        pod_control::{NAMESPACE_TERMINATING, has_cause},
    },
    storage::Object,
};

/// Whether the pods that follow wait for this one.
enum Step {
    Next,
    Wait,
}

impl StatefulSetController {
    pub(super) fn update(&self, stateful: &mut Stateful, pods: &[Object]) -> Result<(), Error> {
        let ours = |number: i64| pods.iter().find(|pod| ordinal(pod) == Some(number)).cloned();
        let numbers = stateful.start..stateful.start + stateful.replicas;
        let mut replicas: Vec<Object> =
            numbers.map(|number| ours(number).unwrap_or_else(|| Arc::new(stateful.new_pod(number)))).collect();
        let mut condemned: Vec<Object> =
            pods.iter().filter(|pod| ordinal(pod).is_some_and(|number| !stateful.in_range(number))).cloned().collect();
        condemned.reverse();
        let done = self.go(stateful, &mut replicas, &condemned);
        let created: Vec<Object> = replicas.iter().chain(&condemned).filter(|pod| is_created(pod)).cloned().collect();
        self.count(stateful, &created);
        if !done? || text(&stateful.set, "spec.updateStrategy.type") == "OnDelete" {
            return Ok(());
        }
        self.roll(stateful, &replicas)
    }

    /// Brings up all pods that should be there, and takes down those that should not. True when nothing has to wait.
    fn go(&self, stateful: &Stateful, replicas: &mut [Object], condemned: &[Object]) -> Result<bool, Error> {
        let ordered = stateful.is_ordered();
        for pod in replicas.iter_mut() {
            if matches!(self.bring_up(stateful, pod)?, Step::Wait) && ordered {
                return Ok(false);
            }
        }
        for pod in condemned {
            self.own_claims(stateful, pod)?;
        }
        let unhealthy =
            replicas.iter().chain(condemned.iter().rev()).find(|pod| self.is_unavailable(stateful, pod)).cloned();
        for pod in condemned {
            if matches!(self.take_down(stateful, pod, unhealthy.as_ref())?, Step::Wait) && ordered {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `processReplica`.
    fn bring_up(&self, stateful: &Stateful, pod: &mut Object) -> Result<Step, Error> {
        if pod::is_terminal(pod) {
            if !deleting(pod) {
                self.delete_pod(&stateful.set, pod)?;
            }
            return Ok(Step::Wait);
        }
        if !is_created(pod) {
            if self.has_stale_claim(stateful, pod) {
                return Ok(Step::Wait);
            }
            *pod = self.create_pod(stateful, pod)?;
            return Ok(Step::Wait);
        }
        if pod::phase(pod) == "Pending" {
            self.create_claims(&stateful.set, pod)?;
            self.own_claims(stateful, pod)?;
        }
        if deleting(pod) || self.is_unavailable(stateful, pod) {
            return Ok(Step::Wait);
        }
        self.own_claims(stateful, pod)?;
        if !stateful.is_identified(pod) {
            let number = ordinal(pod).unwrap_or(0);
            let updated = self.api.modify("pods", namespace(pod), name(pod), |pod| stateful.identify(pod, number));
            let updated = updated.map(|fresh| *pod = fresh).map_err(Error::from);
            self.record("Update", &stateful.set, pod, &updated);
            updated?;
        }
        Ok(Step::Next)
    }

    /// `CreateStatefulPod`.
    fn create_pod(&self, stateful: &Stateful, pod: &Value) -> Result<Object, Error> {
        let set = &stateful.set;
        let created = self
            .create_claims(set, pod)
            .and_then(|()| self.api.create("pods", namespace(set), pod.clone()).map_err(Error::from));
        match created {
            Err(Error::Status(status)) if status.is_already_exists() || has_cause(&status, NAMESPACE_TERMINATING) => {
                Err(Error::Status(status))
            }
            Err(error) => {
                let failed = Err(error.clone());
                self.record("Create", set, pod, &failed);
                Err(error)
            }
            Ok(created) => {
                self.own_claims(stateful, &created)?;
                self.record("Create", set, pod, &Ok(()));
                Ok(created)
            }
        }
    }

    /// `processCondemned`.
    fn take_down(&self, stateful: &Stateful, pod: &Object, unhealthy: Option<&Object>) -> Result<Step, Error> {
        if deleting(pod) {
            return Ok(Step::Wait);
        }
        let is_first_unhealthy = unhealthy.is_some_and(|other| name(other) == name(pod));
        if stateful.is_ordered() && self.is_unavailable(stateful, pod) && !is_first_unhealthy {
            return Ok(Step::Wait);
        }
        self.delete_pod(&stateful.set, pod)?;
        Ok(Step::Wait)
    }

    fn is_unavailable(&self, stateful: &Stateful, pod: &Value) -> bool {
        deleting(pod) || !pod::is_available(pod, stateful.min_ready(), self.api.clock().now())
    }

    /// Replaces pods of older templates, those with the highest numbers first: `updateStatefulSetAfterInvariantEstablished`.
    fn roll(&self, stateful: &mut Stateful, replicas: &[Object]) -> Result<(), Error> {
        let rolling = at(&stateful.set, "spec.updateStrategy.rollingUpdate");
        let partition = rolling["partition"].as_i64().unwrap_or(0);
        let bound = &rolling["maxUnavailable"];
        let most = if bound.is_null() { 1 } else { scaled(bound, stateful.replicas, true).max(1) };
        let old = |pod: &Value| pod_revision(pod) != stateful.update.name;
        let unavailable = |pod: &Value| self.is_unavailable(stateful, pod);
        let down = i64::try_from(replicas.iter().filter(|pod| unavailable(pod)).count()).unwrap_or(i64::MAX);
        let useless = |pod: &Value| old(pod) && !deleting(pod) && unavailable(pod);
        let parallel = !stateful.is_ordered();
        if down >= most && !(parallel && replicas.iter().any(|pod| useless(pod))) {
            return Ok(());
        }
        let kept = usize::try_from(partition).unwrap_or(0).min(replicas.len());
        let candidates = || replicas[kept..].iter().rev();
        let mut deleted: Vec<&Object> = Vec::new();
        let mut room = usize::try_from(most - down).unwrap_or(0);
        if parallel {
            deleted.extend(candidates().filter(|pod| useless(pod)));
            deleted.extend(candidates().filter(|pod| old(pod) && !unavailable(pod)).take(room));
            room = 0;
        }
        deleted.extend(candidates().filter(|pod| old(pod) && !deleting(pod)).take(room));
        let mut current = count(&stateful.status, "currentReplicas");
        for pod in deleted {
            self.delete_pod(&stateful.set, pod)?;
            current -= 1;
        }
        stateful.status["currentReplicas"] = json!(current);
        Ok(())
    }
}

/// Whether a pod is in the API, not only planned.
fn is_created(pod: &Value) -> bool {
    !pod::phase(pod).is_empty()
}
