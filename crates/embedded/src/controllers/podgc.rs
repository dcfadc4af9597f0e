//! Pods that nobody else would remove: pkg/controller/podgc/gc_controller.go.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    harness::{Controller, Error, Key, resources},
    object::{deleting, map_mut, name, namespace, set, text},
    pod,
};
use crate::{
    apiserver::{Api, DeleteOptions},
    storage::{Event, EventType},
};

/// Upstream looks this often.
const CHECK_PERIOD: Duration = Duration::from_secs(20);
/// How long a node must be gone before its pods are.
const QUARANTINE: Duration = Duration::from_secs(40);

/// The collector of pods without a node.
pub struct PodGarbageCollector {
    api: Api,
    /// Since when a pod is without a node.
    suspects: BTreeMap<Key, Timestamp>,
}

impl PodGarbageCollector {
    /// A collector.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "pod-garbage-collector"), suspects: BTreeMap::new() }
    }

    /// How long a pod may go on as it is, if it is one that nobody takes care of.
    fn suspicion(&self, pod: &Value) -> Option<Duration> {
        let node = text(pod, "spec.nodeName");
        if node.is_empty() {
            deleting(pod).then_some(CHECK_PERIOD)
        } else {
            self.api.get("nodes", "", node).is_err().then_some(QUARANTINE + CHECK_PERIOD)
        }
    }

    /// Fails a pod, so that whoever waits for its end sees one, and deletes it: `markFailedAndDeletePod`.
    fn fail_and_delete(&self, pod: &Value, condition: Option<Value>) -> Result<(), Error> {
        if !pod::is_terminal(pod) {
            self.api.modify_status("pods", namespace(pod), name(pod), |pod| {
                set(pod, "status.phase", json!("Failed"));
                if let Some(condition) = &condition {
                    let conditions = map_mut(pod, "status").entry("conditions").or_insert_with(|| json!([]));
                    if let Some(conditions) = conditions.as_array_mut() {
                        conditions.push(condition.clone());
                    }
                }
            })?;
        }
        let options = DeleteOptions { grace_period_seconds: Some(0), ..Default::default() };
        match self.api.delete("pods", namespace(pod), name(pod), &options) {
            Err(status) if !status.is_not_found() => Err(status.into()),
            _ => Ok(()),
        }
    }
}

impl Controller for PodGarbageCollector {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["pods", "nodes"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            "nodes" if event.kind == EventType::Deleted => {
                let pods = self.api.list("pods", None);
                pods.iter()
                    .filter(|pod| text(pod, "spec.nodeName") == name(&event.object))
                    .map(|pod| Key::of(pod))
                    .collect()
            }
            "pods" if event.kind == EventType::Deleted => {
                self.suspects.remove(&Key::of(&event.object));
                Vec::new()
            }
            "pods" if self.suspicion(&event.object).is_some() => vec![Key::of(&event.object)],
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let pod = self.api.get("pods", &key.namespace, &key.name).ok();
        let Some((pod, delay)) = pod.and_then(|pod| self.suspicion(&pod).map(|delay| (pod, delay))) else {
            self.suspects.remove(key);
            return Ok(None);
        };
        let now = self.api.clock().now();
        let since = *self.suspects.entry(key.clone()).or_insert(now);
        let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if waited < delay {
            return Ok(Some(delay - waited));
        }
        let condition = (!text(&pod, "spec.nodeName").is_empty()).then(|| {
            json!({
                "type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC",
                "message": "PodGC: node no longer exists", "lastProbeTime": null,
                "lastTransitionTime": self.api.clock().rfc3339(),
            })
        });
        self.fail_and_delete(&pod, condition)?;
        Ok(None)
    }
}
