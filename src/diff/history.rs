//! A step's history: the state before it, and every change that the watches saw since, in the order in which the API
//! server made them (resourceVersion). Nothing is sampled: a field that went away and came back is in here twice.

use crate::snapshot::{ObjectKey, Snapshot};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// What a watch event says happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The object came to be.
    Added,
    /// The object was written.
    Modified,
    /// The object went away; the event carries its last state.
    Deleted,
}

/// One watch event.
#[derive(Debug, Clone)]
pub struct Change {
    /// When it arrived.
    pub at: Timestamp,
    /// What happened.
    pub kind: ChangeKind,
    /// To which object.
    pub key: ObjectKey,
    /// Its new state; the last one where it was deleted.
    pub object: Arc<Value>,
    /// The version that the write made.
    pub resource_version: u64,
}

impl Change {
    /// A change from a watch event's object; `None` where that is no API object.
    pub fn new(at: Timestamp, kind: ChangeKind, object: Value) -> Option<Self> {
        let key = ObjectKey::of(&object)?;
        let resource_version = object["metadata"]["resourceVersion"].as_str().and_then(|v| v.parse().ok()).unwrap_or(0);
        Some(Self { at, kind, key, object: Arc::new(object), resource_version })
    }
}

/// The state before a step, and all that happened since.
#[derive(Debug, Clone, Default)]
pub struct History {
    before: Snapshot,
    events: Vec<Change>,
    states: OnceLock<Vec<Snapshot>>,
}

impl History {
    /// A history from the watch events of a step; they are put in order of resourceVersion.
    pub fn new(before: Snapshot, mut events: Vec<Change>) -> Self {
        events.sort_by_key(|e| e.resource_version);
        Self { before, events, states: OnceLock::new() }
    }

    /// The state before the step's first command.
    pub fn before(&self) -> &Snapshot {
        &self.before
    }

    /// Every change since, in order.
    pub fn events(&self) -> &[Change] {
        &self.events
    }

    /// Adds changes as they arrive; order is restored where two watches raced.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Change>) {
        self.events.extend(more);
        self.events.sort_by_key(|e| e.resource_version);
        self.states = OnceLock::new();
    }

    /// Every state that the cluster went through: the one before, and one after each change. Never empty.
    pub fn states(&self) -> &[Snapshot] {
        self.states.get_or_init(|| {
            let mut states = Vec::with_capacity(self.events.len() + 1);
            let mut at = self.before.clone();
            states.push(at.clone());
            for change in &self.events {
                match change.kind {
                    ChangeKind::Deleted => {
                        at.remove(&change.key);
                    }
                    _ => at.insert(change.key.clone(), change.object.clone()),
                }
                states.push(at.clone());
            }
            states
        })
    }

    /// The state after the last change.
    pub fn after(&self) -> &Snapshot {
        self.states().last().unwrap_or(&self.before)
    }

    /// When the state of this index (see [`History::states`]) began; `None` for the one before.
    pub fn at(&self, state: usize) -> Option<Timestamp> {
        state.checked_sub(1).and_then(|i| self.events.get(i)).map(|e| e.at)
    }
}
