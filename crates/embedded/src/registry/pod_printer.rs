//! The row of a pod: `printPod` of kubernetes pkg/printers/internalversion/printers.go.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    fields::{items, text},
    printer::{age, name, or_none, since},
};

/// What the containers of a pod have come to.
struct Summary {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
    /// When a container ended last; RFC 3339, so that the later is the greater.
    last_restart: String,
}

pub(super) fn cells(pod: &Value, now: Timestamp) -> Vec<Value> {
    let summary = summarize(pod);
    let restarts = if summary.restarts != 0 && !summary.last_restart.is_empty() {
        format!("{} ({} ago)", summary.restarts, since(&json!(summary.last_restart), now))
    } else {
        summary.restarts.to_string()
    };
    vec![
        name(pod),
        json!(format!("{}/{}", summary.ready, summary.total)),
        json!(summary.reason),
        json!(restarts),
        age(pod, now),
        or_none(&pod["status"]["podIPs"][0]["ip"]),
        or_none(&pod["spec"]["nodeName"]),
        or_none(&pod["status"]["nominatedNodeName"]),
        json!(readiness_gates(pod)),
    ]
}

fn summarize(pod: &Value) -> Summary {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    let phase = text(&status["phase"]);
    let own = text(&status["reason"]);
    let mut summary = Summary {
        reason: if own.is_empty() { phase.to_owned() } else { own.to_owned() },
        ready: 0,
        total: items(spec, "containers").count() + items(spec, "initContainers").filter(|c| is_sidecar(c)).count(),
        restarts: 0,
        last_restart: String::new(),
    };
    let gated = |c: &Value| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated";
    if items(status, "conditions").any(gated) {
        summary.reason = "SchedulingGated".to_owned();
    }
    let (sidecar_restarts, sidecar_last, initializing) = summarize_init(pod, &mut summary);
    if !initializing || has_condition(status, "Initialized") {
        summary.restarts = sidecar_restarts;
        summary.last_restart = sidecar_last;
        summarize_containers(status, &mut summary);
    }
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        if own == "NodeLost" {
            summary.reason = "Unknown".to_owned();
        } else if !["Failed", "Succeeded"].contains(&phase) {
            summary.reason = "Terminating".to_owned();
        }
    }
    summary
}

/// Looks at the init containers: the restarts of sidecars, when they last ended, and whether the pod is initializing still.
fn summarize_init(pod: &Value, summary: &mut Summary) -> (i64, String, bool) {
    let (mut sidecar_restarts, mut sidecar_last) = (0, String::new());
    let total = items(&pod["spec"], "initContainers").count();
    for (index, container) in items(&pod["status"], "initContainerStatuses").enumerate() {
        let sidecar = items(&pod["spec"], "initContainers").any(|c| c["name"] == container["name"] && is_sidecar(c));
        count_restarts(container, &mut summary.restarts, &mut summary.last_restart);
        if sidecar {
            count_restarts(container, &mut sidecar_restarts, &mut sidecar_last);
        }
        let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
        if terminated.is_object() && terminated["exitCode"].as_i64().unwrap_or(0) == 0 {
            continue;
        }
        if sidecar && container["started"] == true {
            summary.ready += usize::from(container["ready"] == true);
            continue;
        }
        let waits = text(&waiting["reason"]);
        summary.reason = if terminated.is_object() {
            format!("Init:{}", ended(terminated))
        } else if !waits.is_empty() && waits != "PodInitializing" {
            format!("Init:{waits}")
        } else {
            format!("Init:{index}/{total}")
        };
        return (sidecar_restarts, sidecar_last, true);
    }
    (sidecar_restarts, sidecar_last, false)
}

fn summarize_containers(status: &Value, summary: &mut Summary) {
    let (mut running, mut error) = (false, String::new());
    let statuses: Vec<&Value> = items(status, "containerStatuses").collect();
    for container in statuses.into_iter().rev() {
        count_restarts(container, &mut summary.restarts, &mut summary.last_restart);
        let state = &container["state"];
        let waits = text(&state["waiting"]["reason"]);
        if !waits.is_empty() {
            summary.reason = waits.to_owned();
        } else if state["terminated"].is_object() {
            summary.reason = ended(&state["terminated"]);
            if state["terminated"]["exitCode"].as_i64().unwrap_or(0) != 0 {
                error.clone_from(&summary.reason);
            }
        } else if container["ready"] == true && state["running"].is_object() {
            running = true;
            summary.ready += 1;
        }
    }
    if summary.reason == "Completed" {
        if running && has_condition(status, "Ready") {
            summary.reason = "Running".to_owned();
        } else if !error.is_empty() {
            summary.reason = error;
        } else if running {
            summary.reason = "NotReady".to_owned();
        }
    }
}

fn ended(terminated: &Value) -> String {
    let (reason, signal) = (text(&terminated["reason"]), terminated["signal"].as_i64().unwrap_or(0));
    if !reason.is_empty() {
        reason.to_owned()
    } else if signal != 0 {
        format!("Signal:{signal}")
    } else {
        format!("ExitCode:{}", terminated["exitCode"].as_i64().unwrap_or(0))
    }
}

fn count_restarts(container: &Value, restarts: &mut i64, last: &mut String) {
    *restarts += container["restartCount"].as_i64().unwrap_or(0);
    let finished = text(&container["lastState"]["terminated"]["finishedAt"]);
    if finished > last.as_str() {
        *last = finished.to_owned();
    }
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

fn has_condition(status: &Value, kind: &str) -> bool {
    items(status, "conditions").any(|condition| condition["type"] == kind && condition["status"] == "True")
}

fn readiness_gates(pod: &Value) -> String {
    let gates: Vec<&Value> = items(&pod["spec"], "readinessGates").collect();
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates.iter().filter(|gate| has_condition(&pod["status"], text(&gate["conditionType"]))).count();
    format!("{open}/{}", gates.len())
}
