//! How many pods a Job has, and which: job/job_controller.go, `manageJob`.

use serde_json::{Value, json};

use super::{
    TRACKING,
    backoff::{finished_at, remaining},
    indexes::{COMPLETION_INDEX, Indexes, completion_index, indexes_of},
    policy::{self, Verdict},
    sync::Sync,
    tracking::remove_finalizer,
};
use crate::{
    controllers::{
        harness::Error,
        object::{annotation, at, int, map_mut, name, text},
        pod,
        pod_control::{NAMESPACE_TERMINATING, has_cause, pod_from_template},
    },
    storage::Object,
};

const FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-failure-count";
const IGNORED_FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
/// The variable that tells a container its index.
const INDEX_VARIABLE: &str = "JOB_COMPLETION_INDEX";
/// The most pods that one reconciliation creates or deletes.
const MAX_PER_SYNC: i64 = 500;

/// Whether the pods of a Job have indexes.
pub fn is_indexed(job: &Value) -> bool {
    text(job, "spec.completionMode") == "Indexed"
}

/// How often the index of a pod had failed before it, counted and ignored.
pub fn index_failures(pod: &Value) -> (i64, i64) {
    let number = |key: &str| annotation(pod, key).and_then(|text| text.parse().ok()).unwrap_or(0);
    (number(FAILURE_COUNT), number(IGNORED_FAILURE_COUNT))
}

/// How often the index of a pod had failed before it.
pub fn absolute_failures(pod: &Value) -> i64 {
    let (counted, ignored) = index_failures(pod);
    counted + ignored
}

