//! The status of a ReplicaSet: replicaset/replica_set_utils.go.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure_condition;
use crate::{
    clock::rfc3339,
    controllers::{
        object::{at, condition, count, int, items, labels, without_zeros},
        pod, selector,
    },
    storage::Object,
};

/// What the status should be: `calculateStatus`. `failure` is what went wrong when pods were created or deleted.
pub fn calculate(
    owner: &Value,
    active: &[Object],
    terminating: Option<usize>,
    failure: Option<&str>,
    now: Timestamp,
) -> Value {
    let min_ready = count(owner, "spec.minReadySeconds");
    let of_template = at(owner, "spec.template.metadata.labels");
    let number = |test: &dyn Fn(&Value) -> bool| active.iter().filter(|pod| test(pod)).count();
    let mut status = json!({
        "replicas": active.len(),
        "fullyLabeledReplicas": number(&|pod| selector::matches_map(of_template, labels(pod))),
        "readyReplicas": number(&pod::is_ready),
        "availableReplicas": number(&|pod| pod::is_available(pod, min_ready, now)),
        "observedGeneration": at(owner, "status.observedGeneration"),
        "terminatingReplicas": terminating,
    });
    let others = items(owner, "status.conditions").iter().filter(|each| each["type"] != "ReplicaFailure").cloned();
    let known = condition(owner, "ReplicaFailure").cloned();
    let failed = failure.map(|message| {
        let wanted = int(owner, "spec.replicas").unwrap_or(1);
        let reason =
            if i64::try_from(active.len()).is_ok_and(|there| there < wanted) { "FailedCreate" } else { "FailedDelete" };
        known.unwrap_or_else(|| failure_condition(reason, message, &rfc3339(now)))
    });
    status["conditions"] = Value::Array(others.chain(failed).collect());
    if terminating.is_none()
        && let Some(fields) = status.as_object_mut()
    {
        fields.remove("terminatingReplicas");
    }
    without_zeros(status, &["replicas", "terminatingReplicas"])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn pods_are_counted_by_what_they_can_do() {
        let owner = json!({"metadata": {"generation": 1}, "spec": {
            "replicas": 3, "minReadySeconds": 10, "template": {"metadata": {"labels": {"app": "web"}}}}});
        let pod = |ready: &str, since: &str| {
            Arc::new(json!({"metadata": {"labels": {"app": "web", "extra": "1"}}, "status": {"phase": "Running",
                "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}]}}))
        };
        let pods = [
            pod("True", "2026-01-01T00:00:00Z"),
            pod("True", "2026-01-01T00:00:55Z"),
            pod("False", "2026-01-01T00:00:00Z"),
        ];
        // Any moment a minute later.
        let now: Timestamp = "2026-01-01T00:01:00Z".parse().unwrap();
        let status = calculate(&owner, &pods, Some(0), None, now);
        assert_eq!(
            status,
            json!({"replicas": 3, "fullyLabeledReplicas": 3, "readyReplicas": 2, "availableReplicas": 1, "terminatingReplicas": 0})
        );
        let failed = calculate(&owner, &pods[..1], None, Some("quota"), now);
        assert_eq!(failed["conditions"][0]["reason"], "FailedCreate");
        assert_eq!(failed["conditions"][0]["message"], "quota");
    }
}
