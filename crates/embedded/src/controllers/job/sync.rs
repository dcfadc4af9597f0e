//! One look at a Job: job/job_controller.go, `syncJob`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    backoff::Backoff,
    has_finalizer,
    indexes::{Indexes, completion_index, indexes_of},
    manage::{self, is_indexed},
    policy::{self, Verdict},
};
use crate::{
    apiserver::Api,
    controllers::{
        harness::Error,
        object::{at, count, deleting, flag, int, items, set, text, time},
        pod,
        pod_control::PodControl,
    },
    storage::Object,
};

/// A Job and its pods, in the course of one reconciliation.
pub struct Sync<'a> {
    pub(super) api: &'a Api,
    pub(super) control: &'a PodControl,
    pub(super) job: Value,
    pub(super) pods: Vec<Object>,
    pub(super) active: Vec<Object>,
    pub(super) now: Timestamp,
    pub(super) ready: i64,
    pub(super) terminating: i64,
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    /// Type, reason and message of the condition with which the Job ends.
    pub(super) finished: Option<Finished>,
    /// Indexes that had succeeded before, and that have now.
    pub(super) succeeded_before: Indexes,
    pub(super) succeeded_indexes: Indexes,
    pub(super) failed_indexes: Option<Indexes>,
    /// Failed pods that are kept until their index has another pod.
    pub(super) delayed: Vec<(i64, Object)>,
    pub(super) backoff: Backoff,
    pub(super) backoff_counted: bool,
    pub(super) again: Option<Duration>,
}

/// How a Job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// `SuccessCriteriaMet`, `FailureTarget`, and in the end `Complete` or `Failed`.
    pub kind: String,
    /// In one word.
    pub reason: String,
    /// For a person.
    pub message: String,
}

impl Finished {
    pub(super) fn new(kind: &str, reason: &str, message: &str) -> Self {
        Self { kind: kind.to_owned(), reason: reason.to_owned(), message: message.to_owned() }
    }

    fn failure(reason: &str, message: &str) -> Self {
        Self::new("FailureTarget", reason, message)
    }
}

impl<'a> Sync<'a> {
    pub(super) fn new(api: &'a Api, control: &'a PodControl, job: Value, pods: Vec<Object>, backoff: Backoff) -> Self {
        let active: Vec<Object> = pods.iter().filter(|pod| pod::is_active(pod)).cloned().collect();
        let number = |test: fn(&Value) -> bool| pods.iter().filter(|pod| test(pod)).count() as i64;
        Self {
            api,
            control,
            now: api.clock().now(),
            ready: active.iter().filter(|pod| pod::is_ready(pod)).count() as i64,
            terminating: number(pod::is_terminating),
            succeeded: 0,
            failed: 0,
            finished: None,
            succeeded_before: Indexes::default(),
            succeeded_indexes: Indexes::default(),
            failed_indexes: None,
            delayed: Vec::new(),
            backoff,
            backoff_counted: false,
            again: None,
            job,
            pods,
            active,
        }
    }

    /// The failures to remember, when they were counted in the status.
    pub(super) fn counted_backoff(&self) -> Option<Backoff> {
        self.backoff_counted.then_some(self.backoff)
    }

    pub(super) fn completions(&self) -> Option<i64> {
        int(&self.job, "spec.completions")
    }

    pub(super) fn is_suspended(&self) -> bool {
        flag(&self.job, "spec.suspend")
    }

    fn uncounted(&self, kind: &str) -> &[Value] {
        items(at(&self.job, "status.uncountedTerminatedPods"), kind)
    }

    /// `isPodFailed`.
    pub(super) fn is_failed(&self, pod: &Value) -> bool {
        let replaced_at_once = text(&self.job, "spec.podReplacementPolicy") != "Failed";
        pod::phase(pod) == "Failed" || replaced_at_once && deleting(pod) && pod::phase(pod) != "Succeeded"
    }

    /// Whether the index of a pod is one of the Job's.
    pub(super) fn has_valid_index(&self, pod: &Value) -> bool {
        !is_indexed(&self.job) || completion_index(pod).is_some_and(|index| index < self.completions().unwrap_or(0))
    }

    /// Pods that ended since they were last counted: `getValidPodsWithFilter`.
    fn newly_ended(&self, kind: &str, test: impl Fn(&Value) -> bool) -> Vec<Object> {
        let uncounted = self.uncounted(kind);
        let fresh = |pod: &&Object| has_finalizer(pod) && !uncounted.contains(at(pod, "metadata.uid"));
        self.pods.iter().filter(fresh).filter(|pod| self.has_valid_index(pod) && test(pod)).cloned().collect()
    }

