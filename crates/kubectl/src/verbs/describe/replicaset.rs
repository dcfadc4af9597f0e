//! ReplicaSets (kubectl: pkg/describe/describe.go `describeReplicaSet`).

use super::writer::{Writer, int_of};
use super::{Describing, events, pod_template};
use crate::error::{Error, Result};
use crate::request::Call;
use apimachinery::meta;
use apimachinery::selector::{LabelSelector, format_label_selector};
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, set: &Value) -> Result<()> {
    let (spec, status) = (&set["spec"], &set["status"]);
    let selector = LabelSelector::from_json(&spec["selector"]).map_err(|error| Error::msg(error.to_string()))?;
    let pods = format!("/api/v1/namespaces/{}/pods", meta::namespace(set));
    let pods = d.list(Call::get(pods).query("labelSelector", selector.to_string())).await;
    let events = events::of(d, set).await;
    w.name_and_namespace(set);
    w.line(0, format_args!("Selector:\t{}", format_label_selector(&spec["selector"])));
    w.labels_and_annotations(set);
    w.controller(set);
    let (current, desired) = (int_of(&status["replicas"]), int_of(&spec["replicas"]));
    w.line(0, format_args!("Replicas:\t{current} current / {desired} desired"));
    match pods {
        Ok(pods) => w.line(0, format_args!("Pods Status:\t{}", phases(set, &pods))),
        Err(error) => w.line(0, format_args!("Pods Status:\terror in fetching pods: {error}")),
    }
    pod_template::describe(w, &spec["template"]);
    w.conditions_with_reasons(&status["conditions"]);
    events::describe(w, events);
    Ok(())
}

/// How many of the controller's own pods are in which phase.
fn phases(controller: &Value, pods: &[Value]) -> String {
    let mine = |pod: &&Value| meta::controller_of(pod).is_some_and(|of| of["uid"] == controller["metadata"]["uid"]);
    let count = |phase: &str| pods.iter().filter(mine).filter(|pod| pod["status"]["phase"] == phase).count();
    format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    )
}
