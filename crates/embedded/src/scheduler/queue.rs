//! Pods that wait for a node: pkg/scheduler/backend/queue.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::filters::volumes::claim_names;
use crate::{
    clock::Clock,
    controllers::{
        harness::Key,
        object::{at, count, deleting, items, labels, text},
        pod::is_terminal,
    },
    storage::{Event, EventType},
};

/// A pod that fits nowhere is tried again after this time, whatever happened or did not.
const FLUSH_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Pods that wait for a node. Those of a higher priority come first, then those that wait longer.
#[derive(Debug)]
pub struct SchedulingQueue {
    clock: Clock,
    pods: BTreeMap<Key, Waiting>,
    turns: u64,
}

#[derive(Debug)]
struct Waiting {
    priority: i64,
    uses_claims: bool,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// It is its turn; the number says since when.
    Active(u64),
    /// It fitted nowhere, because of these plugins.
    Unschedulable { since: Timestamp, plugins: BTreeSet<&'static str> },
    /// Somebody holds it back.
    Gated,
}

impl SchedulingQueue {
    /// An empty queue.
    pub fn new(clock: Clock) -> Self {
        Self { clock, pods: BTreeMap::new(), turns: 0 }
    }

    /// Whether the pod waits.
    pub fn knows(&self, key: &Key) -> bool {
        self.pods.contains_key(key)
    }

    /// The pod need not wait any more.
    pub fn remove(&mut self, key: &Key) {
        self.pods.remove(key);
    }

    /// Takes in what happened to a pod that waits.
    pub fn update(&mut self, event: &Event) {
        let (key, pod) = (Key::of(&event.object), &event.object);
        if event.kind == EventType::Deleted
            || deleting(pod)
            || is_terminal(pod)
            || !text(pod, "spec.nodeName").is_empty()
        {
            self.remove(&key);
            return;
        }
        let same = |path: &str| event.previous.as_ref().is_some_and(|before| at(before, path) == at(pod, path));
        if self.knows(&key) && same("spec") && same("metadata.labels") {
            return;
        }
        let gated = !items(pod, "spec.schedulingGates").is_empty();
        let state = if gated { State::Gated } else { self.next_turn() };
        let waiting =
            Waiting { priority: count(pod, "spec.priority"), uses_claims: !claim_names(pod).is_empty(), state };
        self.pods.insert(key, waiting);
    }

    /// Puts a pod aside that fits nowhere.
    pub fn put_aside(&mut self, key: &Key, plugins: BTreeSet<&'static str>) {
        let since = self.clock.now();
        if let Some(waiting) = self.pods.get_mut(key) {
            waiting.state = State::Unschedulable { since, plugins };
        }
    }

    /// Brings back those pods that may fit after this event: the queueing hints of the plugins.
    pub fn move_pods(&mut self, resource: &str, event: &Event) {
        let changes = changes(resource, event);
        let helped: Vec<Key> = self
            .pods
            .iter()
            .filter(|(_, waiting)| match &waiting.state {
                State::Unschedulable { plugins, .. } => {
                    plugins.is_empty() && resource == "nodes"
                        || plugins.iter().any(|plugin| changes.contains(plugin))
                        || waiting.uses_claims && changes.contains(&"VolumeBinding")
                }
                _ => false,
            })
            .map(|(key, _)| key.clone())
            .collect();
        self.activate(helped);
    }

    fn activate(&mut self, keys: Vec<Key>) {
        for key in keys {
            let state = self.next_turn();
            if let Some(waiting) = self.pods.get_mut(&key) {
                waiting.state = state;
            }
        }
    }

    fn next_turn(&mut self) -> State {
        self.turns += 1;
        State::Active(self.turns)
    }

    /// The pod whose turn it is.
    pub fn pop(&mut self) -> Option<Key> {
        let now = self.clock.now();
        let overdue = self.pods.iter().filter(|(_, waiting)| waiting.flush_at().is_some_and(|at| at <= now));
        let overdue: Vec<Key> = overdue.map(|(key, _)| key.clone()).collect();
        self.activate(overdue);
        let turn = |waiting: &Waiting| match waiting.state {
            State::Active(turn) => Some((-waiting.priority, turn)),
            _ => None,
        };
        let (_, key) = self.pods.iter().filter_map(|(key, waiting)| Some((turn(waiting)?, key.clone()))).min()?;
        if let Some(waiting) = self.pods.get_mut(&key) {
            // Until something is said of it: it was bound, or it was put aside.
            waiting.state = State::Unschedulable { since: now, plugins: BTreeSet::new() };
        }
        Some(key)
    }

    /// Waits until it is some pod's turn. It may be cancelled at any time.
    pub async fn wait(&self) {
        if self.pods.values().any(|waiting| matches!(waiting.state, State::Active(_))) {
            return;
        }
        match self.pods.values().filter_map(Waiting::flush_at).min() {
            None => std::future::pending().await,
            Some(at) => {
                let left = Duration::try_from(at.duration_since(self.clock.now())).unwrap_or_default();
                self.clock.sleep(left).await;
            }
        }
    }
}

impl Waiting {
    fn flush_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Unschedulable { since, .. } => Some(*since + FLUSH_AFTER),
            _ => None,
        }
    }
}

/// The plugins that may decide otherwise after an event.
fn changes(resource: &str, event: &Event) -> Vec<&'static str> {
    let changed = |path: &str| event.previous.as_ref().is_none_or(|before| at(before, path) != at(&event.object, path));
    match (resource, event.kind) {
        ("nodes", EventType::Added) => ALL.to_vec(),
        ("nodes", EventType::Modified) => {
            let mut plugins = Vec::new();
            if changed("status.allocatable") {
                plugins.push("NodeResourcesFit");
            }
            if changed("metadata.labels") {
                plugins.extend(["NodeAffinity", "PodTopologySpread", "InterPodAffinity", "VolumeBinding"]);
            }
            if changed("spec") {
                plugins.extend(["TaintToleration", "NodeUnschedulable"]);
            }
            plugins
        }
        ("nodes", EventType::Deleted) => vec!["PodTopologySpread"],
        ("pods", kind) => {
            if text(&event.object, "spec.nodeName").is_empty() {
                return Vec::new();
            }
            let was = |test: fn(&Value) -> bool| event.previous.as_ref().is_some_and(|before| test(before));
            if kind == EventType::Deleted || is_terminal(&event.object) && !was(is_terminal) {
                return vec!["NodeResourcesFit", "NodePorts", "PodTopologySpread", "InterPodAffinity", "VolumeBinding"];
            }
            let before = event.previous.as_ref().map(|before| labels(before));
            let appeared = event.previous.as_ref().is_none_or(|before| text(before, "spec.nodeName").is_empty());
            if appeared || before != Some(labels(&event.object)) {
                return vec!["PodTopologySpread", "InterPodAffinity"];
            }
            Vec::new()
        }
        _ => vec!["VolumeBinding"],
    }
}

/// All plugins that filter nodes.
const ALL: &[&str] = &[
    "NodeUnschedulable",
    "NodeName",
    "TaintToleration",
    "NodeAffinity",
    "NodePorts",
    "NodeResourcesFit",
    "VolumeBinding",
    "PodTopologySpread",
    "InterPodAffinity",
];
