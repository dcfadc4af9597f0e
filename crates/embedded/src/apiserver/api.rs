//! The API in process: everything that HTTP does after authentication, for callers that need no socket.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use apimachinery::selector::LabelSelector;
use serde_json::Value;

use super::{NodeAgent, Status, WriteOptions};
use crate::{
    clock::Clock,
    entropy::Entropy,
    registry::{Context, Registry, Resource},
    storage::{Event, EventType, Object, Storage, Tables, Watch},
};

/// The API of a cluster, as one caller sees it. Cheap to clone; clones share the cluster.
///
/// A resource is named by its plural and its group: `pods`, `deployments.apps`. The namespace of cluster-scoped objects is `""`.
#[derive(Clone)]
pub struct Api {
    pub(super) inner: Arc<Inner>,
    user: Arc<str>,
    manager: Arc<str>,
}

pub(super) struct Inner {
    pub(super) storage: Storage,
    pub(super) registry: Registry,
    clock: Clock,
    entropy: Entropy,
    agents: Mutex<BTreeMap<String, Arc<dyn NodeAgent>>>,
}

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// With what happens from now on.
    Now,
    /// With what happened after this revision.
    Revision(u64),
    /// With an `Added` event for each object that is there, then with what happens from now on.
    InitialEvents,
}

impl Api {
    /// An API over an empty storage, with the resources of `registry`.
    pub fn new(storage: Storage, registry: Registry, clock: Clock, entropy: Entropy) -> Self {
        let inner = Inner { storage, registry, clock, entropy, agents: Mutex::default() };
        Self { inner: Arc::new(inner), user: "system:admin".into(), manager: "kube-apiserver".into() }
    }

    /// The same API for another caller: `manager` is the name in managedFields, such as `kubelet`.
    pub fn as_caller(&self, user: &str, manager: &str) -> Self {
        Self { inner: self.inner.clone(), user: user.into(), manager: manager.into() }
    }

    /// The caller's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The caller's name as a manager of fields.
    pub fn manager(&self) -> &str {
        &self.manager
    }

    /// The cluster's clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The cluster's randomness.
    pub fn entropy(&self) -> &Entropy {
        &self.inner.entropy
    }

    /// The resources that the cluster has.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The storage below.
    pub fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    /// Names the agent of a node, which gets the requests for the node's pods.
    pub fn set_node_agent(&self, node: &str, agent: Arc<dyn NodeAgent>) {
        self.agents().insert(node.to_owned(), agent);
    }

    /// The agent of a node.
    pub fn node_agent(&self, node: &str) -> Option<Arc<dyn NodeAgent>> {
        self.agents().get(node).cloned()
    }

    fn agents(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<dyn NodeAgent>>> {
        self.inner.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One object, or NotFound.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Result<Object, Status> {
        let resource = self.resource(resource)?;
        self.inner
            .storage
            .lock()
            .get(&resource.key(), namespace, name)
            .cloned()
            .ok_or_else(|| Status::not_found(&resource.group_resource(), name))
    }

    /// The objects of a resource in order of namespace and name, in one namespace or (`None`) in all.
    pub fn list(&self, resource: &str, namespace: Option<&str>) -> Vec<Object> {
        self.inner.storage.lock().list(resource, namespace).cloned().collect()
    }

    /// The objects of [`Api::list`] whose labels the selector chooses.
    pub fn list_selected(&self, resource: &str, namespace: Option<&str>, selector: &LabelSelector) -> Vec<Object> {
        let tables = self.inner.storage.lock();
        tables.list(resource, namespace).filter(|object| selector.matches_object(object)).cloned().collect()
    }

    /// The revision of the newest write.
    pub fn revision(&self) -> u64 {
        self.inner.storage.lock().revision()
    }

    /// Watches a resource, in one namespace or (`None`) in all. Fails with Expired when history does not reach back that far.
    pub fn watch(&self, resource: &str, namespace: Option<&str>, since: Since) -> Result<Watch, Status> {
        let key = self.resource(resource)?.key();
        let storage = &self.inner.storage;
        let (revision, initial) = {
            let tables = storage.lock();
            match since {
                Since::Revision(revision) => (revision, Vec::new()),
                Since::Now => (tables.revision(), Vec::new()),
                Since::InitialEvents => (tables.revision(), initial_events(&tables, &key, namespace)),
            }
        };
        match storage.watch(&key, namespace, revision) {
            Ok(watch) => Ok(watch.after(initial)),
            Err(expired) => Err(Status::expired(expired.to_string())),
        }
    }

    pub(super) fn resource(&self, key: &str) -> Result<&Resource, Status> {
        self.inner.registry.get(key).ok_or_else(Status::unknown_path)
    }

    pub(super) fn context<'a>(
        &'a self,
        tables: &'a Tables,
        warnings: &'a RefCell<Vec<String>>,
        dry_run: bool,
    ) -> Context<'a> {
        Context { dry_run, tables, clock: &self.inner.clock, entropy: &self.inner.entropy, warnings }
    }

    pub(super) fn manager_of<'a>(&'a self, options: &'a WriteOptions) -> &'a str {
        options.manager.as_deref().unwrap_or(&self.manager)
    }
}

fn initial_events(tables: &Tables, resource: &str, namespace: Option<&str>) -> Vec<Event> {
    let event = |object: &Object| Event {
        kind: EventType::Added,
        object: object.clone(),
        previous: None,
        revision: revision_of(object),
    };
    tables.list(resource, namespace).map(event).collect()
}

/// The revision at which an object was written; 0 when it has none.
pub(super) fn revision_of(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}