    pub(super) fn run(&mut self) -> Result<Option<Duration>, Error> {
        if !at(&self.job, "status.uncountedTerminatedPods").is_object() {
            set(&mut self.job, "status.uncountedTerminatedPods", json!({}));
        }
        let newly_succeeded = self.newly_ended("succeeded", |pod| pod::phase(pod) == "Succeeded");
        let newly_failed = self.newly_ended("failed", |pod| self.is_failed(pod));
        let counted = newly_failed.iter().filter(|pod| policy::judge(&self.job, pod) != Verdict::Ignore).count();
        let sum = |field: &str, new: usize, uncounted: &[Value]| {
            count(&self.job, &format!("status.{field}")) + (new + uncounted.len()) as i64
        };
        let succeeded = sum("succeeded", newly_succeeded.len(), self.uncounted("succeeded"));
        let failed = sum("failed", counted, self.uncounted("failed"));
        (self.succeeded, self.failed) = (succeeded, failed);
        if at(&self.job, "status.startTime").is_null() && !self.is_suspended() {
            set(&mut self.job, "status.startTime", json!(self.api.clock().rfc3339()));
        }
        self.backoff = self.backoff.after(&newly_succeeded, &newly_failed);
        self.finished = self.end_by_policy().or_else(|| self.end_by_limit());
        if is_indexed(&self.job) {
            self.look_at_indexes();
        }
        let (active, changed, managed) = self.manage();
        let before = at(&self.job, "status").clone();
        let needs_flush = changed
            || count(&before, "active") != active
            || int(&before, "ready") != Some(self.ready)
            || int(&before, "terminating") != Some(self.terminating);
        set(&mut self.job, "status.active", json!(active));
        set(&mut self.job, "status.ready", json!(self.ready));
        set(&mut self.job, "status.terminating", json!(self.terminating));
        self.track(needs_flush)?;
        managed?;
        Ok(self.again)
    }

    fn true_condition(&self, kind: &str) -> Option<&Value> {
        items(&self.job, "status.conditions").iter().find(|it| it["type"] == kind && it["status"] == "True")
    }

    /// What an earlier look decided, or the podFailurePolicy does now.
    fn end_by_policy(&self) -> Option<Finished> {
        let known = |kind: &str, becomes: &str| {
            let condition = self.true_condition(kind)?;
            Some(Finished::new(becomes, text(condition, "reason"), text(condition, "message")))
        };
        let by_pod = || {
            let verdict = |pod: &Object| match policy::judge(&self.job, pod) {
                Verdict::FailJob(message) if self.is_failed(pod) => Some(message),
                _ => None,
            };
            Some(Finished::failure("PodFailurePolicy", &self.pods.iter().find_map(verdict)?))
        };
        known("SuccessCriteriaMet", "SuccessCriteriaMet").or_else(|| known("FailureTarget", "Failed")).or_else(by_pod)
    }

    /// backoffLimit and activeDeadlineSeconds.
    fn end_by_limit(&mut self) -> Option<Finished> {
        let limit = int(&self.job, "spec.backoffLimit").unwrap_or(i64::from(i32::MAX));
        if self.failed > limit || self.restarted_too_often(limit) {
            return Some(Finished::failure("BackoffLimitExceeded", "Job has reached the specified backoff limit"));
        }
        let deadline = SignedDuration::from_secs(int(&self.job, "spec.activeDeadlineSeconds")?);
        if self.is_suspended() {
            return None;
        }
        let active_for = self.now.duration_since(time(&self.job, "status.startTime")?);
        if active_for >= deadline {
            return Some(Finished::failure("DeadlineExceeded", "Job was active longer than specified deadline"));
        }
        self.look_again_in(Duration::try_from(deadline - active_for).unwrap_or_default());
        None
    }

    pub(super) fn look_again_in(&mut self, delay: Duration) {
        self.again = Some(self.again.map_or(delay, |known| known.min(delay)));
    }

    /// `pastBackoffLimitOnFailure`.
    fn restarted_too_often(&self, limit: i64) -> bool {
        if text(&self.job, "spec.template.spec.restartPolicy") != "OnFailure" {
            return false;
        }
        let running = self.pods.iter().filter(|pod| matches!(pod::phase(pod), "Running" | "Pending"));
        let restarts: i64 = running
            .flat_map(|pod| {
                items(pod, "status.initContainerStatuses").iter().chain(items(pod, "status.containerStatuses"))
            })
            .map(|status| count(status, "restartCount"))
            .sum();
        if limit == 0 { restarts > 0 } else { restarts >= limit }
    }

