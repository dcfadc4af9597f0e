//! Changing objects: registry/rest/update.go and registry/generic/registry/store.go of k8s.io/apiserver.

use std::cell::RefCell;

use apimachinery::meta;
use serde_json::{Value, json};

use super::{Api, Status, WriteOptions, Written, create::check_identity, decode};
use crate::{
    registry::{Context, Resource, strategy::Generation},
    storage::Object,
};

impl Api {
    /// Replaces an object. With `metadata.resourceVersion`, only if nobody changed it in between (Conflict).
    pub fn update(&self, resource: &str, object: Value) -> Result<Object, Status> {
        Ok(self.update_with(resource, None, object, &WriteOptions::default())?.object)
    }

    /// Replaces an object's status.
    pub fn update_status(&self, resource: &str, object: Value) -> Result<Object, Status> {
        Ok(self.update_with(resource, Some("status"), object, &WriteOptions::default())?.object)
    }

    /// Reads an object, changes it and writes it back, as often as it takes. When `change` changes nothing, nothing is written.
    pub fn modify(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        change: impl FnMut(&mut Value),
    ) -> Result<Object, Status> {
        self.modify_at(resource, None, namespace, name, change)
    }

    /// [`Api::modify`] for an object's status: of what `change` does, only the status counts.
    pub fn modify_status(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        change: impl FnMut(&mut Value),
    ) -> Result<Object, Status> {
        self.modify_at(resource, Some("status"), namespace, name, change)
    }

    fn modify_at(
        &self,
        resource: &str,
        subresource: Option<&str>,
        namespace: &str,
        name: &str,
        mut change: impl FnMut(&mut Value),
    ) -> Result<Object, Status> {
        loop {
            let current = self.get(resource, namespace, name)?;
            let mut changed = Value::clone(&current);
            change(&mut changed);
            if changed == *current {
                return Ok(current);
            }
            match self.update_with(resource, subresource, changed, &WriteOptions::default()) {
                Err(status) if status.is_conflict() => {}
                result => return Ok(result?.object),
            }
        }
    }

    /// Replaces an object, or the part of it that is the subresource (`status`, `finalize`), with options.
    pub fn update_with(
        &self,
        resource: &str,
        subresource: Option<&str>,
        mut object: Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let resource = self.resource(resource)?;
        let namespace = if resource.namespaced { meta::namespace(&object).to_owned() } else { String::new() };
        check_identity(resource, &mut object, &namespace)?;
        let warnings = RefCell::new(decode::decode(resource, &mut object, options.field_validation)?);
        let key = (namespace, meta::name(&object).to_owned());
        let mut tables = self.inner.storage.lock();
        let Some(old) = tables.get(&resource.key(), &key.0, &key.1).cloned() else {
            return Err(Status::not_found(&resource.group_resource(), &key.1));
        };
        check_preconditions(resource, &object, &old)?;
        if subresource.is_none() {
            resource.strategy.set_defaults(&mut object);
        }
        let new = {
            let context = self.context(&tables, &warnings, options.dry_run);
            complete(&context, resource, subresource, object, &old)?
        };
        if same_but_for_bookkeeping(&new, &old) {
            return Ok(Written { object: old, created: false, warnings: warnings.take() });
        }
        let mut new = new;
        let now = self.clock().rfc3339();
        set_manager(&mut new, Some(&old), self.manager_of(options), resource, subresource, &now);
        let object = if options.dry_run {
            new.into()
        } else if ends_now(&new, &old) {
            let object = tables.put(&resource.key(), &key, new);
            // The update that takes the last finalizer away is the deletion (store.go: ShouldDeleteDuringUpdate).
            tables.remove(&resource.key(), &key).unwrap_or(object)
        } else {
            tables.put(&resource.key(), &key, new)
        };
        Ok(Written { object, created: false, warnings: warnings.take() })
    }
}

fn check_preconditions(resource: &Resource, new: &Value, old: &Value) -> Result<(), Status> {
    let name = meta::name(old);
    let (uid, old_uid) = (meta::uid(new), meta::uid(old));
    if !uid.is_empty() && uid != old_uid {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {old_uid}");
        return Err(Status::conflict(&resource.group_resource(), name, &why));
    }
    let version = meta::resource_version(new);
    if !version.is_empty() && version != meta::resource_version(old) {
        // registry/generic/registry/store.go: OptimisticLockErrorMsg
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Status::conflict(&resource.group_resource(), name, why));
    }
    Ok(())
}

