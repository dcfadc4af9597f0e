//! PersistentVolumes (kubectl: pkg/describe/describe.go `describePersistentVolume`).

use super::persistentvolumeclaim::{access_modes, class};
use super::writer::{Writer, bracketed, joined, list, or, str_of};
use super::{Describing, events, volumes};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, volume: &Value) -> Result<()> {
    let (spec, status) = (&volume["spec"], &volume["status"]);
    let events = events::of(d, volume).await;
    w.line(0, format_args!("Name:\t{}", meta::name(volume)));
    w.labels_and_annotations(volume);
    w.line(0, format_args!("Finalizers:\t{}", bracketed(&volume["metadata"]["finalizers"])));
    w.line(0, format_args!("StorageClass:\t{}", class(volume)));
    w.phase(volume);
    let claim = match &spec["claimRef"] {
        Value::Null => String::new(),
        claim => format!("{}/{}", str_of(&claim["namespace"]), str_of(&claim["name"])),
    };
    w.line(0, format_args!("Claim:\t{claim}"));
    w.line(0, format_args!("Reclaim Policy:\t{}", str_of(&spec["persistentVolumeReclaimPolicy"])));
    w.line(0, format_args!("Access Modes:\t{}", access_modes(&spec["accessModes"])));
    w.if_set(0, "VolumeMode", &spec["volumeMode"]);
    w.line(0, format_args!("Capacity:\t{}", or(&spec["capacity"]["storage"], "0")));
    node_affinity(w, &spec["nodeAffinity"]["required"]);
    w.line(0, format_args!("Message:\t{}", str_of(&status["message"])));
    w.line(0, format_args!("Source:"));
    volumes::source_of_persistent(w, spec);
    events::describe(w, events);
    Ok(())
}

/// The nodes from which the volume can be reached.
fn node_affinity(w: &mut Writer, required: &Value) {
    if !required.is_object() {
        w.line(0, format_args!("Node Affinity:\t<none>"));
        return;
    }
    w.line(0, format_args!("Node Affinity:\t"));
    let terms = list(&required["nodeSelectorTerms"]);
    w.line(1, format_args!("Required Terms:\t{}", if terms.is_empty() { "<none>" } else { "" }));
    for (index, term) in terms.iter().enumerate() {
        let expression = |one: &Value| {
            let start = format!("{} {}", str_of(&one["key"]), str_of(&one["operator"]).to_lowercase());
            if list(&one["values"]).is_empty() { start } else { format!("{start} [{}]", joined(&one["values"], ", ")) }
        };
        let expressions: Vec<String> = list(&term["matchExpressions"]).iter().map(expression).collect();
        w.column(2, "", &format!("Term {index}"), &expressions);
    }
}
