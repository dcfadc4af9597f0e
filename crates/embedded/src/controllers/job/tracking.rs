//! Counting the pods of a Job exactly once: job/job_controller.go, `trackJobStatusAndRemoveFinalizers`.
//!
//! A pod that ended is written into the status as uncounted, then loses its finalizer, then is counted: whatever fails in
//! between, the next look goes on from there.

use serde_json::{Value, json};

use super::{
    RESOURCE, TRACKING, has_finalizer,
    indexes::{Indexes, completion_index},
    manage::is_indexed,
    policy::{self, Verdict},
    sync::{Finished, Sync},
};
use crate::{
    apiserver::Api,
    controllers::{
        harness::Error,
        object::{
            at, condition_is_true, count, deleting, items, map_mut, name, namespace, remove, set, text, uid,
            without_zeros,
        },
        pod,
    },
    storage::Object,
};

/// The most pods that are on their way to be counted.
const MAX_UNCOUNTED: usize = 500;

/// Whether a Job is complete or has failed.
pub fn is_finished(job: &Value) -> bool {
    condition_is_true(job, "Complete") || condition_is_true(job, "Failed")
}

/// Lets go of a pod.
pub fn remove_finalizer(api: &Api, pod: &Value) -> Result<(), Error> {
    if !has_finalizer(pod) {
        return Ok(());
    }
    let removed = api.modify("pods", namespace(pod), name(pod), |pod| {
        let metadata = map_mut(pod, "metadata");
        if let Some(finalizers) = metadata.get_mut("finalizers").and_then(Value::as_array_mut) {
            finalizers.retain(|finalizer| finalizer != TRACKING);
            if finalizers.is_empty() {
                metadata.remove("finalizers");
            }
        }
    });
    match removed {
        Err(status) if !status.is_not_found() => Err(status.into()),
        _ => Ok(()),
    }
}

