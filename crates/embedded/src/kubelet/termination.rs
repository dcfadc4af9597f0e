//! Ending containers in good order: hook, signal, patience, kill (kuberuntime_container.go: killContainer).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::container_state::End;
use super::create::termination_path;
use super::{Kubelet, lifecycle};
use crate::runtime::container::Container;

/// The least time that a container gets after its hook (minimumGracePeriodInSeconds).
const LEAST_GRACE: i64 = 2;
/// Bytes of a termination message, and of one that is taken from the log, with its lines.
const MOST_MESSAGE: usize = 4096;
const MOST_FROM_LOG: (usize, usize) = (80, 2048);

/// Seconds that a Pod's containers get to end.
pub fn grace_of(pod: &Value) -> i64 {
    pod["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30)
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Ends a container: its `preStop` hook, the signal, and the kill when `grace` seconds are over.
pub async fn stop(kubelet: &Kubelet, pod: &Value, path: &str, spec: &Value, container: &Arc<Container>, grace: i64) {
    let clock = *kubelet.api.clock();
    let started = clock.now();
    let hook = &spec["lifecycle"]["preStop"];
    if hook.is_object() && grace > 0 {
        match tokio::time::timeout(seconds(grace), lifecycle::run(container, pod, spec, hook)).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(_)) => kubelet.container_event(pod, path, "Warning", "FailedPreStopHook", "PreStopHook failed"),
        }
    }
    let used = clock.now().duration_since(started).as_secs();
    let left = if grace > 0 { (grace - used).max(LEAST_GRACE) } else { grace };
    if left <= 0 {
        container.kill();
        return;
    }
    container.terminate();
    if tokio::time::timeout(seconds(left), container.wait()).await.is_err() {
        container.kill();
    }
}

/// What is told of a container that has ended.
pub fn end_of(container: &Container, spec: &Value, code: i32, at: Timestamp) -> End {
    let written = container.setup.files.text(termination_path(spec)).unwrap_or_default();
    let written: String = written.chars().take(MOST_MESSAGE).collect();
    let from_log = written.is_empty() && code != 0 && spec["terminationMessagePolicy"] == "FallbackToLogsOnError";
    let message = if from_log { container.log.tail(MOST_FROM_LOG.0, MOST_FROM_LOG.1) } else { written };
    let reason = if code == 0 { "Completed" } else { "Error" };
    End { at, code, reason: reason.into(), message: Some(message).filter(|message| !message.is_empty()) }
}
