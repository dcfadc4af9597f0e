//! Jobs (kubectl: pkg/describe/describe.go `describeJob`).

use super::writer::{Writer, int_of, str_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use jiff::Timestamp;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, job: &Value) -> Result<()> {
    let (spec, status) = (&job["spec"], &job["status"]);
    let events = events::of(d, job).await;
    w.name_and_namespace(job);
    match pods::selector(job) {
        Ok(selector) => w.line(0, format_args!("Selector:\t{selector}")),
        Err(error) => w.line(0, format_args!("Selector:\tFailed to get selector: {error}")),
    }
    w.labels_and_annotations(job);
    w.controller(job);
    w.if_set(0, "Parallelism", &spec["parallelism"]);
    w.or_unset(0, "Completions", &spec["completions"]);
    w.if_set(0, "Completion Mode", &spec["completionMode"]);
    w.if_set(0, "Suspend", &spec["suspend"]);
    w.if_set(0, "Backoff Limit", &spec["backoffLimit"]);
    w.if_set(0, "TTL Seconds After Finished", &spec["ttlSecondsAfterFinished"]);
    let (start, end) = (&status["startTime"], &status["completionTime"]);
    for (title, time) in [("Start Time", start), ("Completed At", end)] {
        if time.is_string() {
            w.line(0, format_args!("{title}:\t{}", w.time(time)));
        }
    }
    if let (Ok(start), Ok(end)) = (str_of(start).parse::<Timestamp>(), str_of(end).parse::<Timestamp>()) {
        let duration = apimachinery::duration::human_duration(end.duration_since(start));
        w.line(0, format_args!("Duration:\t{duration}"));
    }
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_i64() {
        w.line(0, format_args!("Active Deadline Seconds:\t{seconds}s"));
    }
    let ready = status["ready"].as_i64().map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    let [active, succeeded, failed] = ["active", "succeeded", "failed"].map(|field| int_of(&status[field]));
    w.line(0, format_args!("Pods Statuses:\t{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"));
    if spec["completionMode"] == "Indexed" {
        w.line(0, format_args!("Completed Indexes:\t{}", indexes(str_of(&status["completedIndexes"]))));
    }
    pod_template::describe(w, &spec["template"]);
    events::describe(w, events);
    Ok(())
}

/// The indexes, cut at the first comma after so many characters.
fn indexes(indexes: &str) -> String {
    const SOFT_LIMIT: usize = 50;
    if indexes.is_empty() {
        return "<none>".into();
    }
    match indexes.get(SOFT_LIMIT..).and_then(|rest| rest.find(',')) {
        Some(comma) => format!("{}...", &indexes[..=SOFT_LIMIT + comma]),
        None => indexes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::indexes;

    #[test]
    fn long_lists_of_indexes_are_cut_at_a_comma() {
        assert_eq!(indexes(""), "<none>");
        assert_eq!(indexes("0-4,7"), "0-4,7");
        let long = "1,".repeat(40);
        assert_eq!(indexes(&long), format!("{}...", &long[..52]));
        let unbroken = format!("0,{}", "9".repeat(60));
        assert_eq!(indexes(&unbroken), unbroken);
    }
}
