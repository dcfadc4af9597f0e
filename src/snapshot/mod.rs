//! The state of the watched cluster at a moment, and the questions asked of one: which objects of a kind, which are
//! owned by whom, which Pods a Service selects, where it sends traffic. Pure; knows nothing of time (see [`crate::diff`]).

mod key;
pub mod path;
mod relations;
pub mod selector;

pub use key::ObjectKey;
pub use relations::{condition, condition_is_true};

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All watched objects at one moment. Cheap to clone: objects are shared.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    objects: BTreeMap<Arc<ObjectKey>, Arc<Value>>,
}

impl Snapshot {
    /// A snapshot of these objects. What has no kind or name is left out: it is not an API object.
    pub fn from_objects(objects: impl IntoIterator<Item = Value>) -> Self {
        let mut snapshot = Self::default();
        for object in objects {
            if let Some(key) = ObjectKey::of(&object) {
                snapshot.insert(key, Arc::new(object));
            }
        }
        snapshot
    }

    /// Puts an object in, in place of the one of the same key.
    pub fn insert(&mut self, key: ObjectKey, object: Arc<Value>) {
        self.objects.insert(Arc::new(key), object);
    }

    /// Takes an object out; it is returned if it was there.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<Arc<Value>> {
        self.objects.remove(key)
    }

    /// The object of this key.
    pub fn get(&self, key: &ObjectKey) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    /// Is there an object of this key?
    pub fn contains(&self, key: &ObjectKey) -> bool {
        self.objects.contains_key(key)
    }

    /// All objects, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &Arc<Value>)> {
        self.objects.iter().map(|(k, v)| (k.as_ref(), v))
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Is there no object at all?
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The objects of a kind; in one namespace, or in all where `namespace` is `None`. Objects without a namespace
    /// (Nodes, PersistentVolumes) are found whichever namespace is asked for.
    pub fn of_kind<'s, 'k>(
        &'s self,
        kind: &'k str,
        namespace: Option<&'k str>,
    ) -> impl Iterator<Item = (&'s ObjectKey, &'s Arc<Value>)> + use<'s, 'k> {
        self.iter().filter(move |(k, _)| {
            k.kind == kind
                && match (namespace, &k.namespace) {
                    (Some(wanted), Some(has)) => wanted == has,
                    _ => true,
                }
        })
    }

    /// The object of this kind and name in this namespace (or in none, for kinds that have none).
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<(&ObjectKey, &Arc<Value>)> {
        self.of_kind(kind, Some(namespace)).find(|(k, _)| k.name == name)
    }

    /// The object with this uid.
    pub fn by_uid(&self, uid: &str) -> Option<(&ObjectKey, &Arc<Value>)> {
        self.iter().find(|(_, o)| path::text(o, "metadata.uid") == Some(uid))
    }
}
