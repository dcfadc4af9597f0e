//! The conditions that the kubelet sets on a Pod, in its order and its words (pkg/kubelet/status/generate.go).

use serde_json::{Value, json};

use super::container_state::{ContainerState, Role};

/// Types that are the kubelet's.
const OWN: [&str; 5] = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// What a Pod's sandbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// It was not made yet.
    None,
    /// It is there, with a network.
    Ready,
    /// It has gone.
    Gone,
}

/// A condition before its times: status, reason, message.
type Finding = (bool, &'static str, String);

fn list(names: &[&str]) -> String {
    format!("[{}]", names.join(" "))
}

fn ready_to_start(sandbox: Sandbox) -> Finding {
    match sandbox {
        Sandbox::Ready => (true, "", String::new()),
        Sandbox::None => (false, "PodSandboxNotReady", "no pod sandbox exists".into()),
        Sandbox::Gone => (false, "PodSandboxNotReady", "pod sandbox is not ready".into()),
    }
}

fn initialized(containers: &[ContainerState], phase: &str) -> Finding {
    if phase == "Succeeded" {
        return (true, "PodCompleted", String::new());
    }
    if containers.iter().any(|container| container.role == Role::Regular && container.run.is_some()) {
        return (true, "", String::new());
    }
    let incomplete: Vec<&str> = containers
        .iter()
        .filter(|container| match container.role {
            Role::Init => !container.ready,
            Role::Sidecar => !(container.started && container.is_running()),
            _ => false,
        })
        .map(ContainerState::name)
        .collect();
    if incomplete.is_empty() {
        (true, "", String::new())
    } else {
        (false, "ContainersNotInitialized", format!("containers with incomplete status: {}", list(&incomplete)))
    }
}

fn containers_ready(containers: &[ContainerState], phase: &str) -> Finding {
    match phase {
        "Succeeded" => return (false, "PodCompleted", String::new()),
        "Failed" => return (false, "PodFailed", String::new()),
        _ => {}
    }
    let sidecars = containers.iter().filter(|container| container.role == Role::Sidecar);
    let regular = containers.iter().filter(|container| container.role == Role::Regular);
    let unready: Vec<&str> =
        sidecars.chain(regular).filter(|container| !container.ready).map(ContainerState::name).collect();
    if unready.is_empty() {
        (true, "", String::new())
    } else {
        (false, "ContainersNotReady", format!("containers with unready status: {}", list(&unready)))
    }
}

fn ready(pod: &Value, containers: &Finding) -> Finding {
    if !containers.0 {
        return containers.clone();
    }
    let mut missing = Vec::new();
    for gate in pod["spec"]["readinessGates"].as_array().into_iter().flatten() {
        let kind = gate["conditionType"].as_str().unwrap_or_default();
        match pod["status"]["conditions"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|condition| condition["type"].as_str() == Some(kind))
        {
            None => missing.push(format!("corresponding condition of pod readiness gate {kind:?} does not exist.")),
            Some(condition) if condition["status"] != "True" => {
                missing.push(format!(
                    "the status of pod readiness gate {kind:?} is not \"True\", but {}",
                    condition["status"].as_str().unwrap_or_default()
                ));
            }
            Some(_) => {}
        }
    }
    if missing.is_empty() { (true, "", String::new()) } else { (false, "ReadinessGatesNotReady", missing.join(", ")) }
}

/// The conditions of a Pod: those of others as they are, then the kubelet's own.
pub fn conditions(pod: &Value, containers: &[ContainerState], phase: &str, sandbox: Sandbox, now: &str) -> Vec<Value> {
    let old: Vec<Value> = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let all_ready = containers_ready(containers, phase);
    let findings = [
        ready_to_start(sandbox),
        initialized(containers, phase),
        ready(pod, &all_ready),
        all_ready,
        (true, "", String::new()),
    ];
    let mut all: Vec<Value> = old
        .iter()
        .filter(|condition| !condition["type"].as_str().is_some_and(|kind| OWN.contains(&kind)))
        .cloned()
        .collect();
    for (kind, (holds, reason, message)) in OWN.into_iter().zip(findings) {
        let status = if holds { "True" } else { "False" };
        let before = old.iter().find(|condition| condition["type"] == kind);
        let since = before
            .filter(|before| before["status"] == status)
            .and_then(|before| before["lastTransitionTime"].as_str())
            .unwrap_or(now);
        let mut condition = json!({
            "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since, "observedGeneration": pod["metadata"]["generation"],
        });
        for (field, text) in [("reason", reason), ("message", message.as_str())] {
            if !text.is_empty() {
                condition[field] = json!(text);
            }
        }
        all.push(condition);
    }
    all
}
