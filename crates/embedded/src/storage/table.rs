//! The objects of one resource, and what happened to them.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    task::Waker,
};

use super::{Event, EventType, Key, Object};

/// The objects of one resource, and the newest events of their history.
#[derive(Debug, Default)]
pub struct Table {
    objects: BTreeMap<Key, Object>,
    log: VecDeque<Event>,
    /// The revision of the newest event that the log no longer holds.
    compacted: u64,
    next_watch: u64,
    /// Watches in the order of their opening: they are woken in that order, which keeps a paused runtime deterministic.
    waiting: BTreeMap<u64, Waker>,
}

impl Table {
    /// One object.
    pub fn get(&self, namespace: &str, name: &str) -> Option<&Object> {
        // A borrowed pair is no `Key`; two short strings are cheaper than a map of maps.
        self.objects.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// The objects in order of namespace and name, of one namespace or of all.
    pub fn list<'a>(&'a self, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> + use<'a> {
        let start = match namespace {
            Some(namespace) => Bound::Included((namespace.to_owned(), String::new())),
            None => Bound::Unbounded,
        };
        self.objects
            .range((start, Bound::Unbounded))
            .take_while(move |(key, _)| namespace.is_none_or(|namespace| key.0 == namespace))
            .map(|(_, object)| object)
    }

    /// The objects as they were at `revision`; `None` when the log does not reach back that far.
    pub fn at(&self, revision: u64) -> Option<BTreeMap<Key, Object>> {
        if revision < self.compacted {
            return None;
        }
        let mut objects = self.objects.clone();
        for event in self.log.iter().rev().take_while(|event| event.revision > revision) {
            let key = key_of(&event.object);
            match &event.previous {
                Some(previous) => objects.insert(key, previous.clone()),
                None => objects.remove(&key),
            };
        }
        Some(objects)
    }

    /// The revision up to which history is forgotten.
    pub fn compacted(&self) -> u64 {
        self.compacted
    }

    pub(super) fn put(&mut self, key: &Key, object: Object, revision: u64, window: usize) {
        let previous = self.objects.insert(key.clone(), object.clone());
        let kind = if previous.is_some() { EventType::Modified } else { EventType::Added };
        self.record(Event { kind, object, previous, revision }, window);
    }

    pub(super) fn remove(&mut self, key: &Key, last: Object, previous: Object, revision: u64, window: usize) {
        self.objects.remove(key);
        self.record(Event { kind: EventType::Deleted, object: last, previous: Some(previous), revision }, window);
    }

    fn record(&mut self, event: Event, window: usize) {
        self.log.push_back(event);
        while self.log.len() > window {
            if let Some(forgotten) = self.log.pop_front() {
                self.compacted = forgotten.revision;
            }
        }
        for waker in std::mem::take(&mut self.waiting).into_values() {
            waker.wake();
        }
    }

    /// The first event after `revision` (in the namespace, if one is given); `Err` when it may be forgotten.
    pub(super) fn next_after(&self, revision: u64, namespace: Option<&str>) -> Result<Option<&Event>, u64> {
        if revision < self.compacted {
            return Err(self.compacted);
        }
        let from = self.log.partition_point(|event| event.revision <= revision);
        Ok(self.log.range(from..).find(|event| {
            namespace.is_none_or(|namespace| event.object["metadata"]["namespace"].as_str() == Some(namespace))
        }))
    }

    pub(super) fn new_watch(&mut self) -> u64 {
        self.next_watch += 1;
        self.next_watch
    }

    pub(super) fn wait(&mut self, watch: u64, waker: Waker) {
        self.waiting.insert(watch, waker);
    }

    pub(super) fn stop_waiting(&mut self, watch: u64) {
        self.waiting.remove(&watch);
    }
}

fn key_of(object: &Object) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    (text("namespace"), text("name"))
}
