//! Versioned objects in memory: one revision counter for all, a log of what happened a resource, watches that read that log.
//!
//! A watch never misses an event: it does not receive events, it reads the log from the revision that it has seen. When the log
//! no longer reaches back that far, it is told so (410 Expired), as etcd's compaction does to the API server.

mod table;
mod watch;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

pub use table::Table;
pub use watch::{Expired, Watch};

/// A stored object. It is never changed in place: a write stores another one.
pub type Object = Arc<Value>;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// It was created.
    Added,
    /// It was changed.
    Modified,
    /// It was removed; the event's object is its last state, at the revision of the removal.
    Deleted,
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventType,
    /// The object after it happened.
    pub object: Object,
    /// The object before, unless it was created.
    pub previous: Option<Object>,
    /// The revision of this event, which is the object's resourceVersion.
    pub revision: u64,
}

/// Where an object stands: its namespace (empty when cluster-scoped) and its name.
pub type Key = (String, String);

/// How many events the log of each resource keeps.
pub const WINDOW: usize = 16_384;

/// All objects of a cluster. Clones share them.
#[derive(Clone, Debug)]
pub struct Storage {
    inner: Arc<Mutex<Tables>>,
}

/// The tables behind the lock: what a transaction sees and changes.
#[derive(Debug)]
pub struct Tables {
    revision: u64,
    window: usize,
    tables: BTreeMap<String, Table>,
}

impl Default for Storage {
    fn default() -> Self {
        Self::with_window(WINDOW)
    }
}

impl Storage {
    /// A storage whose logs keep `window` events a resource.
    pub fn with_window(window: usize) -> Self {
        let tables = Tables { revision: 0, window, tables: BTreeMap::new() };
        Self { inner: Arc::new(Mutex::new(tables)) }
    }

    /// Begins a transaction: nobody else reads or writes until the guard is dropped. Never hold it over an `await`.
    pub fn lock(&self) -> MutexGuard<'_, Tables> {
        // A panic in another thread cannot leave a table half-written: every write is one insertion of a finished object.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a resource, in one namespace or (`None`) in all, from after `revision`.
    pub fn watch(&self, resource: &str, namespace: Option<&str>, revision: u64) -> Result<Watch, Expired> {
        Watch::open(self, resource, namespace, revision)
    }
}

impl Tables {
    /// The revision of the newest write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The table of a resource; an unknown one is empty.
    pub fn table(&self, resource: &str) -> Option<&Table> {
        self.tables.get(resource)
    }

    pub(crate) fn table_mut(&mut self, resource: &str) -> &mut Table {
        if !self.tables.contains_key(resource) {
            self.tables.insert(resource.to_owned(), Table::default());
        }
        self.tables.get_mut(resource).expect("it was inserted just now")
    }

    /// One object.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<&Object> {
        self.table(resource)?.get(namespace, name)
    }

    /// The objects of a resource in order of namespace and name.
    pub fn list<'a>(
        &'a self,
        resource: &str,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.table(resource).into_iter().flat_map(move |table| table.list(namespace))
    }

    /// Creates or replaces an object, which gets the next revision as its resourceVersion.
    pub fn put(&mut self, resource: &str, key: &Key, mut object: Value) -> Object {
        self.revision += 1;
        stamp(&mut object, self.revision);
        let (revision, window) = (self.revision, self.window);
        let object = Arc::new(object);
        self.table_mut(resource).put(key, object.clone(), revision, window);
        object
    }

    /// Removes an object; its last state is returned, at the revision of the removal.
    pub fn remove(&mut self, resource: &str, key: &Key) -> Option<Object> {
        let previous = self.get(resource, &key.0, &key.1)?.clone();
        self.revision += 1;
        let mut last = Value::clone(&previous);
        stamp(&mut last, self.revision);
        let (revision, window) = (self.revision, self.window);
        let last = Arc::new(last);
        self.table_mut(resource).remove(key, last.clone(), previous, revision, window);
        Some(last)
    }
}

fn stamp(object: &mut Value, revision: u64) {
    object["metadata"]["resourceVersion"] = Value::String(revision.to_string());
}
