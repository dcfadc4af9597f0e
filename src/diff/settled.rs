//! Has the cluster come to rest? Nothing in transition: no rollout under way, no Pod coming or leaving, no Service that
//! does not yet know its Pods. A Pod that is stuck (see [`super::doomed`]) is at rest: waiting longer changes nothing.

use super::doomed::pod_doom;
use super::{History, is_noise};
use crate::snapshot::{ObjectKey, Snapshot, condition, condition_is_true, path};
use serde_json::Value;
use std::collections::BTreeSet;

/// The answer to "may the step be judged now?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Nothing is in transition.
    Yes,
    /// What is waited for, a sentence each: `Pod/web-1 to become ready`.
    Waiting(Vec<String>),
}

impl Settled {
    /// Is nothing in transition?
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// Is the namespace at rest at the end of this history? (`None`: all namespaces.)
pub fn settled(history: &History, namespace: Option<&str>) -> Settled {
    let was_ready: BTreeSet<&str> = history
        .events()
        .iter()
        .map(|e| e.object.as_ref())
        .chain(history.before().of_kind("Pod", namespace).map(|(_, o)| o.as_ref()))
        .filter(|o| o["kind"] == "Pod" && condition_is_true(o, "Ready"))
        .filter_map(|o| path::text(o, "metadata.uid"))
        .collect();
    judge(history.after(), namespace, &|pod| path::text(pod, "metadata.uid").is_some_and(|uid| was_ready.contains(uid)))
}

/// Is the namespace at rest at this moment? Without a history, a Pod that is not ready counts as never ready yet when
/// its Ready condition has not moved since it was initialized.
pub fn settled_snapshot(snapshot: &Snapshot, namespace: Option<&str>) -> Settled {
    judge(snapshot, namespace, &|_| false)
}

fn judge(snapshot: &Snapshot, namespace: Option<&str>, was_ready: &dyn Fn(&Value) -> bool) -> Settled {
    let mut waits = Vec::new();
    for (key, object) in snapshot.iter() {
        let ours = match (namespace, &key.namespace) {
            (Some(wanted), Some(has)) => wanted == has,
            (Some(wanted), None) => key.kind == "Namespace" && key.name == wanted,
            (None, _) => true,
        };
        if !ours || (is_noise(key) && key.kind != "Service") {
            continue;
        }
        if let Some(what) = in_transition(snapshot, key, object, was_ready) {
            waits.push(format!("{key} {what}"));
        }
    }
    match waits.is_empty() {
        true => Settled::Yes,
        false => Settled::Waiting(waits),
    }
}

/// What an object still has to do, as the end of a sentence; `None` where it is at rest.
fn in_transition(
    snapshot: &Snapshot,
    key: &ObjectKey,
    object: &Value,
    was_ready: &dyn Fn(&Value) -> bool,
) -> Option<String> {
    if object["metadata"]["deletionTimestamp"].is_string() {
        // A volume or claim in use stays until it is no longer used: that is a state, not a transition.
        let protected = matches!(key.kind.as_str(), "PersistentVolumeClaim" | "PersistentVolume");
        return (!protected).then(|| "to be gone".to_owned());
    }
    match key.kind.as_str() {
        "Pod" => pod(snapshot, key, object, was_ready),
        "Deployment" => deployment(snapshot, object),
        "ReplicaSet" | "ReplicationController" => replicas_exist(object),
        "StatefulSet" => stateful_set(snapshot, object),
        "DaemonSet" => daemon_set(object),
        "Job" => job(object),
        "Service" => service(snapshot, object),
        "PersistentVolumeClaim" => claim(snapshot, object),
        "HorizontalPodAutoscaler" => autoscaler(object),
        "Namespace" => (object["status"]["phase"] == "Terminating").then(|| "to be gone".to_owned()),
        _ => None,
    }
}

fn number(object: &Value, at: &str) -> i64 {
    path::one(object, at).and_then(Value::as_i64).unwrap_or(0)
}

fn wanted_replicas(object: &Value) -> i64 {
    path::one(object, "spec.replicas").and_then(Value::as_i64).unwrap_or(1)
}

fn unseen(object: &Value) -> Option<String> {
    let behind = number(object, "status.observedGeneration") < number(object, "metadata.generation");
    behind.then(|| "to be seen by its controller".to_owned())
}

fn pod(snapshot: &Snapshot, key: &ObjectKey, pod: &Value, was_ready: &dyn Fn(&Value) -> bool) -> Option<String> {
    if pod_doom(snapshot, key, pod).is_some() {
        return None;
    }
    match pod["status"]["phase"].as_str() {
        Some("Succeeded" | "Failed") => return None,
        Some("Running") => {}
        _ if pod["spec"]["nodeName"].is_null() => return Some("to be scheduled".into()),
        _ => return Some("to start".into()),
    }
    let statuses = pod["status"]["containerStatuses"].as_array();
    let ended = statuses.into_iter().flatten().find(|s| s["state"]["terminated"].is_object());
    if let Some(status) = ended {
        let restarts = match (pod["spec"]["restartPolicy"].as_str(), status["state"]["terminated"]["exitCode"].as_i64())
        {
            (Some("Never"), _) => false,
            (Some("OnFailure"), code) => code != Some(0),
            _ => true,
        };
        let name = status["name"].as_str().unwrap_or("a container");
        if restarts {
            return Some(format!("to restart {name}"));
        }
    }
    let moved = |kind: &str| condition(pod, kind).and_then(|c| c["lastTransitionTime"].as_str());
    let never_ready = !was_ready(pod) && moved("Ready") == moved("Initialized");
    (!condition_is_true(pod, "Ready") && never_ready).then(|| "to become ready".to_owned())
}

/// As `kubectl rollout status` waits (kubectl pkg/polymorphichelpers/rollout_status.go), except for Pods that are
/// stuck, and for availability: a Pod that is not ready is waited for by itself.
fn deployment(snapshot: &Snapshot, o: &Value) -> Option<String> {
    if let Some(unseen) = unseen(o) {
        return Some(unseen);
    }
    let progressing = condition(o, "Progressing");
    let overdue = progressing.is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded");
    if overdue || condition_is_true(o, "ReplicaFailure") || any_pod_stuck(snapshot, o) {
        return None;
    }
    let (wanted, updated, all) =
        (wanted_replicas(o), number(o, "status.updatedReplicas"), number(o, "status.replicas"));
    let paused = o["spec"]["paused"] == true;
    if !paused && updated < wanted {
        return Some(format!("to update its Pods: {updated} of {wanted} so far"));
    }
    if !paused && all > updated {
        return Some(format!("to end {} old Pods", all - updated));
    }
    (all != wanted).then(|| format!("to have {wanted} replicas, it has {all}"))
}

fn replicas_exist(o: &Value) -> Option<String> {
    let (wanted, has) = (wanted_replicas(o), number(o, "status.replicas"));
    let refused = condition_is_true(o, "ReplicaFailure");
    match (unseen(o), refused || wanted == has) {
        (Some(unseen), _) => Some(unseen),
        (None, true) => None,
        (None, false) => Some(format!("to have {wanted} Pods, it has {has}")),
    }
}

fn stateful_set(snapshot: &Snapshot, o: &Value) -> Option<String> {
    if let Some(unseen) = unseen(o) {
        return Some(unseen);
    }
    if any_pod_stuck(snapshot, o) {
        return None;
    }
    let (wanted, has) = (wanted_replicas(o), number(o, "status.replicas"));
    if wanted != has {
        return Some(format!("to have {wanted} Pods, it has {has}"));
    }
    let rolling = o["spec"]["updateStrategy"]["type"] != "OnDelete";
    let partition = number(o, "spec.updateStrategy.rollingUpdate.partition");
    let updated = number(o, "status.updatedReplicas");
    let differs = o["status"]["currentRevision"] != o["status"]["updateRevision"];
    (rolling && differs && updated < wanted - partition)
        .then(|| format!("to update its Pods: {updated} of {} so far", wanted - partition))
}

fn daemon_set(o: &Value) -> Option<String> {
    if let Some(unseen) = unseen(o) {
        return Some(unseen);
    }
    let wanted = number(o, "status.desiredNumberScheduled");
    let current = number(o, "status.currentNumberScheduled");
    let updated = number(o, "status.updatedNumberScheduled");
    if wanted != current {
        return Some(format!("to have Pods on {wanted} nodes, it has {current}"));
    }
    let rolling = o["spec"]["updateStrategy"]["type"] != "OnDelete";
    (rolling && updated < wanted).then(|| format!("to update its Pods: {updated} of {wanted} so far"))
}

fn job(o: &Value) -> Option<String> {
    let over = condition_is_true(o, "Complete") || condition_is_true(o, "Failed");
    let active = number(o, "status.active") > 0;
    let suspended = o["spec"]["suspend"] == true;
    match over || suspended || active {
        true => None,
        false => Some("to start its Pods or to be done".into()),
    }
}

fn service(snapshot: &Snapshot, o: &Value) -> Option<String> {
    if o["spec"]["selector"].as_object().is_none_or(|s| s.is_empty()) || o["spec"]["type"] == "ExternalName" {
        return None;
    }
    let unready_too = o["spec"]["publishNotReadyAddresses"] == true;
    let mut wanted: Vec<&str> = snapshot
        .selected_pods(o)
        .filter(|(_, pod)| condition_is_true(pod, "Ready") || (unready_too && !pod["status"]["podIP"].is_null()))
        .filter(|(_, pod)| pod["metadata"]["deletionTimestamp"].is_null())
        .filter_map(|(_, pod)| path::text(pod, "status.podIP"))
        .collect();
    wanted.sort_unstable();
    let has = snapshot.ready_addresses(o);
    // Only addresses of the Pods' first family are compared: a dual-stack Service has a slice for each family.
    let has: Vec<&str> = has.iter().map(String::as_str).filter(|a| wanted.contains(a) || !a.contains(':')).collect();
    (has != wanted).then(|| format!("to route to {} ready Pods, it has {} endpoints", wanted.len(), has.len()))
}

/// A claim is waited for where something can bind it: a volume that is free, or a provisioner that binds at once.
fn claim(snapshot: &Snapshot, o: &Value) -> Option<String> {
    if o["status"]["phase"] == "Bound" || o["status"]["phase"] == "Lost" {
        return None;
    }
    let class = path::text(o, "spec.storageClassName").unwrap_or_default();
    let same_class = |pv: &Value| path::text(pv, "spec.storageClassName").unwrap_or_default() == class;
    let volume = snapshot
        .of_kind("PersistentVolume", None)
        .any(|(_, pv)| pv["status"]["phase"] == "Available" && same_class(pv) && fits(pv, o));
    let at_once = snapshot.of_kind("StorageClass", None).any(|(key, sc)| {
        let provisions = sc["provisioner"] != "kubernetes.io/no-provisioner";
        key.name == class && provisions && sc["volumeBindingMode"] != "WaitForFirstConsumer"
    });
    (volume || at_once).then(|| "to be bound".to_owned())
}

fn fits(volume: &Value, claim: &Value) -> bool {
    let modes = |o: &Value| -> BTreeSet<String> {
        let list = o["spec"]["accessModes"].as_array();
        list.into_iter().flatten().filter_map(|m| m.as_str().map(str::to_owned)).collect()
    };
    let size = |v: &Value| v.as_str().and_then(crate::assertion::quantity);
    let big_enough = match (
        size(&volume["spec"]["capacity"]["storage"]),
        size(&claim["spec"]["resources"]["requests"]["storage"]),
    ) {
        (Some(has), Some(wants)) => has >= wants,
        _ => true,
    };
    big_enough && modes(claim).is_subset(&modes(volume)) && volume["spec"]["claimRef"].is_null()
}

fn autoscaler(o: &Value) -> Option<String> {
    let current = number(o, "status.currentReplicas");
    let min = path::one(o, "spec.minReplicas").and_then(Value::as_i64).unwrap_or(1);
    let able = condition(o, "AbleToScale").is_none_or(|c| c["status"] != "False");
    (able && current < min).then(|| format!("to scale to its minimum of {min}"))
}

/// Is a Pod that this object owns stuck? Then its own counters will not move either.
fn any_pod_stuck(snapshot: &Snapshot, owner: &Value) -> bool {
    let Some(uid) = path::text(owner, "metadata.uid") else { return false };
    let namespace = path::text(owner, "metadata.namespace");
    snapshot
        .of_kind("Pod", namespace)
        .any(|(key, pod)| pod_doom(snapshot, key, pod).is_some() && snapshot.owned_by(pod, uid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn waits(objects: Vec<Value>) -> Vec<String> {
        match settled_snapshot(&Snapshot::from_objects(objects), Some("n")) {
            Settled::Yes => vec![],
            Settled::Waiting(waits) => waits,
        }
    }

    fn object(kind: &str, mut rest: Value) -> Value {
        rest["kind"] = json!(kind);
        rest["metadata"]["name"] = json!("web");
        rest["metadata"]["namespace"] = json!("n");
        rest
    }

    #[test]
    fn a_rollout_says_how_far_it_is() {
        let d = object(
            "Deployment",
            json!({"metadata": {"generation": 2}, "spec": {"replicas": 3},
            "status": {"observedGeneration": 2, "replicas": 4, "updatedReplicas": 2}}),
        );
        assert_eq!(waits(vec![d]), ["Deployment/web to update its Pods: 2 of 3 so far"]);
    }

    #[test]
    fn a_service_waits_for_its_ready_pods_and_not_for_unready_ones() {
        let s = object("Service", json!({"spec": {"selector": {"app": "web"}}}));
        let p = |ready: &str| {
            object(
                "Pod",
                json!({"metadata": {"labels": {"app": "web"}}, "spec": {"nodeName": "a"}, "status": {"phase": "Running", "podIP": "10.0.0.1",
                "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": "2"}, {"type": "Initialized", "lastTransitionTime": "1"}]}}),
            )
        };
        assert_eq!(waits(vec![s.clone(), p("True")]), ["Service/web to route to 1 ready Pods, it has 0 endpoints"]);
        assert!(waits(vec![s, p("False")]).is_empty());
    }

    #[test]
    fn a_pod_that_cannot_be_placed_is_at_rest() {
        let p = object(
            "Pod",
            json!({"spec": {}, "status": {"phase": "Pending",
            "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}}),
        );
        assert!(waits(vec![p]).is_empty());
        let p = object("Pod", json!({"spec": {}, "status": {"phase": "Pending"}}));
        assert_eq!(waits(vec![p]), ["Pod/web to be scheduled"]);
    }
}