impl Sync<'_> {
    pub(super) fn track(&mut self, mut needs_flush: bool) -> Result<(), Error> {
        let mut kept: Vec<Value> =
            self.pods.iter().filter(|pod| has_finalizer(pod)).map(|pod| json!(uid(pod))).collect();
        needs_flush |= self.count_released(&kept);
        let (released, full, noted) = self.note_ended_pods();
        needs_flush |= noted | self.note_indexes();
        needs_flush |= self.note_end();
        if needs_flush {
            self.write_status()?;
            self.backoff_counted = true;
        }
        let mut failure = Ok(());
        for pod in &released {
            match remove_finalizer(self.api, pod) {
                Ok(()) => kept.retain(|other| other != uid(pod)),
                Err(error) => failure = failure.and(Err(error)),
            }
        }
        let mut needs_flush = self.count_released(&kept);
        if failure.is_err() && needs_flush {
            self.write_status()?;
        }
        failure?;
        let finished = !full && self.enact_end();
        needs_flush |= finished;
        if needs_flush {
            self.write_status()?;
            if finished {
                self.record_end();
            }
        }
        Ok(())
    }

    fn write_status(&mut self) -> Result<(), Error> {
        let status = self.job["status"].take();
        self.job["status"] =
            without_zeros(status, &["ready", "terminating", "uncountedTerminatedPods", "failedIndexes"]);
        let updated = self.api.update_status(RESOURCE, self.job.clone())?;
        self.job = Value::clone(&updated);
        if !at(&self.job, "status.uncountedTerminatedPods").is_object() {
            set(&mut self.job, "status.uncountedTerminatedPods", json!({}));
        }
        Ok(())
    }

    /// Counts the uncounted pods that have no finalizer any more: `cleanUncountedPodsWithoutFinalizers`.
    fn count_released(&mut self, kept: &[Value]) -> bool {
        let mut changed = false;
        for kind in ["succeeded", "failed"] {
            let path = format!("status.uncountedTerminatedPods.{kind}");
            let uncounted = at(&self.job, &path).as_array().cloned().unwrap_or_default();
            let still: Vec<Value> = uncounted.iter().filter(|uid| kept.contains(uid)).cloned().collect();
            if still.len() == uncounted.len() {
                continue;
            }
            changed = true;
            let counter = format!("status.{kind}");
            let number = count(&self.job, &counter) + (uncounted.len() - still.len()) as i64;
            set(&mut self.job, &counter, json!(number));
            if still.is_empty() {
                remove(&mut self.job, &path);
            } else {
                set(&mut self.job, &path, Value::Array(still));
            }
        }
        changed
    }

    /// Writes pods that ended into the lists of uncounted ones. Returns the pods that may go, whether that was as many as one round
    /// takes, and whether anything was noted.
    fn note_ended_pods(&mut self) -> (Vec<Object>, bool, bool) {
        let (mut released, mut noted, mut newly_succeeded) = (Vec::new(), false, Vec::new());
        let indexed = is_indexed(&self.job);
        let mut pods = self.pods.clone();
        if indexed {
            pods.sort_by_key(|pod| completion_index(pod));
        }
        let all_failed = self.finished.as_ref().is_some_and(|finished| finished.kind != "SuccessCriteriaMet");
        for pod in pods.iter().filter(|pod| has_finalizer(pod)) {
            let failed = self.is_failed(pod);
            if !self.may_go(pod, failed) {
                continue;
            }
            released.push(pod.clone());
            let known = |kind: &str| {
                items(&self.job, &format!("status.uncountedTerminatedPods.{kind}")).iter().any(|it| it == uid(pod))
            };
            if pod::phase(pod) == "Succeeded" && !known("failed") {
                if indexed {
                    let index = completion_index(pod)
                        .filter(|index| self.has_valid_index(pod) && !self.succeeded_before.contains(*index));
                    noted |= index.is_some();
                    newly_succeeded.extend(index);
                } else if !known("succeeded") {
                    noted = true;
                    self.add_uncounted("succeeded", uid(pod));
                }
            } else if (failed || all_failed) && !known("failed") && self.has_valid_index(pod) {
                let ignored = at(&self.job, "spec.podFailurePolicy").is_object()
                    && policy::judge(&self.job, pod) == Verdict::Ignore;
                if !ignored {
                    noted = true;
                    self.add_uncounted("failed", uid(pod));
                }
            }
            if released.len() >= MAX_UNCOUNTED {
                return (released, true, noted);
            }
        }
        newly_succeeded.into_iter().for_each(|index| self.succeeded_indexes.insert(index));
        (released, false, noted)
    }

    fn add_uncounted(&mut self, kind: &str, uid: &str) {
        let lists = map_mut(&mut self.job, "status.uncountedTerminatedPods");
        if let Some(list) = lists.entry(kind).or_insert_with(|| json!([])).as_array_mut() {
            list.push(json!(uid));
        }
    }

    /// `canRemoveFinalizer`.
    fn may_go(&self, pod: &Value, failed: bool) -> bool {
        if deleting(&self.job) || self.finished.is_some() || pod::phase(pod) == "Succeeded" {
            return true;
        }
        failed && !self.delayed.iter().any(|(_, kept)| uid(kept) == uid(pod))
    }

    fn note_indexes(&mut self) -> bool {
        if !is_indexed(&self.job) {
            return false;
        }
        let completed = self.succeeded_indexes.to_string();
        let failed = self.failed_indexes.as_ref().map(Indexes::to_string);
        let changed = text(&self.job, "status.completedIndexes") != completed
            || at(&self.job, "status.failedIndexes").as_str() != failed.as_deref();
        set(&mut self.job, "status.succeeded", json!(self.succeeded_indexes.len()));
        set(&mut self.job, "status.completedIndexes", json!(completed));
        if let Some(failed) = failed {
            set(&mut self.job, "status.failedIndexes", json!(failed));
        }
        changed
    }

    /// Announces the end (FailureTarget, SuccessCriteriaMet) before it is one (Failed, Complete).
    fn note_end(&mut self) -> bool {
        let Some(finished) = self.finished.clone() else {
            return false;
        };
        let becomes = match finished.kind.as_str() {
            "FailureTarget" => "Failed",
            "SuccessCriteriaMet" => "Complete",
            _ => return false,
        };
        let known = items(&self.job, "status.conditions")
            .iter()
            .any(|it| it["type"] == finished.kind && it["status"] == "True");
        if !known {
            self.push_condition(&finished.kind, "True", &finished.reason, &finished.message);
        }
        self.finished = Some(Finished { kind: becomes.to_owned(), ..finished });
        !known
    }

    /// `enactJobFinished`: the Job ends when all its pods are counted and gone.
    fn enact_end(&mut self) -> bool {
        let Some(finished) = self.finished.clone() else {
            return false;
        };
        let uncounted = at(&self.job, "status.uncountedTerminatedPods");
        let waiting = ["succeeded", "failed"].iter().any(|kind| !items(uncounted, kind).is_empty());
        if waiting || self.terminating > 0 {
            return false;
        }
        self.ensure_condition(&finished.kind, "True", &finished.reason, &finished.message);
        if finished.kind == "Complete" {
            set(&mut self.job, "status.completionTime", json!(self.api.clock().rfc3339()));
        }
        true
    }

    fn record_end(&self) {
        let Some(finished) = &self.finished else {
            return;
        };
        let recorder = &self.control.recorder;
        if finished.kind != "Complete" {
            recorder.event(&self.job, "Warning", &finished.reason, &finished.message);
            return;
        }
        if self.completions().is_some_and(|completions| count(&self.job, "status.succeeded") > completions) {
            let message = "Too many succeeded pods running after completion count reached";
            recorder.event(&self.job, "Warning", "TooManySucceededPods", message);
        }
        recorder.event(&self.job, "Normal", "Completed", "Job completed");
    }

    /// Sets a condition; true when that changed anything. One that is false and was never there is left out.
    pub(super) fn ensure_condition(&mut self, kind: &str, status: &str, reason: &str, message: &str) -> bool {
        let known = items(&self.job, "status.conditions").iter().position(|condition| condition["type"] == kind);
        let Some(index) = known else {
            if status == "False" {
                return false;
            }
            self.push_condition(kind, status, reason, message);
            return true;
        };
        let current = &self.job["status"]["conditions"][index];
        if current["status"] == status && current["reason"] == reason && current["message"] == message {
            return false;
        }
        self.job["status"]["conditions"][index] = self.condition(kind, status, reason, message);
        true
    }

    fn push_condition(&mut self, kind: &str, status: &str, reason: &str, message: &str) {
        let condition = self.condition(kind, status, reason, message);
        let list = map_mut(&mut self.job, "status").entry("conditions").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(condition);
        }
    }

    fn condition(&self, kind: &str, status: &str, reason: &str, message: &str) -> Value {
        let now = self.api.clock().rfc3339();
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastProbeTime": now, "lastTransitionTime": now,
        })
    }
}
