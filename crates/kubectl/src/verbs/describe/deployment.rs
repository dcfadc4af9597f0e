//! Deployments (kubectl: pkg/describe/describe.go `describeDeployment`, pkg/util/deployment).

use super::writer::{Writer, int_of, str_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, deployment: &Value) -> Result<()> {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    let selector = pods::selector(deployment)?;
    let events = events::of(d, deployment).await;
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", meta::namespace(deployment));
    // Upstream shows the deployment without its ReplicaSets when they cannot be read.
    let sets = d.list(Call::get(path).query("labelSelector", selector.to_string())).await.unwrap_or_default();
    let (new, old) = split(deployment, sets);
    w.name_and_namespace(deployment);
    w.created(deployment);
    w.labels_and_annotations(deployment);
    w.line(0, format_args!("Selector:\t{selector}"));
    let count = |field: &str| int_of(&status[field]);
    w.line(
        0,
        format_args!(
            "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
            int_of(&spec["replicas"]),
            count("updatedReplicas"),
            count("replicas"),
            count("availableReplicas"),
            count("unavailableReplicas")
        ),
    );
    w.line(0, format_args!("StrategyType:\t{}", str_of(&spec["strategy"]["type"])));
    w.line(0, format_args!("MinReadySeconds:\t{}", int_of(&spec["minReadySeconds"])));
    let rolling = &spec["strategy"]["rollingUpdate"];
    if rolling.is_object() {
        let (unavailable, surge) = (display(&rolling["maxUnavailable"]), display(&rolling["maxSurge"]));
        w.line(0, format_args!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge"));
    }
    pod_template::describe(w, &spec["template"]);
    w.conditions_with_reasons(&status["conditions"]);
    if !old.is_empty() || !new.is_empty() {
        w.line(0, format_args!("OldReplicaSets:\t{}", shown(&old)));
        w.line(0, format_args!("NewReplicaSet:\t{}", shown(&new)));
    }
    events::describe(w, events);
    Ok(())
}

/// The deployment's ReplicaSets: the one with its template, and the others, oldest first.
fn split(deployment: &Value, mut sets: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    sets.retain(|set| meta::controller_of(set).is_some_and(|of| of["uid"] == deployment["metadata"]["uid"]));
    sets.sort_by_cached_key(|set| (meta::creation_timestamp(set), meta::name(set).to_string()));
    let template = without_hash(&deployment["spec"]["template"]);
    let new = sets.iter().position(|set| without_hash(&set["spec"]["template"]) == template);
    let new = new.map(|index| sets.remove(index)).into_iter().collect();
    (new, sets)
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    meta::remove(&mut template, &["metadata", "labels", "pod-template-hash"]);
    template
}

fn shown(sets: &[Value]) -> String {
    let one = |set: &Value| {
        let (created, wanted) = (int_of(&set["status"]["replicas"]), int_of(&set["spec"]["replicas"]));
        format!("{} ({created}/{wanted} replicas created)", meta::name(set))
    };
    let texts: Vec<String> = sets.iter().map(one).collect();
    if texts.is_empty() { "<none>".into() } else { texts.join(", ") }
}
