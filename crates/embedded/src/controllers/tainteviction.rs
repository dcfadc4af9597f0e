//! Pods on nodes with taints of the effect NoExecute: pkg/controller/tainteviction.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    object::{at, deleting, items, map_mut, name, namespace, text},
};
use crate::{
    apiserver::{Api, DeleteOptions},
    scheduler::filters::tolerates,
    storage::{Event, EventType},
};

/// The controller of evictions by taints.
pub struct TaintEvictionController {
    api: Api,
    recorder: EventRecorder,
    /// Since when the pods that are to go some time have tolerated it.
    scheduled: BTreeMap<Key, Timestamp>,
}

impl TaintEvictionController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "taint-eviction-controller");
        let recorder = EventRecorder::new(&api, "taint-eviction-controller", "");
        Self { api, recorder, scheduled: BTreeMap::new() }
    }

    fn say(&self, key: &Key, what: &str) {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "name": key.name, "namespace": key.namespace});
        let message = format!("{what} Pod {}/{}", key.namespace, key.name);
        self.recorder.event_about(pod, "Normal", "TaintManagerEviction", &message);
    }

    fn cancel(&mut self, key: &Key) {
        if self.scheduled.remove(key).is_some() {
            self.say(key, "Cancelling deletion of");
        }
    }

    fn evict(&mut self, key: &Key, pod: &Value) -> Result<(), Error> {
        self.scheduled.remove(key);
        self.say(key, "Marking for deletion");
        let now = self.api.clock().rfc3339();
        let mut condition = json!({
            "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint", "lastProbeTime": null, "lastTransitionTime": now,
        });
        if let Some(generation) = at(pod, "metadata.generation").as_i64() {
            condition["observedGeneration"] = json!(generation);
        }
        self.api.modify_status("pods", namespace(pod), name(pod), |pod| {
            let conditions = map_mut(pod, "status").entry("conditions").or_insert_with(|| json!([]));
            if let Some(conditions) = conditions.as_array_mut() {
                conditions.retain(|other| other["type"] != "DisruptionTarget");
                conditions.push(condition.clone());
            }
        })?;
        match self.api.delete("pods", namespace(pod), name(pod), &DeleteOptions::default()) {
            Err(status) if !status.is_not_found() => Err(status.into()),
            _ => Ok(()),
        }
    }
}

/// How long a pod may stay: for ever (`None`), or for some time, which may be none at all.
fn may_stay(pod: &Value, node: &Value) -> Option<Duration> {
    let taints: Vec<&Value> =
        items(node, "spec.taints").iter().filter(|taint| taint["effect"] == "NoExecute").collect();
    let mut shortest: Option<Duration> = None;
    for taint in taints {
        let Some(toleration) = items(pod, "spec.tolerations").iter().find(|toleration| tolerates(toleration, taint))
        else {
            return Some(Duration::ZERO);
        };
        if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
            let stay = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            shortest = Some(shortest.map_or(stay, |known| known.min(stay)));
        }
    }
    shortest
}

impl Controller for TaintEvictionController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["nodes", "pods"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        let same =
            |path: &str| event.previous.as_ref().is_some_and(|before| at(before, path) == at(&event.object, path));
        match resource {
            "nodes" if event.kind != EventType::Deleted && !same("spec.taints") => {
                let pods = self.api.list("pods", None);
                pods.iter()
                    .filter(|pod| text(pod, "spec.nodeName") == name(&event.object))
                    .map(|pod| Key::of(pod))
                    .collect()
            }
            "pods" if event.kind == EventType::Deleted || !same("spec.tolerations") || !same("spec.nodeName") => {
                vec![Key::of(&event.object)]
            }
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let pod = self.api.get("pods", &key.namespace, &key.name).ok();
        let node = pod.as_ref().and_then(|pod| self.api.get("nodes", "", text(pod, "spec.nodeName")).ok());
        let Some((pod, node)) = pod.filter(|pod| !deleting(pod)).zip(node) else {
            self.scheduled.remove(key);
            return Ok(None);
        };
        let Some(stay) = may_stay(&pod, &node) else {
            self.cancel(key);
            return Ok(None);
        };
        let now = self.api.clock().now();
        let since = *self.scheduled.get(key).unwrap_or(&now);
        let stayed = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if stayed >= stay {
            return self.evict(key, &pod).map(|()| None);
        }
        self.scheduled.insert(key.clone(), since);
        Ok(Some(stay - stayed))
    }
}
