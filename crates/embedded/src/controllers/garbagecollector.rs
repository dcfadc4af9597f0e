//! What becomes of objects whose owners go: pkg/controller/garbagecollector.
//!
//! The graph of owners and dependents is kept by uid from the events of all resources; what to do with an object is decided by
//! its state in the API at that moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    harness::{Controller, Error},
    object::{deleting, flag, items, map_mut, name, namespace, text, uid},
    owner::remove_owner,
};
use crate::{
    apiserver::{Api, DeleteOptions, Propagation},
    storage::{Event, EventType, Object},
};

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Look whether the object with this uid is to be deleted, or may go now.
    Delete(String),
    /// Let go of the dependents of the object with this uid.
    Orphan(String),
}

/// Where the object with a uid stands, and the uids of its owners.
#[derive(Clone, Debug)]
struct Node {
    resource: String,
    namespace: String,
    name: String,
    owners: BTreeMap<String, bool>,
    deletes_dependents: bool,
}

/// The garbage collector.
pub struct GarbageCollector {
    api: Api,
    nodes: BTreeMap<String, Node>,
    dependents: BTreeMap<String, BTreeSet<String>>,
}

impl GarbageCollector {
    /// A collector.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "generic-garbage-collector");
        Self { api, nodes: BTreeMap::new(), dependents: BTreeMap::new() }
    }

    fn learn(&mut self, resource: &str, object: &Value) -> Option<Node> {
        let owner =
            |reference: &Value| Some((reference["uid"].as_str()?.to_owned(), flag(reference, "blockOwnerDeletion")));
        let node = Node {
            resource: resource.to_owned(),
            namespace: namespace(object).to_owned(),
            name: name(object).to_owned(),
            owners: items(object, "metadata.ownerReferences").iter().filter_map(owner).collect(),
            deletes_dependents: deleting(object) && has_finalizer(object, FOREGROUND),
        };
        let before = self.nodes.insert(uid(object).to_owned(), node.clone());
        for gone in
            before.iter().flat_map(|before| before.owners.keys()).filter(|owner| !node.owners.contains_key(*owner))
        {
            if let Some(dependents) = self.dependents.get_mut(gone) {
                dependents.remove(uid(object));
            }
        }
        for owner in node.owners.keys() {
            self.dependents.entry(owner.clone()).or_default().insert(uid(object).to_owned());
        }
        before
    }

    fn forget(&mut self, object: &Value) -> Option<Node> {
        let node = self.nodes.remove(uid(object))?;
        for owner in node.owners.keys() {
            if let Some(dependents) = self.dependents.get_mut(owner) {
                dependents.remove(uid(object));
                if dependents.is_empty() {
                    self.dependents.remove(owner);
                }
            }
        }
        Some(node)
    }

    fn dependents_of(&self, uid: &str) -> impl Iterator<Item = (&String, &Node)> {
        self.dependents.get(uid).into_iter().flatten().filter_map(|uid| self.nodes.get_key_value(uid))
    }

    /// Owners that wait for their dependents, and may have one less to wait for.
    fn waiting_owners<'a>(&'a self, owners: impl Iterator<Item = &'a String> + 'a) -> impl Iterator<Item = Work> + 'a {
        let waits = |owner: &&String| self.nodes.get(*owner).is_some_and(|node| node.deletes_dependents);
        owners.filter(waits).map(|owner| Work::Delete(owner.clone()))
    }

    fn live(&self, uid_of_object: &str) -> Option<(Node, Object)> {
        let node = self.nodes.get(uid_of_object)?.clone();
        let object = self.api.get(&node.resource, &node.namespace, &node.name).ok()?;
        (uid(&object) == uid_of_object).then_some((node, object))
    }

    /// The owner that a reference means, if it is there.
    fn owner(&self, dependent: &Value, reference: &Value) -> Lookup {
        let resource = self.api.registry().find_kind(text(reference, "apiVersion"), text(reference, "kind"));
        let Some(resource) = resource else {
            return Lookup::Unknown;
        };
        let place = if resource.namespaced { namespace(dependent) } else { "" };
        match self.api.get(&resource.key(), place, text(reference, "name")) {
            Ok(owner) if uid(&owner) == text(reference, "uid") => Lookup::Found(owner),
            _ => Lookup::Gone,
        }
    }

    /// `attemptToDeleteItem`.
    fn attempt_to_delete(&self, uid_of_object: &str) -> Result<(), Error> {
        let Some((node, object)) = self.live(uid_of_object) else {
            return Ok(());
        };
        if deleting(&object) && has_finalizer(&object, FOREGROUND) {
            return self.finish_foreground(&node, &object);
        }
        if deleting(&object) {
            return Ok(());
        }
        let (mut solid, mut gone, mut waiting) = (0, Vec::new(), Vec::new());
        for reference in items(&object, "metadata.ownerReferences") {
            match self.owner(&object, reference) {
                // A kind that this cluster does not have: nobody can tell whether the owner is there.
                Lookup::Unknown => return Ok(()),
                Lookup::Gone => gone.push(text(reference, "uid")),
                Lookup::Found(owner) if deleting(&owner) && has_finalizer(&owner, FOREGROUND) => {
                    waiting.push(text(reference, "uid"))
                }
                Lookup::Found(_) => solid += 1,
            }
        }
        if solid > 0 {
            gone.append(&mut waiting);
            return self.remove_owners(&node, &object, &gone);
        }
        if gone.is_empty() && waiting.is_empty() {
            return Ok(());
        }
        let has_dependents = self.dependents.get(uid_of_object).is_some_and(|dependents| !dependents.is_empty());
        let propagation = if !waiting.is_empty() && has_dependents {
            self.break_circle(&node, uid_of_object)?;
            Propagation::Foreground
        } else if has_finalizer(&object, ORPHAN) {
            Propagation::Orphan
        } else if has_finalizer(&object, FOREGROUND) {
            Propagation::Foreground
        } else {
            Propagation::Background
        };
        let options =
            DeleteOptions { propagation: Some(propagation), uid: Some(uid_of_object.to_owned()), ..Default::default() };
        match self.api.delete(&node.resource, &node.namespace, &node.name, &options) {
            Err(status) if !status.is_not_found() => Err(status.into()),
            _ => Ok(()),
        }
    }

    /// Where a dependent waits for its dependents as well, nobody blocks anybody: the two may own each other.
    fn break_circle(&self, node: &Node, uid_of_object: &str) -> Result<(), Error> {
        if !self.dependents_of(uid_of_object).any(|(_, dependent)| dependent.deletes_dependents) {
            return Ok(());
        }
        self.api.modify(&node.resource, &node.namespace, &node.name, |object| {
            for reference in map_mut(object, "metadata")
                .get_mut("ownerReferences")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if flag(reference, "blockOwnerDeletion") {
                    reference["blockOwnerDeletion"] = json!(false);
                }
            }
        })?;
        Ok(())
    }

    /// `processDeletingDependentsItem`: what blocks the owner goes first, then it may go.
    fn finish_foreground(&self, node: &Node, object: &Value) -> Result<(), Error> {
        let blocked =
            self.dependents_of(uid(object)).any(|(_, dependent)| dependent.owners.get(uid(object)) == Some(&true));
        if blocked { Ok(()) } else { self.remove_finalizer(node, FOREGROUND) }
    }

    /// `attemptToOrphanWorker`.
    fn orphan_dependents(&self, uid_of_object: &str) -> Result<(), Error> {
        let Some((node, _)) = self.live(uid_of_object) else {
            return Ok(());
        };
        for (_, dependent) in self.dependents_of(uid_of_object) {
            let released = self.api.modify(&dependent.resource, &dependent.namespace, &dependent.name, |object| {
                remove_owner(object, uid_of_object);
            });
            match released {
                Err(status) if !status.is_not_found() => return Err(status.into()),
                _ => {}
            }
        }
        self.remove_finalizer(&node, ORPHAN)
    }

    fn remove_finalizer(&self, node: &Node, finalizer: &str) -> Result<(), Error> {
        let removed = self.api.modify(&node.resource, &node.namespace, &node.name, |object| {
            let metadata = map_mut(object, "metadata");
            if let Some(finalizers) = metadata.get_mut("finalizers").and_then(Value::as_array_mut) {
                finalizers.retain(|each| each != finalizer);
                if finalizers.is_empty() {
                    metadata.remove("finalizers");
                }
            }
        });
        match removed {
            Err(status) if !status.is_not_found() => Err(status.into()),
            _ => Ok(()),
        }
    }

    fn remove_owners(&self, node: &Node, object: &Value, owners: &[&str]) -> Result<(), Error> {
        if owners.is_empty() {
            return Ok(());
        }
        let removed = self.api.modify(&node.resource, namespace(object), name(object), |object| {
            owners.iter().for_each(|owner| remove_owner(object, owner));
        });
        match removed {
            Err(status) if !status.is_not_found() => Err(status.into()),
            _ => Ok(()),
        }
    }
}

