//! The status of a Deployment and its conditions: deployment/sync.go and deployment/progress.go.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    arithmetic::max_unavailable,
    replica_sets::{replicas, sum},
};
use crate::{
    clock::rfc3339,
    controllers::object::{at, condition, count, int, items, time, without_zeros},
    storage::Object,
};

/// A condition that became so at `now`.
pub fn new_condition(kind: &str, status: &str, reason: &str, message: &str, now: Timestamp) -> Value {
    let now = rfc3339(now);
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastUpdateTime": now, "lastTransitionTime": now,
    })
}

/// The condition of a type in a status.
pub fn get_condition<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    items(status, "conditions").iter().find(|condition| condition["type"] == kind)
}

/// Sets a condition, unless it has the same status and reason already: `SetDeploymentCondition`.
pub fn set_condition(status: &mut Value, mut condition: Value) {
    let kind = condition["type"].as_str().unwrap_or_default().to_owned();
    if let Some(current) = get_condition(status, &kind)
        && current["status"] == condition["status"]
    {
        if current["reason"] == condition["reason"] {
            return;
        }
        condition["lastTransitionTime"] = current["lastTransitionTime"].clone();
    }
    remove_condition(status, &kind);
    match status.get_mut("conditions").and_then(Value::as_array_mut) {
        Some(conditions) => conditions.push(condition),
        None => status["conditions"] = json!([condition]),
    }
}

/// Removes the condition of a type.
pub fn remove_condition(status: &mut Value, kind: &str) {
    if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        conditions.retain(|condition| condition["type"] != kind);
        let none_left = conditions.is_empty();
        if none_left && let Some(fields) = status.as_object_mut() {
            fields.remove("conditions");
        }
    }
}

/// The status as the ReplicaSets make it: `calculateStatus`.
pub fn calculate(all: &[Object], new: Option<&Object>, deployment: &Value, now: Timestamp) -> Value {
    let available = sum(all, "status.availableReplicas");
    let mut status = without_zeros(
        json!({
            "observedGeneration": at(deployment, "metadata.generation"),
            "replicas": sum(all, "status.replicas"),
            "updatedReplicas": new.map_or(0, |new| count(new, "status.replicas")),
            "readyReplicas": sum(all, "status.readyReplicas"),
            "availableReplicas": available,
            "unavailableReplicas": (sum(all, "spec.replicas") - available).max(0),
            "terminatingReplicas": terminating(all),
            "collisionCount": at(deployment, "status.collisionCount"),
            "conditions": at(deployment, "status.conditions"),
        }),
        &["terminatingReplicas"],
    );
    if status["terminatingReplicas"].is_null()
        && let Some(fields) = status.as_object_mut()
    {
        fields.remove("terminatingReplicas");
    }
    let enough = available >= replicas(deployment) - max_unavailable(deployment);
    let (value, reason, message) = if enough {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    set_condition(&mut status, new_condition("Available", value, reason, message, now));
    status
}

/// The pods on their way out; `None` while a ReplicaSet does not say.
fn terminating(all: &[Object]) -> Option<i64> {
    all.iter().try_fold(0, |sum, replica_set| {
        match (int(replica_set, "status.terminatingReplicas"), count(replica_set, "status.observedGeneration")) {
            (Some(number), _) => Some(sum + number),
            (None, 0) => Some(sum),
            (None, _) => None,
        }
    })
}

/// Whether all replicas are updated and available, and no old ones are left: `DeploymentComplete`.
pub fn is_complete(deployment: &Value, status: &Value) -> bool {
    let wanted = replicas(deployment);
    ["updatedReplicas", "replicas", "availableReplicas"].into_iter().all(|field| count(status, field) == wanted)
        && count(status, "observedGeneration") >= count(deployment, "metadata.generation")
}

/// Whether anything went forward since the last status: `DeploymentProgressing`.
fn is_progressing(deployment: &Value, new: &Value) -> bool {
    let old = at(deployment, "status");
    let old_pods = |status: &Value| count(status, "replicas") - count(status, "updatedReplicas");
    count(new, "updatedReplicas") > count(old, "updatedReplicas")
        || old_pods(new) < old_pods(old)
        || count(new, "readyReplicas") > count(old, "readyReplicas")
        || count(new, "availableReplicas") > count(old, "availableReplicas")
}

/// The progress deadline, if the Deployment has one.
pub fn progress_deadline(deployment: &Value) -> Option<SignedDuration> {
    let seconds = int(deployment, "spec.progressDeadlineSeconds").filter(|seconds| *seconds != i64::from(i32::MAX))?;
    Some(SignedDuration::from_secs(seconds))
}

/// Whether nothing went forward for too long: `DeploymentTimedOut`.
fn has_timed_out(deployment: &Value, status: &Value, now: Timestamp) -> bool {
    let (Some(deadline), Some(condition)) = (progress_deadline(deployment), get_condition(status, "Progressing"))
    else {
        return false;
    };
    match condition["reason"].as_str() {
        Some("NewReplicaSetAvailable") => false,
        Some("ProgressDeadlineExceeded") => true,
        _ => time(condition, "lastUpdateTime").is_some_and(|from| from + deadline < now),
    }
}

/// The status in the course of a rollout, with the condition Progressing: `syncRolloutStatus`.
pub fn of_rollout(all: &[Object], new: Option<&Object>, deployment: &Value, now: Timestamp) -> Value {
    let mut status = calculate(all, new, deployment, now);
    let current = condition(deployment, "Progressing");
    let was_complete = count(&status, "replicas") == count(&status, "updatedReplicas")
        && current.is_some_and(|condition| condition["reason"] == "NewReplicaSetAvailable");
    let subject = match new {
        Some(new) => format!("ReplicaSet \"{}\"", crate::controllers::object::name(new)),
        None => format!("Deployment \"{}\"", crate::controllers::object::name(deployment)),
    };
    if progress_deadline(deployment).is_none() {
        remove_condition(&mut status, "Progressing");
    } else if was_complete {
        // A finished rollout is not looked at again: what happens now is scaling.
    } else if is_complete(deployment, &status) {
        let message = format!("{subject} has successfully progressed.");
        set_condition(&mut status, new_condition("Progressing", "True", "NewReplicaSetAvailable", &message, now));
    } else if is_progressing(deployment, &status) {
        let message = format!("{subject} is progressing.");
        let mut condition = new_condition("Progressing", "True", "ReplicaSetUpdated", &message, now);
        if let Some(current) = current {
            if current["status"] == "True" {
                condition["lastTransitionTime"] = current["lastTransitionTime"].clone();
            }
            remove_condition(&mut status, "Progressing");
        }
        set_condition(&mut status, condition);
    } else if has_timed_out(deployment, &status, now) {
        let message = format!("{subject} has timed out progressing.");
        set_condition(&mut status, new_condition("Progressing", "False", "ProgressDeadlineExceeded", &message, now));
    }
    match replica_failure(all, new) {
        Some(condition) => set_condition(&mut status, condition),
        None => remove_condition(&mut status, "ReplicaFailure"),
    }
    status
}

/// The failure of a ReplicaSet, the new one's before others': `getReplicaFailures`.
fn replica_failure(all: &[Object], new: Option<&Object>) -> Option<Value> {
    let failure = new.into_iter().chain(all).find_map(|replica_set| condition(replica_set, "ReplicaFailure"))?;
    let mut condition = failure.clone();
    condition["lastUpdateTime"] = failure["lastTransitionTime"].clone();
    Some(condition)
}
