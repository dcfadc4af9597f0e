//! DaemonSets (kubectl: pkg/describe/describe.go `describeDaemonSet`).

use super::writer::{Writer, format_labels, int_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use serde_json::Value;

/// How many nodes, and in which field of the status that stands.
const COUNTS: [(&str, &str); 5] = [
    ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
    ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
    ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
    ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
    ("Number of Nodes Misscheduled", "numberMisscheduled"),
];

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, set: &Value) -> Result<()> {
    let (spec, status) = (&set["spec"], &set["status"]);
    let selector = pods::selector(set)?;
    let phases = pods::phases(d, set, &selector).await?;
    let events = events::of(d, set).await;
    w.name_and_namespace(set);
    w.line(0, format_args!("Selector:\t{selector}"));
    w.line(0, format_args!("Node-Selector:\t{}", format_labels(&spec["template"]["spec"]["nodeSelector"])));
    w.labels_and_annotations(set);
    for (title, field) in COUNTS {
        w.line(0, format_args!("{title}: {}", int_of(&status[field])));
    }
    w.line(0, format_args!("Pods Status:\t{phases}"));
    pod_template::describe(w, &spec["template"]);
    events::describe(w, events);
    Ok(())
}