    fn look_at_indexes(&mut self) {
        let completions = self.completions().unwrap_or(0);
        self.succeeded_before = Indexes::parse(text(&self.job, "status.completedIndexes"), completions);
        self.succeeded_indexes = self.succeeded_before.clone();
        let tracked = self.pods.iter().filter(|pod| has_finalizer(pod) && self.has_valid_index(pod));
        let new: Vec<i64> =
            tracked.filter(|pod| pod::phase(pod) == "Succeeded").filter_map(|pod| completion_index(pod)).collect();
        new.into_iter().for_each(|index| self.succeeded_indexes.insert(index));
        self.succeeded = self.succeeded_indexes.len();
        if let Some(limit) = int(&self.job, "spec.backoffLimitPerIndex") {
            self.look_at_failed_indexes(limit, completions);
        }
        if self.finished.is_none()
            && let Some(message) = policy::success(&self.job, completions, &self.succeeded_indexes)
        {
            self.finished = Some(Finished::new("SuccessCriteriaMet", "SuccessPolicy", &message));
        }
    }

    fn look_at_failed_indexes(&mut self, limit: i64, completions: i64) {
        let mut failed = Indexes::parse(text(&self.job, "status.failedIndexes"), completions);
        for pod in self.pods.iter().filter(|pod| has_finalizer(pod) && self.has_valid_index(pod) && self.is_failed(pod))
        {
            let fails = match policy::judge(&self.job, pod) {
                Verdict::FailIndex => true,
                Verdict::Ignore => false,
                _ => manage::index_failures(pod).0 >= limit,
            };
            if let Some(index) = completion_index(pod).filter(|_| fails) {
                failed.insert(index);
            }
        }
        if self.finished.is_none() {
            if int(&self.job, "spec.maxFailedIndexes").is_some_and(|most| failed.len() > most) {
                let message = "Job has exceeded the specified maximal number of failed indexes";
                self.finished = Some(Finished::failure("MaxFailedIndexesExceeded", message));
            } else if !failed.is_empty() && failed.len() + self.succeeded_indexes.len() >= completions {
                self.finished = Some(Finished::failure("FailedIndexes", "Job has failed indexes"));
            }
        }
        self.delayed = self.delayed_pods(&failed);
        self.failed_indexes = Some(failed);
    }

    /// `getPodsWithDelayedDeletionPerIndex`: the last failed pod of each index that waits for another one.
    fn delayed_pods(&self, failed: &Indexes) -> Vec<(i64, Object)> {
        let active = indexes_of(self.active.iter().map(|pod| &**pod));
        let mut delayed: Vec<(i64, Object)> = Vec::new();
        for pod in self.pods.iter().filter(|pod| has_finalizer(pod) && self.is_failed(pod)) {
            let Some(index) = completion_index(pod).filter(|_| self.has_valid_index(pod)) else {
                continue;
            };
            if self.succeeded_indexes.contains(index) || failed.contains(index) || active.contains(index) {
                continue;
            }
            match delayed.iter_mut().find(|(other, _)| *other == index) {
                Some((_, known)) if manage::absolute_failures(known) <= manage::absolute_failures(pod) => {
                    *known = pod.clone()
                }
                Some(_) => {}
                None => delayed.push((index, pod.clone())),
            }
        }
        delayed
    }

    /// Deletes or creates pods; returns how many are active then, and whether the status needs to be written because the Job was
    /// suspended or resumed.
    fn manage(&mut self) -> (i64, bool, Result<(), Error>) {
        if self.finished.is_some() {
            let (active, result) = self.delete_active();
            return (active, false, result);
        }
        if deleting(&self.job) {
            return (self.active.len() as i64, false, Ok(()));
        }
        let (active, result) = self.manage_pods();
        let enough = match self.completions() {
            None => self.succeeded > 0,
            Some(completions) => self.succeeded >= completions,
        };
        if enough && active == 0 {
            let message = "Reached expected number of succeeded pods";
            self.finished = Some(Finished::new("SuccessCriteriaMet", "CompletionsReached", message));
            return (active, false, result);
        }
        let changed = self.note_suspension();
        (active, changed, result)
    }

    /// Sets the condition Suspended as it is; true when it was another one.
    fn note_suspension(&mut self) -> bool {
        let suspended = self.is_suspended();
        let (status, reason, message, event) = if suspended {
            ("True", "JobSuspended", "Job suspended", "Suspended")
        } else {
            ("False", "JobResumed", "Job resumed", "Resumed")
        };
        if !self.ensure_condition("Suspended", status, reason, message) {
            return false;
        }
        self.control.recorder.event(&self.job, "Normal", event, message);
        let start = if suspended { Value::Null } else { json!(self.api.clock().rfc3339()) };
        set(&mut self.job, "status.startTime", start);
        true
    }
}
