//! CronJobs: a Job at each moment of a schedule (pkg/controller/cronjob/cronjob_controllerv2.go).

pub mod schedule;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use self::schedule::Schedule;
use super::{
    events::{EventRecorder, reference},
    harness::{Controller, Error, Key, resources},
    object::{
        at, condition_is_true, created, deleting, flag, int, items, map_mut, name, namespace, set, text, time, uid,
        without_zeros,
    },
    owner::{controller_name, controller_reference, is_controlled_by},
};
use crate::{
    apiserver::{Api, DeleteOptions, Propagation},
    clock::rfc3339,
    storage::{Event, Object},
};

const RESOURCE: &str = "cronjobs.batch";
const JOBS: &str = "jobs.batch";
/// The controller looks this much after the moment.
const NEXT_SCHEDULE_DELTA: SignedDuration = SignedDuration::from_millis(100);
/// The annotation with the moment for which a Job was made.
const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// The controller of CronJobs.
pub struct CronJobController {
    api: Api,
    recorder: EventRecorder,
}

/// Which moments were missed: the earliest that counts, the latest of them, whether there are too many.
struct Missed {
    earliest: Timestamp,
    latest: Option<Timestamp>,
    any: bool,
    many: bool,
}

impl CronJobController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "cronjob-controller");
        let recorder = EventRecorder::new(&api, "cronjob-controller", "");
        Self { api, recorder }
    }

    fn say(&self, cron: &Value, kind: &str, reason: &str, message: &str) {
        self.recorder.event(cron, kind, reason, message);
    }

    /// Takes note of Jobs that ended or went missing.
    fn look_at_jobs(&self, cron: &mut Value, jobs: &[Object]) -> bool {
        let mut changed = false;
        for job in jobs {
            let active = items(cron, "status.active").iter().any(|reference| reference["uid"] == uid(job));
            let ended = ["Complete", "Failed"].into_iter().find(|kind| condition_is_true(job, kind));
            let Some(ended) = ended else {
                if !active {
                    let message = format!("Saw a job that the controller did not create or forgot: {}", name(job));
                    self.say(cron, "Warning", "UnexpectedJob", &message);
                }
                continue;
            };
            if active {
                remove_active(cron, uid(job));
                let message = format!("Saw completed job: {}, condition: {ended}", name(job));
                self.say(cron, "Normal", "SawCompletedJob", &message);
                changed = true;
            }
            let completed = time(job, "status.completionTime").filter(|_| ended == "Complete");
            if completed > time(cron, "status.lastSuccessfulTime") {
                set(cron, "status.lastSuccessfulTime", at(job, "status.completionTime").clone());
                changed = true;
            }
        }
        for active in items(cron, "status.active").to_vec() {
            if self.api.get(JOBS, text(&active, "namespace"), text(&active, "name")).is_err() {
                let message = format!("Active job went missing: {}", text(&active, "name"));
                self.say(cron, "Normal", "MissingJob", &message);
                remove_active(cron, text(&active, "uid"));
                changed = true;
            }
        }
        changed
    }

    /// `syncCronJob`: when to look again, and whether the status changed.
    fn sync(&self, cron: &mut Value, jobs: &[Object]) -> Result<(Option<Duration>, bool), Error> {
        let mut changed = self.look_at_jobs(cron, jobs);
        if deleting(cron) || flag(cron, "spec.suspend") {
            return Ok((None, changed));
        }
        let Some((schedule, zone)) = self.schedule(cron) else {
            return Ok((None, changed));
        };
        let now = self.api.clock().now();
        let again = |cron: &Value| Some(next_duration(cron, &schedule, &zone, now));
        let missed = match missed(cron, &schedule, &zone, now, true) {
            Ok(missed) => missed,
            Err(why) => {
                let message = format!("invalid schedule: {} : {why}", text(cron, "spec.schedule"));
                self.say(cron, "Warning", "InvalidSchedule", &message);
                return Ok((None, changed));
            }
        };
        let Some(due) = missed.latest else {
            return Ok((again(cron), changed));
        };
        if missed.many {
            let message =
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            self.say(cron, "Warning", "TooManyMissedTimes", message);
        }
        let deadline = int(cron, "spec.startingDeadlineSeconds").map(SignedDuration::from_secs);
        if deadline.is_some_and(|deadline| due + deadline < now) {
            let moment = due.strftime("%a, %d %b %Y %H:%M:%S UTC");
            self.say(cron, "Warning", "MissSchedule", &format!("Missed scheduled time to start a job: {moment}"));
            return Ok((again(cron), changed));
        }
        let job_name = format!("{}-{}", name(cron), due.as_second() / 60);
        let running = items(cron, "status.active").iter().any(|reference| reference["name"] == job_name.as_str());
        if running || time(cron, "status.lastScheduleTime") == Some(due) {
            return Ok((again(cron), changed));
        }
        match text(cron, "spec.concurrencyPolicy") {
            "Forbid" if !items(cron, "status.active").is_empty() => {
                let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
                self.say(cron, "Normal", "JobAlreadyActive", message);
                return Ok((again(cron), changed));
            }
            "Replace" => changed |= self.delete_active(cron)?,
            _ => {}
        }
        changed |= self.start(cron, &job_name, due, &zone)?;
        Ok((again(cron), changed))
    }

    fn schedule(&self, cron: &Value) -> Option<(Schedule, TimeZone)> {
        let written = text(cron, "spec.schedule");
        let zone = match text(cron, "spec.timeZone") {
            "" => TimeZone::UTC,
            zone => match TimeZone::get(zone) {
                Ok(zone) => zone,
                Err(why) => {
                    let message = format!("invalid timeZone: \"{zone}\": {why}");
                    self.say(cron, "Warning", "UnknownTimeZone", &message);
                    return None;
                }
            },
        };
        match Schedule::parse(written) {
            Ok(schedule) => Some((schedule, zone)),
            Err(why) => {
                let message = format!("unparseable schedule: \"{written}\" : {why}");
                self.say(cron, "Warning", "UnparseableSchedule", &message);
                None
            }
        }
    }

    fn start(&self, cron: &mut Value, job_name: &str, due: Timestamp, zone: &TimeZone) -> Result<bool, Error> {
        let job = match self.api.create(JOBS, namespace(cron), job(cron, job_name, due, zone)) {
            Ok(job) => {
                self.say(cron, "Normal", "SuccessfulCreate", &format!("Created job {job_name}"));
                job
            }
            Err(status) if status.is_already_exists() => {
                let there = self.api.get(JOBS, namespace(cron), job_name)?;
                if !is_controlled_by(&there, cron) {
                    return Ok(false);
                }
                there
            }
            Err(status) => {
                if !super::pod_control::has_cause(&status, super::pod_control::NAMESPACE_TERMINATING) {
                    self.say(cron, "Warning", "FailedCreate", &format!("Error creating job: {status}"));
                }
                return Err(status.into());
            }
        };
        let active = map_mut(cron, "status").entry("active").or_insert_with(|| json!([]));
        if let Some(active) = active.as_array_mut() {
            active.push(reference(&job));
        }
        set(cron, "status.lastScheduleTime", json!(rfc3339(due)));
        Ok(true)
    }

    fn delete_active(&self, cron: &mut Value) -> Result<bool, Error> {
        let active = items(cron, "status.active").to_vec();
        for reference in &active {
            let job = self.api.get(JOBS, namespace(cron), text(reference, "name"))?;
            self.delete_job(cron, &job)?;
        }
        Ok(!active.is_empty())
    }

    fn delete_job(&self, cron: &mut Value, job: &Value) -> Result<(), Error> {
        let options = DeleteOptions { propagation: Some(Propagation::Background), ..Default::default() };
        if let Err(status) = self.api.delete(JOBS, namespace(job), name(job), &options) {
            self.say(cron, "Warning", "FailedDelete", &format!("Deleted job: {status}"));
            return Err(status.into());
        }
        remove_active(cron, uid(job));
        self.say(cron, "Normal", "SuccessfulDelete", &format!("Deleted job {}", name(job)));
        Ok(())
    }

    /// Deletes the oldest Jobs beyond what is to be kept: `cleanupFinishedJobs`.
    fn clean_up(&self, cron: &mut Value, jobs: &[Object]) -> bool {
        let mut changed = false;
        for (kind, limit) in
            [("Complete", "spec.successfulJobsHistoryLimit"), ("Failed", "spec.failedJobsHistoryLimit")]
        {
            let Some(limit) = int(cron, limit) else { continue };
            let mut ended: Vec<&Object> = jobs.iter().filter(|job| condition_is_true(job, kind)).collect();
            ended.sort_by_key(|job| {
                let started = time(job, "status.startTime");
                (started.is_none(), started, name(job).to_owned())
            });
            let surplus = ended.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
            for job in ended.into_iter().take(surplus) {
                changed |= self.delete_job(cron, job).is_ok();
            }
        }
        changed
    }
}

