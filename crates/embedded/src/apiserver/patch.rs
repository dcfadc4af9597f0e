//! Patching objects in process (k8s.io/apiserver/pkg/endpoints/handlers/patch.go).

use apimachinery::{
    gvk::GroupResource,
    meta,
    patch::{self, PatchError},
    schema::PatchSchema,
    status::{Reason, Status},
};
use serde_json::Value;

use super::{Api, WriteOptions, Written};
use crate::{registry::Resource, storage::Object};

/// How often a patch is tried again when others change the object in between.
const TRIES: usize = 5;

/// A patch and how it is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// RFC 6902: a list of operations.
    Json(Value),
    /// RFC 7396: what is not null replaces, what is null removes.
    Merge(Value),
    /// Like `Merge`, with lists merged by their keys.
    Strategic(Value),
}

impl Patch {
    /// Applies the patch to an object.
    fn apply(&self, resource: &Resource, object: &mut Value) -> Result<(), Status> {
        match self {
            Self::Json(operations) => patch::json_patch(object, operations).map_err(|error| unprocessable(&error)),
            Self::Merge(changes) => {
                patch::merge(object, changes);
                Ok(())
            }
            Self::Strategic(changes) => {
                let schema = PatchSchema::for_kind(&resource.api_version(), resource.kind);
                let schema = schema.ok_or_else(|| Status::unsupported_media_type(&["application/json-patch+json"]))?;
                *object = patch::strategic(object, changes, &schema).map_err(|error| match error {
                    PatchError::ListOfLists => unprocessable(&error),
                    error => Status::bad_request(error.to_string()),
                })?;
                Ok(())
            }
        }
    }
}

/// A patch that is well-formed and cannot be applied to this object.
fn unprocessable(error: &PatchError) -> Status {
    let mut status = Status::bad_request(error.to_string());
    status.code = 422;
    Reason::Invalid.as_str().clone_into(&mut status.reason);
    "the server rejected our request due to an error in our request".clone_into(&mut status.message);
    status.details = Some(apimachinery::status::Details::default());
    status
}

impl Api {
    /// Patches an object, or its `status`.
    pub fn patch(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        subresource: Option<&str>,
        patch: &Patch,
    ) -> Result<Object, Status> {
        Ok(self.patch_with(resource, namespace, name, subresource, patch, &WriteOptions::default())?.object)
    }

    /// [`Api::patch`] with options.
    pub fn patch_with(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        subresource: Option<&str>,
        patch: &Patch,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let kind = self.resource(resource)?;
        let mut last = None;
        for _ in 0..TRIES {
            let current = self.get(resource, namespace, name)?;
            let mut object = Value::clone(&current);
            patch.apply(kind, &mut object)?;
            let asked = meta::resource_version(&object) != meta::resource_version(&current);
            check_name(kind, &object, &current)?;
            match self.update_with(resource, subresource, object, options) {
                // A patch that names a version means that one; any other is tried on the newest.
                Err(status) if status.is_conflict() && !asked => last = Some(status),
                result => return result,
            }
        }
        Err(last.unwrap_or_else(|| Status::conflict(&GroupResource::new(kind.group, kind.plural), name, "try again")))
    }
}

/// A patch may not make another object of it.
fn check_name(resource: &Resource, new: &Value, old: &Value) -> Result<(), Status> {
    let (new_name, old_name) = (meta::name(new), meta::name(old));
    if new_name != old_name {
        let why = format!("the name of the object ({new_name}) does not match the name on the URL ({old_name})");
        return Err(Status::bad_request(why));
    }
    if resource.namespaced && meta::namespace(new) != meta::namespace(old) {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    Ok(())
}
