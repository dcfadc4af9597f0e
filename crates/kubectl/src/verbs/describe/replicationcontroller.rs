//! ReplicationControllers (kubectl: pkg/describe/describe.go `describeReplicationController`).

use super::writer::{Writer, format_labels, int_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use apimachinery::selector::LabelSelector;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, controller: &Value) -> Result<()> {
    let (spec, status) = (&controller["spec"], &controller["status"]);
    let phases = pods::phases(d, controller, &LabelSelector::from_map(&spec["selector"])).await?;
    let events = events::of(d, controller).await;
    w.name_and_namespace(controller);
    w.line(0, format_args!("Selector:\t{}", format_labels(&spec["selector"])));
    w.labels_and_annotations(controller);
    let (current, desired) = (int_of(&status["replicas"]), int_of(&spec["replicas"]));
    w.line(0, format_args!("Replicas:\t{current} current / {desired} desired"));
    w.line(0, format_args!("Pods Status:\t{phases}"));
    pod_template::describe(w, &spec["template"]);
    w.conditions_with_reasons(&status["conditions"]);
    events::describe(w, events);
    Ok(())
}
