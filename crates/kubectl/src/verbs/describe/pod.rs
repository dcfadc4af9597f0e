//! Pods (kubectl: pkg/describe/describe.go `describePod`).

use super::containers::{self, Place};
use super::events::{self, Reference};
use super::writer::{Writer, int_of, list, or, str_of};
use super::{Describing, pod_template, volumes};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

/// The uid under which the kubelet speaks of a pod that it has from a file.
const MIRROR: &str = "kubernetes.io/config.mirror";

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, pod: &Value) -> Result<()> {
    let uid = meta::annotation(pod, MIRROR).unwrap_or(meta::uid(pod));
    let reference = Reference { name: meta::name(pod), namespace: meta::namespace(pod), kind: None, uid };
    let events = events::search(d, &reference).await;
    let (spec, status) = (&pod["spec"], &pod["status"]);
    w.name_and_namespace(pod);
    if let Some(priority) = spec["priority"].as_i64() {
        w.line(0, format_args!("Priority:\t{priority}"));
    }
    w.some(0, "Priority Class Name", &spec["priorityClassName"]);
    w.some(0, "Runtime Class Name", &spec["runtimeClassName"]);
    w.some(0, "Service Account", &spec["serviceAccountName"]);
    match str_of(&spec["nodeName"]) {
        "" => w.line(0, format_args!("Node:\t<none>")),
        node => w.line(0, format_args!("Node:\t{node}/{}", str_of(&status["hostIP"]))),
    }
    if status["startTime"].is_string() {
        w.line(0, format_args!("Start Time:\t{}", w.time(&status["startTime"])));
    }
    w.labels_and_annotations(pod);
    state(w, pod);
    w.some(0, "Reason", &status["reason"]);
    w.some(0, "Message", &status["message"]);
    containers::seccomp(w, 0, 0, &spec["securityContext"]);
    w.line(0, format_args!("IP:\t{}", str_of(&status["podIP"])));
    let ips = list(&status["podIPs"]);
    w.line(0, format_args!("IPs:{}", if ips.is_empty() { "\t<none>" } else { "" }));
    for ip in ips {
        w.line(1, format_args!("IP:\t{}", str_of(&ip["ip"])));
    }
    w.controller(pod);
    w.some(0, "NominatedNodeName", &status["nominatedNodeName"]);
    if spec["resources"].is_object() {
        w.line(0, format_args!("Resources:"));
        containers::resources(w, 1, &spec["resources"]);
    }
    let place = Place { pod: Some(pod), space: "" };
    if !list(&spec["initContainers"]).is_empty() {
        containers::describe(w, "Init Containers", &spec["initContainers"], &status["initContainerStatuses"], &place);
    }
    containers::describe(w, "Containers", &spec["containers"], &status["containerStatuses"], &place);
    if !list(&spec["ephemeralContainers"]).is_empty() {
        let statuses = &status["ephemeralContainerStatuses"];
        containers::describe(w, "Ephemeral Containers", &spec["ephemeralContainers"], statuses, &place);
    }
    conditions(w, pod);
    volumes::describe(w, &spec["volumes"], "");
    // API servers fill in the class when they create the pod.
    w.line(0, format_args!("QoS Class:\t{}", str_of(&status["qosClass"])));
    w.labels("Node-Selectors", &spec["nodeSelector"]);
    pod_template::tolerations(w, "Tolerations", &spec["tolerations"]);
    pod_template::spread_constraints(w, &spec["topologySpreadConstraints"], "");
    pod_template::scheduling_group(w, &spec["schedulingGroup"], "");
    events::describe(w, events);
    Ok(())
}

fn state(w: &mut Writer, pod: &Value) {
    let (metadata, phase) = (&pod["metadata"], str_of(&pod["status"]["phase"]));
    if metadata["deletionTimestamp"].is_string() && !["Failed", "Succeeded"].contains(&phase) {
        w.line(0, format_args!("Status:\tTerminating (lasts {})", w.since(&metadata["deletionTimestamp"])));
        w.line(0, format_args!("Termination Grace Period:\t{}s", int_of(&metadata["deletionGracePeriodSeconds"])));
    } else {
        w.line(0, format_args!("Status:\t{phase}"));
    }
}

fn conditions(w: &mut Writer, pod: &Value) {
    let conditions = list(&pod["status"]["conditions"]);
    let gates = list(&pod["spec"]["readinessGates"]);
    if !gates.is_empty() {
        w.line(0, format_args!("Readiness Gates:\n  Type\tStatus"));
    }
    for gate in gates {
        let kind = str_of(&gate["conditionType"]);
        let status = conditions.iter().find(|c| c["type"] == kind).map_or("<none>", |c| or(&c["status"], ""));
        w.line(1, format_args!("{kind} \t{status} "));
    }
    if !conditions.is_empty() {
        w.line(0, format_args!("Conditions:\n  Type\tStatus"));
    }
    for c in conditions {
        w.line(1, format_args!("{} \t{} ", str_of(&c["type"]), str_of(&c["status"])));
    }
}
