//! StatefulSets (kubectl: pkg/describe/describe.go `describeStatefulSet`).

use super::persistentvolumeclaim::class;
use super::writer::{Writer, bracketed, int_of, list, str_of};
use super::{Describing, events, pod_template, pods};
use crate::error::Result;
use crate::text::display;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, set: &Value) -> Result<()> {
    let (spec, status) = (&set["spec"], &set["status"]);
    let selector = pods::selector(set)?;
    let phases = pods::phases(d, set, &selector).await?;
    let events = events::of(d, set).await;
    w.name_and_namespace(set);
    w.created(set);
    w.line(0, format_args!("Selector:\t{selector}"));
    w.labels_and_annotations(set);
    w.some(0, "Service Name", &spec["serviceName"]);
    w.some(0, "Pod Management Policy", &spec["podManagementPolicy"]);
    let (desired, total) = (int_of(&spec["replicas"]), int_of(&status["replicas"]));
    w.line(0, format_args!("Replicas:\t{desired} desired | {total} total"));
    let strategy = &spec["updateStrategy"];
    w.line(0, format_args!("Update Strategy:\t{}", str_of(&strategy["type"])));
    let rolling = &strategy["rollingUpdate"];
    w.if_set(1, "Partition", &rolling["partition"]);
    if !rolling["partition"].is_null() {
        w.if_set(1, "MaxUnavailable", &rolling["maxUnavailable"]);
    }
    let retention = &spec["persistentVolumeClaimRetentionPolicy"];
    if retention.is_object() {
        w.line(0, format_args!("Persistent Volume Claim Retention Policy:"));
        w.line(1, format_args!("WhenDeleted:\t{}", str_of(&retention["whenDeleted"])));
        w.line(1, format_args!("WhenScaled:\t{}", str_of(&retention["whenScaled"])));
    }
    w.line(0, format_args!("Pods Status:\t{phases}"));
    pod_template::describe(w, &spec["template"]);
    claims(w, list(&spec["volumeClaimTemplates"]));
    events::describe(w, events);
    Ok(())
}

fn claims(w: &mut Writer, claims: &[Value]) {
    w.line(0, format_args!("Volume Claims:{}", if claims.is_empty() { "\t<none>" } else { "" }));
    for claim in claims {
        let (metadata, spec) = (&claim["metadata"], &claim["spec"]);
        w.line(1, format_args!("Name:\t{}", str_of(&metadata["name"])));
        w.line(1, format_args!("StorageClass:\t{}", class(claim)));
        w.labels_indented("  ", "Labels", &metadata["labels"]);
        w.labels_indented("  ", "Annotations", &metadata["annotations"]);
        let storage = &spec["resources"]["requests"]["storage"];
        let capacity = if storage.is_null() { "<default>".into() } else { display(storage) };
        w.line(1, format_args!("Capacity:\t{capacity}"));
        w.line(1, format_args!("Access Modes:\t{}", bracketed(&spec["accessModes"])));
    }
}
