//! PersistentVolumeClaims, and the templates of claims in pods (kubectl: pkg/describe/describe.go
//! `describePersistentVolumeClaim`, `printPersistentVolumeClaim`; pkg/util/storage).

use super::writer::{Writer, bracketed, list, str_of};
use super::{Describing, events};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, claim: &Value) -> Result<()> {
    let pods = d.list(Call::get(format!("/api/v1/namespaces/{}/pods", meta::namespace(claim)))).await?;
    let events = events::of(d, claim).await;
    print(w, claim, true);
    w.listed("Used By", &users(claim, &pods));
    let conditions = list(&claim["status"]["conditions"]);
    if !conditions.is_empty() {
        w.line(0, format_args!("Conditions:"));
        w.line(1, format_args!("Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage"));
        w.line(1, format_args!("----\t------\t-----------------\t------------------\t------\t-------"));
    }
    for c in conditions {
        let [kind, status, reason, message] = ["type", "status", "reason", "message"].map(|field| str_of(&c[field]));
        let (probe, transition) = (w.time(&c["lastProbeTime"]), w.time(&c["lastTransitionTime"]));
        w.line(1, format_args!("{kind} \t{status} \t{probe} \t{transition} \t{reason} \t{message}"));
    }
    events::describe(w, events);
    Ok(())
}

/// The names of the pods that mount the claim, once a volume, and of those that own it; sorted.
fn users(claim: &Value, pods: &[Value]) -> Vec<String> {
    let volumes = |pod: &Value| {
        let mounted = |volume: &&Value| volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"];
        list(&pod["spec"]["volumes"]).iter().filter(mounted).count()
    };
    let owns = |pod: &Value| {
        let owner = |of: &Value| of["kind"] == "Pod" && of["uid"] == pod["metadata"]["uid"];
        meta::owner_references(claim).iter().any(owner)
    };
    let mut names: Vec<String> = Vec::new();
    for pod in pods {
        let times = volumes(pod).max(usize::from(owns(pod)));
        names.extend(std::iter::repeat_n(meta::name(pod).to_string(), times));
    }
    names.sort();
    names
}

/// A claim, or with `whole` false a template that has neither a name nor a status.
pub(super) fn print(w: &mut Writer, claim: &Value, whole: bool) {
    let (spec, status) = (&claim["spec"], &claim["status"]);
    if whole {
        w.name_and_namespace(claim);
    }
    w.line(0, format_args!("StorageClass:\t{}", class(claim)));
    if whole {
        w.phase(claim);
    }
    w.line(0, format_args!("Volume:\t{}", str_of(&spec["volumeName"])));
    w.labels_and_annotations(claim);
    if whole {
        w.line(0, format_args!("Finalizers:\t{}", bracketed(&claim["metadata"]["finalizers"])));
    }
    let bound = !str_of(&spec["volumeName"]).is_empty();
    let capacity = match &status["capacity"]["storage"] {
        _ if !bound => String::new(),
        Value::Null => "0".into(),
        storage => display(storage),
    };
    let modes = if bound { access_modes(&status["accessModes"]) } else { String::new() };
    w.line(0, format_args!("Capacity:\t{capacity}"));
    w.line(0, format_args!("Access Modes:\t{modes}"));
    w.if_set(0, "VolumeMode", &spec["volumeMode"]);
    let source = &spec["dataSource"];
    if source.is_object() {
        w.line(0, format_args!("DataSource:"));
        w.if_set(1, "APIGroup", &source["apiGroup"]);
        w.line(1, format_args!("Kind:\t{}", str_of(&source["kind"])));
        w.line(1, format_args!("Name:\t{}", str_of(&source["name"])));
    }
}

/// The storage class of a claim or a volume, in the annotation of old or in the spec.
pub(super) fn class(object: &Value) -> &str {
    let annotation = meta::annotation(object, "volume.beta.kubernetes.io/storage-class");
    annotation.unwrap_or_else(|| str_of(&object["spec"]["storageClassName"]))
}

/// `RWO,RWX`, in a fixed order.
pub(super) fn access_modes(modes: &Value) -> String {
    const MODES: [(&str, &str); 4] =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let has = |mode: &str| list(modes).iter().any(|one| one == mode);
    let shown: Vec<&str> = MODES.iter().filter(|(mode, _)| has(mode)).map(|(_, short)| *short).collect();
    shown.join(",")
}
