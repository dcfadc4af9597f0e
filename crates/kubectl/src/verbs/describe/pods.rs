//! The pods of a workload (kubectl: pkg/describe/describe.go `getPodStatusForController`).

use super::Describing;
use crate::error::Result;
use crate::request::Call;
use apimachinery::meta;
use apimachinery::selector::LabelSelector;
use serde_json::Value;

/// How many of the controller's own pods are in which phase.
pub(super) async fn phases(d: &Describing<'_>, controller: &Value, selector: &LabelSelector) -> Result<String> {
    let pods = format!("/api/v1/namespaces/{}/pods", meta::namespace(controller));
    let pods = d.list(Call::get(pods).query_if("labelSelector", &selector.to_string())).await?;
    let mine = |pod: &&Value| meta::controller_of(pod).is_some_and(|of| of["uid"] == controller["metadata"]["uid"]);
    let count = |phase: &str| pods.iter().filter(mine).filter(|pod| pod["status"]["phase"] == phase).count();
    Ok(format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    ))
}

/// The pods that a workload's selector means.
pub(super) fn selector(workload: &Value) -> Result<LabelSelector> {
    let parsed = LabelSelector::from_json(&workload["spec"]["selector"]);
    parsed.map_err(|error| crate::error::Error::msg(error.to_string()))
}