enum Lookup {
    Found(Object),
    Gone,
    Unknown,
}

fn has_finalizer(object: &Value, finalizer: &str) -> bool {
    items(object, "metadata.finalizers").iter().any(|each| each == finalizer)
}

impl Controller for GarbageCollector {
    type Key = Work;

    fn watches(&self) -> Vec<String> {
        // Events are not owned by anything, and there are many of them.
        let collected = self.api.registry().iter().filter(|resource| resource.verbs.contains(&"watch"));
        collected.map(crate::registry::Resource::key).filter(|key| key != "events").collect()
    }

    /// `processGraphChanges`.
    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Work> {
        let object = &event.object;
        if event.kind == EventType::Deleted {
            let dependents: Vec<Work> =
                self.dependents_of(uid(object)).map(|(uid, _)| Work::Delete(uid.clone())).collect();
            let node = self.forget(object);
            return dependents
                .into_iter()
                .chain(self.waiting_owners(node.iter().flat_map(|node| node.owners.keys())))
                .collect();
        }
        let before = self.learn(resource, object);
        let mut work = Vec::new();
        if deleting(object) && has_finalizer(object, ORPHAN) {
            work.push(Work::Orphan(uid(object).to_owned()));
        }
        if deleting(object) && has_finalizer(object, FOREGROUND) {
            work.extend(self.dependents_of(uid(object)).map(|(uid, _)| Work::Delete(uid.clone())));
            work.push(Work::Delete(uid(object).to_owned()));
        }
        let owners = self.nodes[uid(object)].owners.clone();
        if before.as_ref().is_none_or(|before| before.owners != owners) {
            if !owners.is_empty() {
                work.push(Work::Delete(uid(object).to_owned()));
            }
            let known = before.iter().flat_map(|before| before.owners.keys());
            work.extend(self.waiting_owners(known));
        }
        work
    }

    fn reconcile(&mut self, work: &Work) -> Result<Option<Duration>, Error> {
        match work {
            Work::Delete(uid) => self.attempt_to_delete(uid)?,
            Work::Orphan(uid) => self.orphan_dependents(uid)?,
        }
        Ok(None)
    }
}