/// `rest.BeforeUpdate`: what an update may not touch comes from the old object, then the strategy decides.
fn complete(
    context: &Context<'_>,
    resource: &Resource,
    subresource: Option<&str>,
    mut new: Value,
    old: &Value,
) -> Result<Value, Status> {
    match subresource {
        None => {
            keep_system_metadata(&mut new, old);
            if resource.strategy.has_status() {
                copy(&mut new, old, "status");
            }
            resource.strategy.prepare_for_update(context, &mut new, old)?;
            if grows(resource.strategy.generation(), &new, old) {
                let generation = old["metadata"]["generation"].as_i64().unwrap_or(0) + 1;
                new["metadata"]["generation"] = json!(generation);
            }
            let causes = resource.strategy.validate_update(context, &new, old);
            if !causes.is_empty() {
                return Err(Status::invalid(&resource.group_kind(), meta::name(old), &causes));
            }
            context.warnings.borrow_mut().extend(resource.strategy.warnings(&new));
            Ok(new)
        }
        Some("finalize") => {
            let mut result = old.clone();
            result["spec"]["finalizers"] = new["spec"]["finalizers"].take();
            Ok(result)
        }
        Some(_) => {
            let mut result = old.clone();
            copy(&mut result, &new, "status");
            // The strategies of the status keep the spec, not the annotations: a Deployment's revision is written this way.
            copy(&mut result["metadata"], &new["metadata"], "annotations");
            Ok(result)
        }
    }
}

fn copy(to: &mut Value, from: &Value, field: &str) {
    match &from[field] {
        Value::Null => {
            if let Some(fields) = to.as_object_mut() {
                fields.remove(field);
            }
        }
        value => to[field] = value.clone(),
    }
}

fn keep_system_metadata(new: &mut Value, old: &Value) {
    let fields = [
        "uid",
        "creationTimestamp",
        "generation",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "resourceVersion",
    ];
    for field in fields {
        copy(&mut new["metadata"], &old["metadata"], field);
    }
    for field in ["selfLink", "generateName"] {
        copy(&mut new["metadata"], &old["metadata"], field);
    }
}

fn grows(rule: Generation, new: &Value, old: &Value) -> bool {
    let differs = |(key, value): (&String, &Value)| key != "metadata" && old[key] != *value;
    match rule {
        Generation::None => false,
        Generation::AllButMetadata => new.as_object().into_iter().flatten().any(differs),
        Generation::Spec => new["spec"] != old["spec"],
        Generation::SpecAndAnnotations => {
            new["spec"] != old["spec"] || new["metadata"]["annotations"] != old["metadata"]["annotations"]
        }
    }
}

/// Whether a write would change nothing but who wrote last: then nothing is written (etcd3/store.go).
fn same_but_for_bookkeeping(new: &Value, old: &Value) -> bool {
    let strip = |object: &Value| {
        let mut metadata = object["metadata"].clone();
        if let Some(fields) = metadata.as_object_mut() {
            fields.remove("managedFields");
            fields.remove("resourceVersion");
        }
        metadata
    };
    let fields = |object: &Value| object.as_object().map_or(0, serde_json::Map::len);
    fields(new) == fields(old)
        && new.as_object().into_iter().flatten().all(|(key, value)| key == "metadata" || old[key] == *value)
        && strip(new) == strip(old)
}

fn ends_now(new: &Value, old: &Value) -> bool {
    let empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    !old["metadata"]["deletionTimestamp"].is_null()
        && empty(&new["metadata"]["finalizers"])
        && (new["kind"] != "Namespace" || empty(&new["spec"]["finalizers"]))
        && old["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0) == 0
}

/// Notes who wrote and when in `metadata.managedFields`.
pub(super) fn set_manager(
    new: &mut Value,
    old: Option<&Value>,
    manager: &str,
    resource: &Resource,
    subresource: Option<&str>,
    now: &str,
) {
    let mut entries = old.and_then(|old| old["metadata"]["managedFields"].as_array()).cloned().unwrap_or_default();
    let mut entry = json!({
        "manager": manager, "operation": "Update", "apiVersion": resource.api_version(), "time": now, "fieldsType": "FieldsV1",
    });
    if let Some(subresource) = subresource {
        entry["subresource"] = json!(subresource);
    }
    entries.retain(|other| other["manager"] != entry["manager"] || other["subresource"] != entry["subresource"]);
    entries.push(entry);
    new["metadata"]["managedFields"] = Value::Array(entries);
}
