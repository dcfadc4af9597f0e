//! ReplicaSets (kubectl: pkg/describe/describe.go `describeReplicaSet`).

use super::writer::{Writer, int_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use apimachinery::selector::format_label_selector;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, set: &Value) -> Result<()> {
    let (spec, status) = (&set["spec"], &set["status"]);
    let phases = pods::phases(d, set, &pods::selector(set)?).await;
    let events = events::of(d, set).await;
    w.name_and_namespace(set);
    w.line(0, format_args!("Selector:\t{}", format_label_selector(&spec["selector"])));
    w.labels_and_annotations(set);
    w.controller(set);
    let (current, desired) = (int_of(&status["replicas"]), int_of(&spec["replicas"]));
    w.line(0, format_args!("Replicas:\t{current} current / {desired} desired"));
    match phases {
        Ok(phases) => w.line(0, format_args!("Pods Status:\t{phases}")),
        Err(error) => w.line(0, format_args!("Pods Status:\terror in fetching pods: {error}")),
    }
    pod_template::describe(w, &spec["template"]);
    w.conditions_with_reasons(&status["conditions"]);
    events::describe(w, events);
    Ok(())
}
