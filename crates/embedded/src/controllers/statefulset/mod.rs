//! StatefulSets: pods with a name and a volume of their own, one after the other (pkg/controller/statefulset).

mod claims;
mod identity;
mod rollout;

use std::time::Duration;

use serde_json::{Value, json};

use self::identity::{is_member, ordinal, pod_revision};
use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    history::{self, History},
    object::{at, count, deleting, int, items, labels, name, namespace, text, without_zeros},
    owner::{claim, owners},
    pod, selector,
};
use crate::{
    apiserver::{Api, DeleteOptions},
    storage::{Event, EventType, Object},
};

const RESOURCE: &str = "statefulsets.apps";
/// The label of a revision with its hash.
const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// The controller of StatefulSets.
pub struct StatefulSetController {
    api: Api,
    recorder: EventRecorder,
}

/// A StatefulSet in the course of one reconciliation.
struct Stateful {
    set: Object,
    /// Names and templates of the revision that the pods have, and of the one that they shall have.
    current: Revision,
    update: Revision,
    replicas: i64,
    start: i64,
    status: Value,
}

/// A template, by the name of its revision.
#[derive(Clone, Debug)]
struct Revision {
    name: String,
    template: Value,
}

impl Revision {
    fn of(object: &Value) -> Self {
        Self { name: name(object).to_owned(), template: history::template(object) }
    }
}

impl Stateful {
    fn new(set: &Object, history: &History) -> Self {
        let update = Revision::of(&history.current);
        let wanted = text(set, "status.currentRevision");
        let current = history.others.iter().find(|object| name(object) == wanted).map(|object| Revision::of(object));
        Self {
            set: set.clone(),
            current: current.unwrap_or_else(|| update.clone()),
            update,
            replicas: int(set, "spec.replicas").unwrap_or(1),
            start: count(set, "spec.ordinals.start"),
            status: Value::Null,
        }
    }

    fn in_range(&self, ordinal: i64) -> bool {
        (self.start..self.start + self.replicas).contains(&ordinal)
    }

    /// One pod after the other, not all at once.
    fn is_ordered(&self) -> bool {
        text(&self.set, "spec.podManagementPolicy") != "Parallel"
    }

    fn min_ready(&self) -> i64 {
        count(&self.set, "spec.minReadySeconds")
    }
}

