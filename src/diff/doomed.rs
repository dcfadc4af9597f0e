//! Waiting that knows: which Pod will not come up, and why, in the words of whoever refused it (registry, scheduler,
//! kubelet). The reasons and what they mean for a learner are data: `doom.yaml`.

use crate::snapshot::{ObjectKey, Snapshot, condition};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::sync::LazyLock;

/// Why an object will not reach the state that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doom {
    /// The object that is stuck: a Pod, or a Deployment past its progress deadline.
    pub object: ObjectKey,
    /// Kubernetes' own word for it: `ErrImagePull`, `CrashLoopBackOff`, `Unschedulable`, …
    pub reason: String,
    /// The container that is stuck, where it is one.
    pub container: Option<String>,
    /// The image of that container.
    pub image: Option<String>,
    /// What this means, for a learner.
    pub meaning: String,
    /// What the registry, the scheduler or the kubelet answered.
    pub message: String,
}

impl fmt::Display for Doom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.object, self.meaning, self.reason)?;
        if let Some(image) = &self.image {
            write!(f, ", image {image}")?;
        }
        match self.message.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.message),
        }
    }
}

/// A row of `doom.yaml`.
#[derive(Debug, Deserialize)]
struct Row {
    reason: String,
    /// Where the reason stands: a container's `waiting` state, a Pod's or a Deployment's condition.
    at: Place,
    meaning: String,
}

#[derive(Debug, Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Place {
    Waiting,
    PodScheduled,
    Progressing,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // Compiled in, and parsed by a test: it cannot fail for a user.
    serde_yaml::from_str(include_str!("doom.yaml")).expect("doom.yaml is well-formed")
});

fn meaning(place: Place, reason: &str) -> Option<&'static str> {
    ROWS.iter().find(|r| r.at == place && r.reason == reason).map(|r| r.meaning.as_str())
}

/// The first object of the namespace (all namespaces where `None`) that is stuck for good unless someone mends
/// something; Pods first, as they know the cause. A Pod that is being deleted is not stuck, it is leaving.
pub fn doomed(snapshot: &Snapshot, namespace: Option<&str>) -> Option<Doom> {
    let leaving = |o: &Value| o["metadata"]["deletionTimestamp"].is_string();
    let pods = snapshot.of_kind("Pod", namespace).filter(|(_, o)| !leaving(o));
    let pod = pods.filter_map(|(key, pod)| pod_doom(snapshot, key, pod)).next();
    pod.or_else(|| {
        let deployments = snapshot.of_kind("Deployment", namespace).filter(|(_, o)| !leaving(o));
        deployments.filter_map(|(key, o)| deployment_doom(key, o)).next()
    })
}

/// Why this Pod will not come up; `None` where it still may.
pub(super) fn pod_doom(snapshot: &Snapshot, key: &ObjectKey, pod: &Value) -> Option<Doom> {
    let statuses = ["initContainerStatuses", "containerStatuses"];
    let statuses = statuses.iter().flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    for status in statuses {
        let waiting = &status["state"]["waiting"];
        let Some(reason) = waiting["reason"].as_str() else { continue };
        let Some(meaning) = meaning(Place::Waiting, reason) else { continue };
        let said = waiting["message"].as_str().unwrap_or_default();
        let message = match reason {
            "ErrImagePull" | "ImagePullBackOff" => registry_answer(snapshot, key, said),
            "CrashLoopBackOff" => last_exit(status, said),
            _ => said.to_owned(),
        };
        return Some(Doom {
            object: key.clone(),
            reason: reason.to_owned(),
            container: status["name"].as_str().map(str::to_owned),
            image: status["image"].as_str().map(str::to_owned),
            meaning: meaning.to_owned(),
            message,
        });
    }
    let scheduled = condition(pod, "PodScheduled").filter(|c| c["status"] == "False")?;
    let reason = scheduled["reason"].as_str()?;
    Some(Doom {
        object: key.clone(),
        reason: reason.to_owned(),
        container: None,
        image: None,
        meaning: meaning(Place::PodScheduled, reason)?.to_owned(),
        message: scheduled["message"].as_str().unwrap_or_default().to_owned(),
    })
}

fn deployment_doom(key: &ObjectKey, deployment: &Value) -> Option<Doom> {
    let progressing = condition(deployment, "Progressing").filter(|c| c["status"] == "False")?;
    let reason = progressing["reason"].as_str()?;
    Some(Doom {
        object: key.clone(),
        reason: reason.to_owned(),
        container: None,
        image: None,
        meaning: meaning(Place::Progressing, reason)?.to_owned(),
        message: progressing["message"].as_str().unwrap_or_default().to_owned(),
    })
}

/// What the registry said: the kubelet's Event `Failed` has it also while the container only says "Back-off".
fn registry_answer(snapshot: &Snapshot, pod: &ObjectKey, said: &str) -> String {
    let pulls = snapshot.of_kind("Event", pod.namespace.as_deref()).filter_map(|(_, event)| {
        let about = &event["involvedObject"];
        let ours = about["kind"] == "Pod" && about["name"] == pod.name.as_str();
        let message = event["message"].as_str()?;
        (ours && event["reason"] == "Failed" && message.starts_with("Failed to pull image")).then_some(message)
    });
    match said.contains("ErrImagePull: ") || said.contains("rpc error") || said.contains("failed to") {
        true => said.to_owned(),
        false => pulls.max_by_key(|m| m.len()).unwrap_or(said).to_owned(),
    }
}

fn last_exit(status: &Value, said: &str) -> String {
    let ended = &status["lastState"]["terminated"];
    match (ended["exitCode"].as_i64(), ended["reason"].as_str()) {
        (Some(code), Some("OOMKilled")) => format!("it was killed for using too much memory (exit code {code})"),
        (Some(code), _) => format!("it ended with exit code {code}; {said}"),
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(status: Value) -> Snapshot {
        Snapshot::from_objects([json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web-1", "namespace": "n"}, "status": status})])
    }

    #[test]
    fn an_image_that_the_registry_does_not_know_names_pod_image_and_answer() {
        let mut s = pod(json!({"phase": "Pending", "containerStatuses": [{"name": "c", "image": "nginx:1.161",
            "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"nginx:1.161\""}}}]}));
        let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "n"}, "reason": "Failed",
            "involvedObject": {"kind": "Pod", "name": "web-1"}, "message": "Failed to pull image \"nginx:1.161\": not found"});
        s.insert(ObjectKey::of(&event).unwrap(), std::sync::Arc::new(event));
        let doom = doomed(&s, Some("n")).unwrap();
        assert_eq!(
            doom.to_string(),
            "Pod/web-1: the image cannot be pulled (ImagePullBackOff), image nginx:1.161: Failed to pull image \"nginx:1.161\": not found"
        );
    }

    #[test]
    fn a_pod_that_is_still_being_created_is_not_doomed() {
        let s = pod(json!({"phase": "Pending", "containerStatuses": [{"name": "c",
            "state": {"waiting": {"reason": "ContainerCreating"}}}]}));
        assert_eq!(doomed(&s, None), None);
    }

    #[test]
    fn what_the_scheduler_says_is_passed_on() {
        let s = pod(json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."}]}));
        let doom = doomed(&s, None).unwrap();
        assert_eq!(
            (doom.reason.as_str(), doom.message.as_str()),
            ("Unschedulable", "0/1 nodes are available: 1 Insufficient cpu.")
        );
    }
}
