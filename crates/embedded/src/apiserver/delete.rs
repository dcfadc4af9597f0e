//! Deleting objects: registry/rest/delete.go and registry/generic/registry/store.go of k8s.io/apiserver.

use apimachinery::{gvk::GroupResource, meta};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Api, DeleteOptions, Propagation, Status};
use crate::{
    clock::rfc3339,
    registry::Resource,
    storage::{Key, Object, Tables},
};

/// Finalizer that leaves dependents alone.
const ORPHAN: &str = "orphan";
/// Finalizer that waits for dependents to go.
const FOREGROUND: &str = "foregroundDeletion";

/// What became of a delete.
#[derive(Clone, Debug)]
pub enum Deleted {
    /// The object is gone; this was its last state.
    Gone(Object),
    /// The object goes on existing until it ended gracefully, or until its finalizers are removed.
    Pending(Object),
}

impl Deleted {
    /// The object: its last state, or its state on the way.
    pub fn object(&self) -> &Object {
        match self {
            Self::Gone(object) | Self::Pending(object) => object,
        }
    }
}

impl Api {
    /// Deletes an object, at once or (with a grace period or finalizers) by marking it.
    pub fn delete(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Object, Status> {
        Ok(self.delete_with(resource, namespace, name, options)?.object().clone())
    }

    /// [`Api::delete`], which tells whether the object is gone.
    pub fn delete_with(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted, Status> {
        let resource = self.resource(resource)?;
        let mut tables = self.inner.storage.lock();
        let key: Key = (namespace.to_owned(), name.to_owned());
        let Some(old) = tables.get(&resource.key(), namespace, name).cloned() else {
            return Err(Status::not_found(&resource.group_resource(), name));
        };
        check_preconditions(resource, &old, options)?;
        if let Some(status) = protected_namespace(name).filter(|_| resource.kind == "Namespace") {
            return Err(status);
        }
        let mut new = Value::clone(&old);
        let now = self.clock().now();
        let graceful = match begin_gracefully(resource, &mut new, options, now) {
            Grace::Pending => return Ok(Deleted::Pending(old)),
            Grace::Begun(seconds) => Some(seconds),
            Grace::None => None,
        };
        set_garbage_collection_finalizers(resource, &mut new, options);
        let pending = !is_empty(&new["metadata"]["finalizers"])
            || (resource.kind == "Namespace" && !is_empty(&new["spec"]["finalizers"]));
        if graceful.is_none() && pending {
            mark_as_deleting(&mut new, now);
        }
        if resource.kind == "Namespace" {
            new["status"]["phase"] = json!("Terminating");
        }
        if pending || graceful.is_some_and(|seconds| seconds > 0) {
            return Ok(Deleted::Pending(store(&mut tables, resource, &key, new, &old, options)));
        }
        if options.dry_run {
            return Ok(Deleted::Gone(old));
        }
        if graceful.is_some() {
            // A pod that is deleted without grace is marked before it goes: watchers see both.
            store(&mut tables, resource, &key, new, &old, options);
        }
        Ok(Deleted::Gone(tables.remove(&resource.key(), &key).unwrap_or(old)))
    }
}

fn store(
    tables: &mut Tables,
    resource: &Resource,
    key: &Key,
    new: Value,
    old: &Object,
    options: &DeleteOptions,
) -> Object {
    if new == **old {
        old.clone()
    } else if options.dry_run {
        new.into()
    } else {
        tables.put(&resource.key(), key, new)
    }
}

enum Grace {
    /// It is on its way already.
    Pending,
    /// It got this many seconds.
    Begun(i64),
    /// Its kind knows no grace, or its time is over.
    None,
}

/// `rest.BeforeDelete`.
fn begin_gracefully(resource: &Resource, object: &mut Value, options: &DeleteOptions, now: Timestamp) -> Grace {
    let requested = options.grace_period_seconds.map(|seconds| if seconds < 0 { 1 } else { seconds });
    let Some(seconds) = resource.strategy.grace_period(object, requested) else {
        return Grace::None;
    };
    let marked: Option<Timestamp> = object["metadata"]["deletionTimestamp"].as_str().and_then(|text| text.parse().ok());
    let Some(marked) = marked else {
        object["metadata"]["deletionTimestamp"] = json!(rfc3339(now + SignedDuration::from_secs(seconds)));
        object["metadata"]["deletionGracePeriodSeconds"] = json!(seconds);
        grow_generation(object);
        return Grace::Begun(seconds);
    };
    let given = object["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
    if given == 0 {
        return Grace::None;
    }
    let Some(mut period) = requested.filter(|period| *period < given) else {
        return Grace::Pending;
    };
    let mut end = marked - SignedDuration::from_secs(given) + SignedDuration::from_secs(period);
    if end < now {
        end = now;
        period = period.min(1);
    }
    object["metadata"]["deletionTimestamp"] = json!(rfc3339(end));
    object["metadata"]["deletionGracePeriodSeconds"] = json!(period);
    Grace::Begun(period)
}

fn mark_as_deleting(object: &mut Value, now: Timestamp) {
    let marked: Option<Timestamp> = object["metadata"]["deletionTimestamp"].as_str().and_then(|text| text.parse().ok());
    if marked.is_none() {
        grow_generation(object);
    }
    if marked.is_none_or(|marked| marked > now) {
        object["metadata"]["deletionTimestamp"] = json!(rfc3339(now));
    }
    if object["kind"] != "Namespace" {
        object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
    }
}

fn grow_generation(object: &mut Value) {
    if let Some(generation) = object["metadata"]["generation"].as_i64().filter(|generation| *generation > 0) {
        object["metadata"]["generation"] = json!(generation + 1);
    }
}

/// `deletionFinalizersForGarbageCollection`: the options decide whether dependents go first, later or never.
fn set_garbage_collection_finalizers(resource: &Resource, object: &mut Value, options: &DeleteOptions) {
    let own: Vec<Value> = object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
    let wanted = match options.propagation {
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Orphan) => Some(ORPHAN),
        Some(Propagation::Background) => None,
        None => own
            .iter()
            .filter_map(Value::as_str)
            .find_map(|f| [FOREGROUND, ORPHAN].into_iter().find(|k| *k == f))
            .or(resource.strategy.orphans_dependents().then_some(ORPHAN)),
    };
    let mut finalizers: Vec<Value> = own.into_iter().filter(|f| f != FOREGROUND && f != ORPHAN).collect();
    finalizers.extend(wanted.map(|finalizer| json!(finalizer)));
    if !finalizers.is_empty() {
        object["metadata"]["finalizers"] = Value::Array(finalizers);
    } else if let Some(fields) = object["metadata"].as_object_mut() {
        fields.remove("finalizers");
    }
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}

/// The admission plugin NamespaceLifecycle keeps these.
fn protected_namespace(name: &str) -> Option<Status> {
    ["default", "kube-system", "kube-public"]
        .contains(&name)
        .then(|| Status::forbidden(&GroupResource::new("", "namespaces"), name, "this namespace may not be deleted"))
}

fn check_preconditions(resource: &Resource, old: &Value, options: &DeleteOptions) -> Result<(), Status> {
    let name = meta::name(old);
    let (uid, version) = (meta::uid(old), meta::resource_version(old));
    let why = if let Some(asked) = options.uid.as_deref().filter(|asked| *asked != uid) {
        format!(
            "the UID in the precondition ({asked}) does not match the UID in record ({uid}). \
             The object might have been deleted and then recreated"
        )
    } else if let Some(asked) = options.resource_version.as_deref().filter(|asked| *asked != version) {
        format!(
            "the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in record ({version}). \
             The object might have been modified"
        )
    } else {
        return Ok(());
    };
    Err(Status::conflict(&GroupResource::new(resource.group, resource.kind), name, &why))
}