impl StatefulSetController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "statefulset-controller");
        let recorder = EventRecorder::new(&api, "statefulset-controller", "");
        Self { api, recorder }
    }

    fn claim_pods(&self, set: &Value) -> Result<Vec<Object>, Error> {
        let wanted = at(set, "spec.selector");
        let mut pods = self.api.list("pods", Some(namespace(set)));
        pods.retain(|pod| is_member(set, pod));
        let mut claimed = claim(&self.api, "pods", set, pods, |pod| selector::matches(wanted, labels(pod)))?;
        claimed.sort_by_key(|pod| ordinal(pod));
        Ok(claimed)
    }

    /// `recordPodEvent`.
    fn record(&self, verb: &str, set: &Value, pod: &Value, result: &Result<(), Error>) {
        let (pod, owner) = (name(pod), name(set));
        match result {
            Ok(()) => {
                let message = format!("{verb} Pod {pod} in StatefulSet {owner} successful");
                self.recorder.event(set, "Normal", &format!("Successful{verb}"), &message);
            }
            Err(error) => {
                let message = format!("{verb} Pod {pod} in StatefulSet {owner} failed error: {error}");
                self.recorder.event(set, "Warning", &format!("Failed{verb}"), &message);
            }
        }
    }

    fn delete_pod(&self, set: &Value, pod: &Value) -> Result<(), Error> {
        let deleted = match self.api.delete("pods", namespace(pod), name(pod), &DeleteOptions::default()) {
            Err(status) if !status.is_not_found() => Err(Error::from(status)),
            _ => Ok(()),
        };
        self.record("Delete", set, pod, &deleted);
        deleted
    }

    fn write_status(&self, stateful: &mut Stateful) -> Result<(), Error> {
        let wanted = stateful.replicas;
        let status = &mut stateful.status;
        // `completeUpdate`
        if ["updatedReplicas", "readyReplicas", "replicas"].into_iter().all(|field| count(status, field) == wanted) {
            status["currentReplicas"] = status["updatedReplicas"].clone();
            status["currentRevision"] = status["updateRevision"].clone();
        }
        let status = without_zeros(status.clone(), &["replicas", "availableReplicas", "collisionCount"]);
        if at(&stateful.set, "status") == &status {
            return Ok(());
        }
        let mut copy = Value::clone(&stateful.set);
        copy["status"] = status;
        self.api.update_status(RESOURCE, copy)?;
        Ok(())
    }

    /// The counts of pods: `updateStatus`.
    fn count(&self, stateful: &mut Stateful, pods: &[Object]) {
        let now = self.api.clock().now();
        let number = |test: &dyn Fn(&Value) -> bool| pods.iter().filter(|pod| test(pod)).count();
        let ready = |pod: &Value| pod::phase(pod) == "Running" && pod::is_ready(pod);
        let of = |revision: &Revision| number(&|pod| !deleting(pod) && pod_revision(pod) == revision.name);
        stateful.status = json!({
            "observedGeneration": at(&stateful.set, "metadata.generation"),
            "currentRevision": stateful.current.name, "updateRevision": stateful.update.name,
            "collisionCount": count(&stateful.set, "status.collisionCount"),
            "conditions": at(&stateful.set, "status.conditions"),
            "replicas": pods.len(), "readyReplicas": number(&ready),
            "availableReplicas": number(&|pod| ready(pod) && pod::is_available(pod, stateful.min_ready(), now)),
            "currentReplicas": of(&stateful.current), "updatedReplicas": of(&stateful.update),
        });
    }
}

impl Controller for StatefulSetController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&[RESOURCE, "pods", "controllerrevisions.apps", "persistentvolumeclaims"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        let object = &event.object;
        match resource {
            RESOURCE => vec![Key::of(object)],
            "persistentvolumeclaims" if event.kind != EventType::Deleted => Vec::new(),
            "persistentvolumeclaims" => {
                // A claim that is missing is made again for the pod that waits for it.
                let all = self.api.list(RESOURCE, Some(namespace(object)));
                all.iter()
                    .filter(|set| !items(set, "spec.volumeClaimTemplates").is_empty())
                    .map(|set| Key::of(set))
                    .collect()
            }
            _ => owners(&self.api, event, RESOURCE, "StatefulSet"),
        }
    }

    /// `sync` and `UpdateStatefulSet`.
    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(set) = self.api.get(RESOURCE, &key.namespace, &key.name) else {
            return Ok(None);
        };
        let history = history::sync(&self.api, &set, HASH_LABEL)?;
        let pods = self.claim_pods(&set)?;
        let mut stateful = Stateful::new(&set, &history);
        self.count(&mut stateful, &pods);
        let updated = if deleting(&set) { Ok(()) } else { self.update(&mut stateful, &pods) };
        self.write_status(&mut stateful)?;
        let alive: Vec<&str> = pods.iter().map(|pod| pod_revision(pod)).collect();
        let kept = [stateful.current.name.as_str(), stateful.update.name.as_str()];
        let is_used = |revision: &Value| kept.contains(&name(revision)) || alive.contains(&name(revision));
        history::clean_up(&self.api, &set, &history, is_used)?;
        updated?;
        let waiting = count(&stateful.status, "readyReplicas") != count(&stateful.status, "availableReplicas");
        let min_ready = stateful.min_ready();
        Ok((min_ready > 0 && waiting).then(|| {
            let next = pod::next_availability(&pods, min_ready, self.api.clock().now());
            next.unwrap_or_else(|| Duration::from_secs(min_ready.unsigned_abs()))
        }))
    }
}