fn remove_active(cron: &mut Value, uid: &str) {
    if let Some(active) = map_mut(cron, "status").get_mut("active").and_then(Value::as_array_mut) {
        active.retain(|reference| reference["uid"] != uid);
    }
}

/// `getJobFromTemplate2`.
fn job(cron: &Value, job_name: &str, due: Timestamp, zone: &TimeZone) -> Value {
    let template = at(cron, "spec.jobTemplate");
    let mut metadata = json!({
        "name": job_name, "namespace": namespace(cron), "ownerReferences": [controller_reference(cron)],
        "annotations": at(template, "metadata.annotations"),
    });
    if at(template, "metadata.labels").is_object() {
        metadata["labels"] = at(template, "metadata.labels").clone();
    }
    let local = due.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let moment = local.strip_suffix("+00:00").map_or(local.clone(), |utc| format!("{utc}Z"));
    map_mut(&mut metadata, "annotations").insert(SCHEDULED.to_owned(), json!(moment));
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]})
}

/// `mostRecentScheduleTime`.
fn missed(
    cron: &Value,
    schedule: &Schedule,
    zone: &TimeZone,
    now: Timestamp,
    with_deadline: bool,
) -> Result<Missed, String> {
    let mut earliest = time(cron, "status.lastScheduleTime").unwrap_or_else(|| created(cron));
    if let Some(deadline) = int(cron, "spec.startingDeadlineSeconds").filter(|_| with_deadline) {
        earliest = earliest.max(now - SignedDuration::from_secs(deadline));
    }
    let too_close = || "time difference between two schedules is less than 1 second".to_owned();
    let first = schedule.next(earliest, zone).ok_or_else(too_close)?;
    let second = schedule.next(first, zone).ok_or_else(too_close)?;
    if now < first {
        return Ok(Missed { earliest, latest: None, any: false, many: false });
    }
    if now < second {
        return Ok(Missed { earliest, latest: Some(first), any: false, many: false });
    }
    let between = second.duration_since(first).as_secs();
    if between < 1 {
        return Err(too_close());
    }
    let number = now.duration_since(first).as_secs() / between + 1;
    let mut moment = first + SignedDuration::from_secs((number - 2).max(-1) * between);
    let mut latest = None;
    while let Some(next) = schedule.next(moment, zone).filter(|next| *next <= now) {
        latest = Some(next);
        moment = next;
    }
    Ok(Missed { earliest, latest, any: true, many: number > 100 })
}

