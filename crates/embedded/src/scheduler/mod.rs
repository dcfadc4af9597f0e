//! The scheduler: which node a pod runs on (pkg/scheduler).
//!
//! One pod at a time: [`filters`] say which nodes it can run on, [`scores`] which of them is the best, and it is bound to that. A
//! pod that fits nowhere waits in the [`queue`] until something happens that could make it fit.

mod failure;
pub mod filters;
mod queue;
pub mod resources;
mod scores;
mod snapshot;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::{
    failure::Failure,
    filters::{Cycle, check, volumes},
    queue::SchedulingQueue,
    snapshot::NodeInfo,
};
use crate::{
    apiserver::Api,
    controllers::{
        events_v1::SeriesRecorder,
        harness::{Key, Watches},
        object::{condition, items, map_mut, name, namespace, text},
    },
    storage::{Event, Object},
};

/// The name by which pods ask for this scheduler.
const NAME: &str = "default-scheduler";

/// Starts the scheduler.
pub fn start(api: &Api, tasks: &mut JoinSet<()>) {
    let api = api.as_caller("system:kube-scheduler", "kube-scheduler");
    let recorder = SeriesRecorder::new(&api, NAME, "node-1");
    let queue = SchedulingQueue::new(*api.clock());
    tasks.spawn(Scheduler { api, recorder, queue }.run());
}

struct Scheduler {
    api: Api,
    recorder: SeriesRecorder,
    queue: SchedulingQueue,
}

impl Scheduler {
    async fn run(mut self) {
        let names = ["nodes", "pods", "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"];
        let mut watches = Watches::new(&self.api, names);
        loop {
            tokio::select! {
                biased;
                (resource, event) = watches.next() => self.observe(&resource, &event),
                () = self.queue.wait() => {
                    if let Some(key) = self.queue.pop() {
                        self.schedule(&key);
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    fn observe(&mut self, resource: &str, event: &Event) {
        if resource == "pods" && self.is_mine(event) {
            self.queue.update(event);
            if !items(&event.object, "spec.schedulingGates").is_empty() {
                self.mark_as_gated(&event.object);
            }
        }
        self.queue.move_pods(resource, event);
    }

    /// Whether a pod is one that waits for this scheduler, or was until now.
    fn is_mine(&self, event: &Event) -> bool {
        text(&event.object, "spec.schedulerName") == NAME && text(&event.object, "spec.nodeName").is_empty()
            || event.previous.is_some() && self.queue.knows(&Key::of(&event.object))
    }

    fn schedule(&mut self, key: &Key) {
        let Ok(pod) = self.api.get("pods", &key.namespace, &key.name) else {
            return;
        };
        if !text(&pod, "spec.nodeName").is_empty() || crate::controllers::object::deleting(&pod) {
            return;
        }
        let nodes = snapshot::take(&self.api);
        match self.find_node(&pod, &nodes) {
            Ok(node) => self.bind(&pod, &node),
            Err(failure) => self.reject(key, &pod, &failure),
        }
    }

    /// The best node for a pod.
    fn find_node(&self, pod: &Value, nodes: &[NodeInfo]) -> Result<String, Failure> {
        let cycle = Cycle { pod, nodes, api: &self.api };
        if nodes.is_empty() {
            return Err(Failure::no_nodes());
        }
        if let Err(reason) = volumes::prefilter(&cycle) {
            return Err(Failure::before_filters(nodes.len(), &reason));
        }
        let verdicts: Vec<_> = nodes.iter().map(|node| check(&cycle, node)).collect();
        let feasible: Vec<&NodeInfo> =
            nodes.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_ok()).map(|(node, _)| node).collect();
        if feasible.is_empty() {
            let never = pod["spec"]["preemptionPolicy"] == "Never";
            return Err(Failure::of_filters(verdicts.into_iter().filter_map(Result::err).collect(), never));
        }
        let scores = scores::scores(&cycle, &feasible);
        let best = scores.iter().max().copied().unwrap_or(0);
        let winners: Vec<&NodeInfo> =
            feasible.iter().zip(&scores).filter(|(_, score)| **score == best).map(|(node, _)| *node).collect();
        // Upstream, too, draws lots among equals.
        let drawn = if winners.len() > 1 { self.api.entropy().below(winners.len() as u64) as usize } else { 0 };
        Ok(winners[drawn].name().to_owned())
    }

    fn bind(&mut self, pod: &Object, node: &str) {
        let (place, pod_name) = (namespace(pod), name(pod));
        if self.api.bind(place, pod_name, node).is_ok() {
            let note = format!("Successfully assigned {place}/{pod_name} to {node}");
            self.recorder.event(pod, "Normal", "Scheduled", "Binding", &note);
        }
        self.queue.remove(&Key::of(pod));
    }

    /// Says why a pod fits nowhere, and puts it aside.
    fn reject(&mut self, key: &Key, pod: &Value, failure: &Failure) {
        self.queue.put_aside(key, failure.plugins.clone());
        self.recorder.event(pod, "Warning", "FailedScheduling", "Scheduling", &failure.message);
        let generation = pod["metadata"]["generation"].clone();
        self.set_condition(pod, "Unschedulable", &failure.message, Some(generation));
    }

    fn mark_as_gated(&self, pod: &Value) {
        self.set_condition(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", None);
    }

    /// Sets the condition PodScheduled to false, unless it says so already.
    fn set_condition(&self, pod: &Value, reason: &str, message: &str, generation: Option<Value>) {
        let known = condition(pod, "PodScheduled");
        if known
            .is_some_and(|known| known["status"] == "False" && known["reason"] == reason && known["message"] == message)
        {
            return;
        }
        let mut condition = json!({
            "type": "PodScheduled", "status": "False", "reason": reason, "message": message,
            "lastProbeTime": null, "lastTransitionTime": self.api.clock().rfc3339(),
        });
        if let Some(known) = known.filter(|known| known["status"] == "False") {
            condition["lastTransitionTime"] = known["lastTransitionTime"].clone();
        }
        if let Some(generation) = generation.filter(|generation| !generation.is_null()) {
            condition["observedGeneration"] = generation;
        }
        // The pod may be gone by now.
        let _ = self.api.modify_status("pods", namespace(pod), name(pod), |pod| {
            let conditions = map_mut(pod, "status").entry("conditions").or_insert_with(|| json!([]));
            if let Some(conditions) = conditions.as_array_mut() {
                conditions.retain(|other| other["type"] != "PodScheduled");
                conditions.push(condition.clone());
            }
        });
    }
}