impl Sync<'_> {
    /// Ends all pods of a Job that is finished; returns how many are active still. The Job is finished when none is.
    pub(super) fn delete_active(&mut self) -> (i64, Result<(), Error>) {
        let pods = self.active.clone();
        let (deleted, result) = self.delete_pods(&pods, false);
        let left = pods.len() as i64 - deleted;
        if left > 0 {
            self.finished = None;
        }
        (left, result)
    }

    fn delete_pods(&mut self, pods: &[Object], release: bool) -> (i64, Result<(), Error>) {
        let (mut deleted, mut result) = (0, Ok(()));
        for pod in pods {
            let released = if release { remove_finalizer(self.api, pod) } else { Ok(()) };
            match released.and_then(|()| self.control.delete(&self.job, pod)) {
                Ok(()) => {
                    deleted += 1;
                    self.terminating += 1;
                    self.ready -= i64::from(pod::is_ready(pod));
                }
                Err(error) => result = result.and(Err(error)),
            }
        }
        (deleted, result)
    }

    /// Brings the number of active pods to what is wanted; returns how many there are then.
    pub(super) fn manage_pods(&mut self) -> (i64, Result<(), Error>) {
        let active = self.active.len() as i64;
        if self.is_suspended() {
            let pods = self.pods_to_remove(active);
            let (deleted, result) = self.delete_pods(&pods, true);
            return (active - deleted, result);
        }
        let parallelism = int(&self.job, "spec.parallelism").unwrap_or(1);
        let wanted = match self.completions() {
            None if self.succeeded > 0 => active,
            None => parallelism,
            Some(completions) => (completions - self.succeeded).min(parallelism).max(0),
        };
        let surplus = self.pods_to_remove((active - wanted).max(0));
        if !surplus.is_empty() {
            let (deleted, result) = self.delete_pods(&surplus, true);
            return (active - deleted, result);
        }
        let waits_for_ends = text(&self.job, "spec.podReplacementPolicy") == "Failed";
        let missing = wanted - active - if waits_for_ends { self.terminating } else { 0 };
        if missing <= 0 {
            return (active, Ok(()));
        }
        let (created, result) = self.create_missing(missing.min(MAX_PER_SYNC));
        (active + created, result)
    }

    /// `activePodsForRemoval`: pods without a valid index of their own, then those that are of least use.
    fn pods_to_remove(&self, at_least: i64) -> Vec<Object> {
        let at_least = usize::try_from(at_least).unwrap_or(0);
        let (mut removed, mut left) = (Vec::new(), Vec::new());
        if is_indexed(&self.job) {
            let mut taken = Indexes::default();
            for pod in &self.active {
                match completion_index(pod).filter(|_| self.has_valid_index(pod)) {
                    Some(index) if !taken.contains(index) => {
                        taken.insert(index);
                        left.push(pod.clone());
                    }
                    _ => removed.push(pod.clone()),
                }
            }
        } else {
            left.clone_from(&self.active);
        }
        let more = at_least.saturating_sub(removed.len());
        removed.extend(crate::controllers::replicaset::pods_to_delete(left, &[], more, self.now));
        removed
    }

    fn create_missing(&mut self, missing: i64) -> (i64, Result<(), Error>) {
        let per_index = int(&self.job, "spec.backoffLimitPerIndex").is_some();
        if !per_index {
            let wait = self.backoff.remaining(self.now);
            if !wait.is_zero() {
                self.look_again_in(wait);
                return (0, Ok(()));
            }
        }
        if !is_indexed(&self.job) {
            return self.create_pods(vec![None; usize::try_from(missing).unwrap_or(0)]);
        }
        let mut indexes = self.pending_indexes(missing);
        if per_index {
            let wait = |index: &i64| {
                self.delayed.iter().find(|(other, _)| other == index).map_or_else(Default::default, |(_, pod)| {
                    let failures = u32::try_from(absolute_failures(pod) + 1).unwrap_or(u32::MAX);
                    remaining(failures, finished_at(pod), self.now)
                })
            };
            let (now, later): (Vec<i64>, Vec<i64>) = indexes.iter().partition(|index| wait(index).is_zero());
            if now.is_empty()
                && let Some(shortest) = later.iter().map(wait).min()
            {
                self.look_again_in(shortest);
            }
            indexes = now;
        }
        self.create_pods(indexes.into_iter().map(Some).collect())
    }

    /// `firstPendingIndexes`.
    fn pending_indexes(&self, number: i64) -> Vec<i64> {
        let active = indexes_of(self.active.iter().map(|pod| &**pod));
        let waits_for_ends = text(&self.job, "spec.podReplacementPolicy") == "Failed";
        let ending = self.pods.iter().filter(|pod| waits_for_ends && pod::is_terminating(pod));
        let ending = indexes_of(ending.map(|pod| &**pod));
        let failed = self.failed_indexes.clone().unwrap_or_default();
        let done =
            |index: &i64| [&active, &ending, &failed, &self.succeeded_indexes].iter().any(|set| set.contains(*index));
        let all = 0..self.completions().unwrap_or(0);
        all.filter(|index| !done(index)).take(usize::try_from(number).unwrap_or(0)).collect()
    }

    /// Creates pods in batches that double in size, and stops after a batch with a failure.
    fn create_pods(&mut self, indexes: Vec<Option<i64>>) -> (i64, Result<(), Error>) {
        let (mut created, mut batch) = (0, 1);
        let mut rest = indexes.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(batch.min(rest.len()));
            let mut failure = Ok(());
            for index in now {
                match self.control.create_pod(&self.job, self.new_pod(*index)) {
                    Err(Error::Status(status)) if has_cause(&status, NAMESPACE_TERMINATING) => created += 1,
                    Err(error) => failure = failure.and(Err(error)),
                    Ok(_) => created += 1,
                }
            }
            if failure.is_err() {
                return (created, failure);
            }
            (rest, batch) = (later, batch * 2);
        }
        (created, Ok(()))
    }

    fn new_pod(&self, index: Option<i64>) -> Value {
        let mut pod = pod_from_template(&self.job, at(&self.job, "spec.template"));
        let finalizers = map_mut(&mut pod, "metadata").entry("finalizers").or_insert_with(|| json!([]));
        if let Some(finalizers) = finalizers.as_array_mut() {
            finalizers.push(json!(TRACKING));
        }
        let Some(index) = index else {
            return pod;
        };
        let job_name = name(&self.job);
        pod["metadata"]["generateName"] = json!(format!("{job_name}-{index}-"));
        for field in ["metadata.labels", "metadata.annotations"] {
            map_mut(&mut pod, field).insert(COMPLETION_INDEX.to_owned(), json!(index.to_string()));
        }
        if int(&self.job, "spec.backoffLimitPerIndex").is_some() {
            self.count_failures(&mut pod, index);
        }
        pod["spec"]["hostname"] = json!(format!("{job_name}-{index}"));
        for list in ["initContainers", "containers"] {
            for container in pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                add_index_variable(container);
            }
        }
        pod
    }

    /// `addIndexFailureCountAnnotation`.
    fn count_failures(&self, pod: &mut Value, index: i64) {
        let (counted, ignored) = match self.delayed.iter().find(|(other, _)| *other == index) {
            None => (0, 0),
            Some((_, before)) => {
                let (counted, ignored) = index_failures(before);
                if policy::judge(&self.job, before) == Verdict::Ignore {
                    (counted, ignored + 1)
                } else {
                    (counted + 1, ignored)
                }
            }
        };
        let annotations = map_mut(pod, "metadata.annotations");
        annotations.insert(FAILURE_COUNT.to_owned(), json!(counted.to_string()));
        if ignored > 0 {
            annotations.insert(IGNORED_FAILURE_COUNT.to_owned(), json!(ignored.to_string()));
        }
    }
}

fn add_index_variable(container: &mut Value) {
    let known = container["env"].as_array().is_some_and(|list| list.iter().any(|it| it["name"] == INDEX_VARIABLE));
    if known {
        return;
    }
    let path = format!("metadata.labels['{COMPLETION_INDEX}']");
    let variable = json!({"name": INDEX_VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": path}}});
    match container.get_mut("env").and_then(Value::as_array_mut) {
        Some(list) => list.push(variable),
        None => container["env"] = json!([variable]),
    }
}