/// `nextScheduleTimeDuration`.
fn next_duration(cron: &Value, schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Duration {
    let from = match missed(cron, schedule, zone, now, false) {
        Err(_) => now,
        Ok(Missed { latest: Some(latest), .. }) => latest,
        Ok(Missed { any: true, .. }) => now,
        Ok(Missed { earliest, .. }) => earliest,
    };
    let next = schedule.next(from, zone).map(|next| (next + NEXT_SCHEDULE_DELTA).duration_since(now));
    next.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default()
}

impl Controller for CronJobController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&[RESOURCE, JOBS])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        if resource == RESOURCE {
            return vec![Key::of(&event.object)];
        }
        let owner = controller_name(&event.object, "CronJob");
        owner.map(|owner| Key::new(namespace(&event.object), owner)).into_iter().collect()
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(cron) = self.api.get(RESOURCE, &key.namespace, &key.name) else {
            return Ok(None);
        };
        let mut copy = Value::clone(&cron);
        let mut jobs = self.api.list(JOBS, Some(&key.namespace));
        jobs.retain(|job| is_controlled_by(job, &cron));
        let (again, changed) = self.sync(&mut copy, &jobs)?;
        let cleaned = self.clean_up(&mut copy, &jobs);
        if changed || cleaned {
            copy["status"] = without_zeros(copy["status"].take(), &[]);
            self.api.update_status(RESOURCE, copy)?;
        }
        Ok(again)
    }
}
