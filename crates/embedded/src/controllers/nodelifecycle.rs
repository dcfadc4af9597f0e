//! Taints of nodes that follow from their conditions and from `kubectl cordon`: pkg/controller/nodelifecycle.
//!
//! Upstream also watches whether kubelets go silent; those of this cluster live and die with it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    harness::{Controller, Error, Key, resources},
    object::{flag, items, map_mut, name, text},
};
use crate::{apiserver::Api, storage::Event};

/// The conditions of a node, the status at which they count, and the taint that stands for them.
const CONDITION_TAINTS: &[(&str, &str, &str)] = &[
    ("Ready", "False", "node.kubernetes.io/not-ready"),
    ("Ready", "Unknown", "node.kubernetes.io/unreachable"),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// Taints that also end the pods which are there.
const EVICTING: &[&str] = &["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/// The controller of taints.
pub struct NodeLifecycleController {
    api: Api,
}

impl NodeLifecycleController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "node-controller") }
    }
}

/// Key and effect of the taints that a node should have from here.
fn wanted_taints(node: &Value) -> Vec<(&'static str, &'static str)> {
    let holds = |kind: &str, status: &str| {
        items(node, "status.conditions")
            .iter()
            .any(|condition| condition["type"] == kind && condition["status"] == status)
    };
    let mut wanted = Vec::new();
    for (kind, status, key) in CONDITION_TAINTS {
        if holds(kind, status) {
            wanted.push((*key, "NoSchedule"));
            if EVICTING.contains(key) {
                wanted.push((*key, "NoExecute"));
            }
        }
    }
    if flag(node, "spec.unschedulable") {
        wanted.push((UNSCHEDULABLE, "NoSchedule"));
    }
    wanted
}

/// Whether a taint is one that this controller sets and removes.
fn is_ours(taint: &Value) -> bool {
    let (key, effect) = (text(taint, "key"), text(taint, "effect"));
    let of_condition = CONDITION_TAINTS.iter().any(|(_, _, known)| *known == key);
    match effect {
        "NoSchedule" => of_condition || key == UNSCHEDULABLE,
        "NoExecute" => EVICTING.contains(&key),
        _ => false,
    }
}

impl Controller for NodeLifecycleController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["nodes"])
    }

    fn keys(&mut self, _resource: &str, event: &Event) -> Vec<Key> {
        vec![Key::of(&event.object)]
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(node) = self.api.get("nodes", "", &key.name) else {
            return Ok(None);
        };
        let wanted = wanted_taints(&node);
        let is_wanted = |taint: &Value| wanted.contains(&(text(taint, "key"), text(taint, "effect")));
        let known = items(&node, "spec.taints");
        let is_known =
            |(key, effect): &(&str, &str)| known.iter().any(|taint| taint["key"] == *key && taint["effect"] == *effect);
        let now = self.api.clock().rfc3339();
        let missing: Vec<Value> = wanted
            .iter()
            .filter(|taint| !is_known(taint))
            .map(|(key, effect)| json!({"key": key, "effect": effect, "timeAdded": now}))
            .collect();
        if missing.is_empty() && known.iter().all(|taint| !is_ours(taint) || is_wanted(taint)) {
            return Ok(None);
        }
        self.api.modify("nodes", "", name(&node), |node| {
            let spec = map_mut(node, "spec");
            let mut taints: Vec<Value> = spec.get("taints").and_then(Value::as_array).cloned().unwrap_or_default();
            taints.retain(|taint| !is_ours(taint) || is_wanted(taint));
            taints.extend(missing.iter().cloned());
            if taints.is_empty() {
                spec.remove("taints");
            } else {
                spec.insert("taints".to_owned(), Value::Array(taints));
            }
        })?;
        Ok(None)
    }
}
