//! Jobs: pods that run to their end, as often as it takes (pkg/controller/job).

mod backoff;
mod indexes;
mod manage;
mod policy;
mod sync;
mod tracking;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use self::{backoff::Backoff, sync::Sync};
use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    object::{at, items, labels, map_mut, namespace, text, uid},
    owner::{claim, controller_name, controller_of},
    pod_control::PodControl,
    selector,
};
use crate::{
    apiserver::Api,
    storage::{Event, EventType, Object},
};

const RESOURCE: &str = "jobs.batch";
/// The finalizer that keeps a pod until its Job has counted it.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// Changes of pods are looked at together.
const BATCH_PERIOD: Duration = Duration::from_secs(1);

/// The controller of Jobs.
pub struct JobController {
    api: Api,
    pods: PodControl,
    backoffs: BTreeMap<Key, Backoff>,
}

impl JobController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "job-controller");
        let recorder = EventRecorder::new(&api, "job-controller", "");
        Self { pods: PodControl { api: api.clone(), recorder }, api, backoffs: BTreeMap::new() }
    }

    /// The pods of a Job, after adoption and release: `getPodsForJob`.
    fn claim_pods(&self, job: &Value) -> Result<Vec<Object>, Error> {
        let wanted = at(job, "spec.selector");
        let pods = self.api.list("pods", Some(namespace(job)));
        let orphans = pods.iter().filter(|pod| controller_of(pod).is_none()).map(|pod| uid(pod).to_owned());
        let orphans: BTreeSet<String> = orphans.collect();
        let claimed = claim(&self.api, "pods", job, pods, |pod| selector::matches(wanted, labels(pod)))?;
        let counted = |pod: Object| {
            if orphans.contains(uid(&pod)) { self.add_finalizer(&pod) } else { Ok(pod) }
        };
        claimed.into_iter().map(counted).collect()
    }

    fn add_finalizer(&self, pod: &Value) -> Result<Object, Error> {
        Ok(self.api.modify("pods", namespace(pod), super::object::name(pod), |pod| {
            let finalizers = map_mut(pod, "metadata").entry("finalizers").or_insert_with(|| json!([]));
            if let Some(finalizers) = finalizers.as_array_mut() {
                finalizers.push(json!(TRACKING));
            }
        })?)
    }

    /// Removes the finalizer of a pod whose Job is gone or done: `syncOrphanPod`.
    fn release_orphan(&self, key: &Key) -> Result<(), Error> {
        let Ok(pod) = self.api.get("pods", &key.namespace, &key.name) else {
            return Ok(());
        };
        let job = controller_name(&pod, "Job").and_then(|name| self.api.get(RESOURCE, namespace(&pod), name).ok());
        if job.is_some_and(|job| !tracking::is_finished(&job)) {
            return Ok(());
        }
        tracking::remove_finalizer(&self.api, &pod)
    }

    fn job_of(&self, pod: &Value) -> Option<(Key, Option<Object>)> {
        let key = Key::new(namespace(pod), controller_name(pod, "Job")?);
        let job = self.api.get(RESOURCE, &key.namespace, &key.name).ok();
        Some((key, job))
    }
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A Job.
    Job(Key),
    /// A pod that was left behind by its Job.
    Orphan(Key),
}

fn has_finalizer(pod: &Value) -> bool {
    items(pod, "metadata.finalizers").iter().any(|finalizer| finalizer == TRACKING)
}

impl Controller for JobController {
    type Key = Work;

    fn watches(&self) -> Vec<String> {
        resources(&[RESOURCE, "pods"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Work> {
        let object = &event.object;
        if resource == RESOURCE {
            if event.kind == EventType::Deleted {
                self.backoffs.remove(&Key::of(object));
                let pods = self.api.list("pods", Some(namespace(object)));
                let left = pods.iter().filter(|pod| super::owner::is_controlled_by(pod, object) && has_finalizer(pod));
                return left.map(|pod| Work::Orphan(Key::of(pod))).collect();
            }
            return vec![Work::Job(Key::of(object))];
        }
        match self.job_of(object) {
            Some((key, Some(job))) if !tracking::is_finished(&job) => vec![Work::Job(key)],
            Some(_) if has_finalizer(object) => vec![Work::Orphan(Key::of(object))],
            Some(_) => Vec::new(),
            None if controller_of(object).is_some() => Vec::new(),
            None => {
                let all = self.api.list(RESOURCE, Some(namespace(object)));
                let before = event.previous.as_ref().and_then(|before| self.job_of(before)).map(|(key, _)| key);
                let adopters = all.iter().filter(|job| selector::matches(at(job, "spec.selector"), labels(object)));
                let mut work: Vec<Work> = adopters.map(|job| Work::Job(Key::of(job))).collect();
                work.extend(before.map(Work::Job));
                if has_finalizer(object) {
                    work.push(Work::Orphan(Key::of(object)));
                }
                work
            }
        }
    }

    fn batch_period(&self, resource: &str, event: &Event) -> Duration {
        let generation = |object: &Value| at(object, "metadata.generation").clone();
        let same = event.previous.as_ref().is_some_and(|before| generation(before) == generation(&event.object));
        if resource == "pods" || same && event.kind == EventType::Modified { BATCH_PERIOD } else { Duration::ZERO }
    }

    /// `syncJob`.
    fn reconcile(&mut self, work: &Work) -> Result<Option<Duration>, Error> {
        let key = match work {
            Work::Orphan(key) => return self.release_orphan(key).map(|()| None),
            Work::Job(key) => key,
        };
        let Ok(job) = self.api.get(RESOURCE, &key.namespace, &key.name) else {
            self.backoffs.remove(key);
            return Ok(None);
        };
        let managed_elsewhere = !matches!(text(&job, "spec.managedBy"), "" | "kubernetes.io/job-controller");
        if managed_elsewhere || tracking::is_finished(&job) {
            self.backoffs.remove(key);
            return Ok(None);
        }
        let pods = self.claim_pods(&job)?;
        let backoff = self.backoffs.get(key).copied().unwrap_or_default();
        let mut sync = Sync::new(&self.api, &self.pods, Value::clone(&job), pods, backoff);
        let result = sync.run();
        if let Some(backoff) = sync.counted_backoff() {
            self.backoffs.insert(key.clone(), backoff);
        }
        result
    }
}
