//! CSINodes (kubectl: pkg/describe/describe.go `describeCSINode`).

use super::writer::{Writer, bracketed, list, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, node: &Value) -> Result<()> {
    let events = events::of(d, node).await;
    let drivers = &node["spec"]["drivers"];
    w.line(0, format_args!("Name:\t{}", meta::name(node)));
    w.labels_and_annotations(node);
    w.created(node);
    w.line(0, format_args!("Spec:"));
    if drivers.is_array() {
        w.line(1, format_args!("Drivers:"));
    }
    for driver in list(drivers) {
        w.line(2, format_args!("{}:", str_of(&driver["name"])));
        w.line(3, format_args!("Node ID:\t{}", str_of(&driver["nodeID"])));
        if let Some(count) = driver["allocatable"]["count"].as_i64() {
            w.line(3, format_args!("Allocatables:"));
            w.line(4, format_args!("Count:\t{count}"));
        }
        if driver["topologyKeys"].is_array() {
            w.line(3, format_args!("Topology Keys:\t{}", bracketed(&driver["topologyKeys"])));
        }
    }
    events::describe(w, events);
    Ok(())
}
