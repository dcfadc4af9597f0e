//! What controllers ask about pods: pkg/api/v1/pod and pkg/controller/controller_utils.go.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::object::{at, condition, condition_is_true, deleting, items, text, time};

/// Whether the pod's Ready condition is true.
pub fn is_ready(pod: &Value) -> bool {
    condition_is_true(pod, "Ready")
}

/// Since when the pod is ready; `None` while it is not.
pub fn ready_since(pod: &Value) -> Option<Timestamp> {
    if is_ready(pod) { time(condition(pod, "Ready")?, "lastTransitionTime") } else { None }
}

/// Whether the pod has been ready for `min_ready_seconds`.
pub fn is_available(pod: &Value, min_ready_seconds: i64, now: Timestamp) -> bool {
    is_ready(pod)
        && (min_ready_seconds == 0 || ready_since(pod).is_some_and(|since| since + seconds(min_ready_seconds) <= now))
}

/// The time until the next of these pods becomes available, if one that is ready has still to wait.
pub fn next_availability(pods: &[impl AsRef<Value>], min_ready_seconds: i64, now: Timestamp) -> Option<Duration> {
    if min_ready_seconds <= 0 {
        return None;
    }
    pods.iter()
        .filter_map(|pod| {
            Duration::try_from((ready_since(pod.as_ref())? + seconds(min_ready_seconds)).duration_since(now)).ok()
        })
        .filter(|left| !left.is_zero())
        .min()
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// The pod's phase.
pub fn phase(pod: &Value) -> &str {
    text(pod, "status.phase")
}

/// Whether all containers have ended for good.
pub fn is_terminal(pod: &Value) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether the pod counts as one that runs or will run.
pub fn is_active(pod: &Value) -> bool {
    !is_terminal(pod) && !deleting(pod)
}

/// Whether the pod is on its way out, and its containers still run.
pub fn is_terminating(pod: &Value) -> bool {
    !is_terminal(pod) && deleting(pod)
}

/// The most restarts of any container, and of any sidecar.
pub fn most_restarts(pod: &Value) -> (i64, i64) {
    let most = |statuses: &mut dyn Iterator<Item = &Value>| {
        statuses.filter_map(|status| status["restartCount"].as_i64()).max().unwrap_or(0)
    };
    let sidecars: Vec<&Value> = items(pod, "spec.initContainers")
        .iter()
        .filter(|container| container["restartPolicy"] == "Always")
        .map(|container| &container["name"])
        .collect();
    (
        most(&mut items(pod, "status.containerStatuses").iter()),
        most(
            &mut items(pod, "status.initContainerStatuses").iter().filter(|status| sidecars.contains(&&status["name"])),
        ),
    )
}

/// The number of the port that a Service port leads to in this pod; `None` when the pod has no port of that name.
pub fn find_port(pod: &Value, service_port: &Value) -> Option<i64> {
    let target = at(service_port, "targetPort");
    let Some(wanted) = target.as_str() else {
        return target.as_i64().filter(|port| *port != 0).or_else(|| service_port["port"].as_i64());
    };
    let protocol = |port: &Value| port["protocol"].as_str().unwrap_or("TCP").to_owned();
    let sidecars = items(pod, "spec.initContainers").iter().filter(|container| container["restartPolicy"] == "Always");
    items(pod, "spec.containers")
        .iter()
        .chain(sidecars)
        .flat_map(|container| items(container, "ports"))
        .find(|port| port["name"] == wanted && protocol(port) == protocol(service_port))
        .and_then(|port| port["containerPort"].as_i64())
}
