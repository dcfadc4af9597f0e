//! Creating objects: registry/rest/create.go and handlers/create.go of k8s.io/apiserver.

use std::cell::RefCell;

use apimachinery::{
    field::{FieldError, Path},
    gvk::GroupResource,
    meta,
    status::Cause,
};
use serde_json::{Value, json};

use super::{Api, Status, WriteOptions, Written, decode};
use crate::{
    registry::{Resource, strategy::Generation},
    storage::{Object, Tables},
};

/// Longest base of a generated name: util `names/generate.go`.
const LONGEST_BASE: usize = 58;
/// Tries to find a free generated name before the client is told (handlers/create.go).
const TRIES: usize = 8;

impl Api {
    /// Creates an object. Its kind, apiVersion and namespace may be left out.
    pub fn create(&self, resource: &str, namespace: &str, object: Value) -> Result<Object, Status> {
        Ok(self.create_with(resource, namespace, object, &WriteOptions::default())?.object)
    }

    /// Creates an object, with options.
    pub fn create_with(
        &self,
        resource: &str,
        namespace: &str,
        mut object: Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let resource = self.resource(resource)?;
        check_identity(resource, &mut object, namespace)?;
        let mut decoding = decode::decode(resource, &mut object, options.field_validation)?;
        let generated = meta::name(&object).is_empty() && !generate_name(&object).is_empty();
        for _ in 0..TRIES {
            match self.create_once(resource, namespace, object.clone(), options) {
                Err(status) if generated && status.is_already_exists() => {}
                result => {
                    let mut written = result?;
                    decoding.append(&mut written.warnings);
                    return Ok(Written { warnings: decoding, ..written });
                }
            }
        }
        Err(Status::generate_name_conflict(&resource.group_resource(), meta::name(&object), 1))
    }

    fn create_once(
        &self,
        resource: &Resource,
        namespace: &str,
        mut object: Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let warnings = RefCell::default();
        let mut tables = self.inner.storage.lock();
        resource.strategy.set_defaults(&mut object);
        self.complete_metadata(resource, &mut object);
        let name = meta::name(&object).to_owned();
        check_namespace(&tables, resource, namespace, &name)?;
        let key = (namespace.to_owned(), name);
        {
            let context = self.context(&tables, &warnings, options.dry_run);
            resource.strategy.prepare_for_create(&context, &mut object)?;
            let mut causes = resource.strategy.validate(&context, &object);
            if causes.is_empty() && key.1.is_empty() {
                let path = Path::new("metadata").child("name");
                causes.push(FieldError::required(&path, "name or generateName is required"));
            }
            warnings.borrow_mut().extend(resource.strategy.warnings(&object));
            if !causes.is_empty() {
                return Err(Status::invalid(&resource.group_kind(), &key.1, &causes));
            }
        }
        if tables.get(&resource.key(), namespace, &key.1).is_some() {
            return Err(Status::already_exists(&resource.group_resource(), &key.1));
        }
        super::update::set_manager(
            &mut object,
            None,
            self.manager_of(options),
            resource,
            None,
            &self.clock().rfc3339(),
        );
        let object = if options.dry_run { object.into() } else { tables.put(&resource.key(), &key, object) };
        Ok(Written { object, created: true, warnings: warnings.take() })
    }

    /// Fills in the metadata that only the server decides: `rest.FillObjectMetaSystemFields` and generated names.
    fn complete_metadata(&self, resource: &Resource, object: &mut Value) {
        if meta::name(object).is_empty() && !generate_name(object).is_empty() {
            let base: String = generate_name(object).chars().take(LONGEST_BASE).collect();
            object["metadata"]["name"] = json!(format!("{base}{}", self.entropy().suffix(5)));
        }
        let metadata = &mut object["metadata"];
        if let Some(fields) = metadata.as_object_mut() {
            for field in
                ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation"]
            {
                fields.remove(field);
            }
        }
        metadata["uid"] = json!(self.entropy().uid());
        metadata["creationTimestamp"] = json!(self.clock().rfc3339());
        if resource.strategy.generation() != Generation::None {
            metadata["generation"] = json!(1);
        }
    }
}

/// The base of the name that the server shall make up, empty where there is none.
fn generate_name(object: &Value) -> &str {
    object["metadata"]["generateName"].as_str().unwrap_or_default()
}

/// What the path says and what the object says must agree (handlers/create.go, registry/rest/meta.go).
pub(super) fn check_identity(resource: &Resource, object: &mut Value, namespace: &str) -> Result<(), Status> {
    if !object.is_object() {
        return Err(Status::bad_request("the object provided is unrecognized (must be of type Object)"));
    }
    object["kind"] = json!(resource.kind);
    object["apiVersion"] = json!(resource.api_version());
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let own = meta::namespace(object).to_owned();
    if !resource.namespaced {
        if let Some(fields) = object["metadata"].as_object_mut() {
            fields.remove("namespace");
        }
    } else if own.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    } else if own != namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    Ok(())
}

/// The admission plugin NamespaceLifecycle.
fn check_namespace(tables: &Tables, resource: &Resource, namespace: &str, name: &str) -> Result<(), Status> {
    if !resource.namespaced {
        return Ok(());
    }
    let Some(found) = tables.get("namespaces", "", namespace) else {
        return Err(Status::not_found(&GroupResource::new("", "namespaces"), namespace));
    };
    if found["metadata"]["deletionTimestamp"].is_null() {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let mut status = Status::forbidden(&resource.group_resource(), name, &why);
    if let Some(details) = &mut status.details {
        details.causes.push(Cause {
            kind: "NamespaceTerminating".to_owned(),
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        });
    }
    Err(status)
}
