//! CronJobs (kubectl: pkg/describe/describe.go `describeCronJob`).

use super::writer::{Writer, joined, list, str_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, cron: &Value) -> Result<()> {
    let (spec, status) = (&cron["spec"], &cron["status"]);
    let events = events::of(d, cron).await;
    w.name_and_namespace(cron);
    w.labels_and_annotations(cron);
    w.line(0, format_args!("Schedule:\t{}", str_of(&spec["schedule"])));
    w.line(0, format_args!("Concurrency Policy:\t{}", str_of(&spec["concurrencyPolicy"])));
    w.flag(0, "Suspend", &spec["suspend"]);
    w.or_unset(0, "Time Zone", &spec["timeZone"]);
    w.or_unset(0, "Successful Job History Limit", &spec["successfulJobsHistoryLimit"]);
    w.or_unset(0, "Failed Job History Limit", &spec["failedJobsHistoryLimit"]);
    let deadline = spec["startingDeadlineSeconds"].as_i64().map_or("<unset>".into(), |seconds| format!("{seconds}s"));
    w.line(0, format_args!("Starting Deadline Seconds:\t{deadline}"));
    job_template(w, &spec["jobTemplate"]);
    let last = &status["lastScheduleTime"];
    let last = if last.is_string() { w.time(last) } else { "<unset>".into() };
    w.line(0, format_args!("Last Schedule Time:\t{last}"));
    let active: Vec<Value> = list(&status["active"]).iter().map(|job| job["name"].clone()).collect();
    let active = if active.is_empty() { "<none>".into() } else { joined(&Value::Array(active), ", ") };
    w.line(0, format_args!("Active Jobs:\t{active}"));
    events::describe(w, events);
    Ok(())
}

fn job_template(w: &mut Writer, template: &Value) {
    let spec = &template["spec"];
    match pods::selector(template) {
        _ if spec["selector"].is_null() => w.line(0, format_args!("Selector:\t<unset>")),
        Ok(selector) => w.line(0, format_args!("Selector:\t{selector}")),
        Err(error) => w.line(0, format_args!("Selector:\tFailed to get selector: {error}")),
    }
    w.or_unset(0, "Parallelism", &spec["parallelism"]);
    w.or_unset(0, "Completions", &spec["completions"]);
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_i64() {
        w.line(0, format_args!("Active Deadline Seconds:\t{seconds}s"));
    }
    pod_template::describe(w, &spec["template"]);
}
