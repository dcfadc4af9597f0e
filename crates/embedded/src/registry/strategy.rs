//! What a resource decides about its objects: `rest.RESTCreateStrategy`, `RESTUpdateStrategy`, `RESTDeleteStrategy` and
//! `TableConvertor` of k8s.io/apiserver in one.

use std::cell::RefCell;

use apimachinery::field::FieldError;
use jiff::Timestamp;
use serde_json::Value;

use super::printer;
use crate::{apiserver::Status, clock::Clock, entropy::Entropy, storage::Tables};

/// What a strategy may look at while it decides.
pub struct Context<'a> {
    /// All objects, as they are at this moment.
    pub tables: &'a Tables,
    /// The cluster's time.
    pub clock: &'a Clock,
    /// The cluster's randomness.
    pub entropy: &'a Entropy,
    /// Whether nothing will be stored: then nothing is allocated either.
    pub dry_run: bool,
    /// Warnings for the client, which travel as `Warning` headers.
    pub warnings: &'a RefCell<Vec<String>>,
}

/// When `metadata.generation` grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Its objects have none.
    None,
    /// When the spec changes.
    Spec,
    /// When the spec or the annotations change.
    SpecAndAnnotations,
    /// When anything but the metadata changes.
    AllButMetadata,
}

/// How the objects of a resource behave. The defaults are those of a resource without any behaviour of its own.
pub trait Strategy: Send + Sync {
    /// Fills in what was left out: `SetDefaults_*` of the versioned API.
    fn set_defaults(&self, _object: &mut Value) {}

    /// Completes a new object, admission included; the status that clients may not set is removed here.
    fn prepare_for_create(&self, _context: &Context<'_>, _object: &mut Value) -> Result<(), Status> {
        Ok(())
    }

    /// What is wrong with a new object.
    fn validate(&self, _context: &Context<'_>, _object: &Value) -> Vec<FieldError> {
        Vec::new()
    }

    /// Completes a changed object: what an update may not touch is taken from `old`.
    fn prepare_for_update(&self, _context: &Context<'_>, _new: &mut Value, _old: &Value) -> Result<(), Status> {
        Ok(())
    }

    /// What is wrong with a changed object.
    fn validate_update(&self, context: &Context<'_>, new: &Value, _old: &Value) -> Vec<FieldError> {
        self.validate(context, new)
    }

    /// Whether spec and status are written apart.
    fn has_status(&self) -> bool {
        false
    }

    /// When `metadata.generation` grows.
    fn generation(&self) -> Generation {
        Generation::None
    }

    /// The seconds that an object has to end gracefully when it is deleted; `None` where nothing needs to end.
    fn grace_period(&self, _object: &Value, _requested: Option<i64>) -> Option<i64> {
        None
    }

    /// Whether dependents stay when a delete does not say what becomes of them: so it is for the oldest kinds.
    fn orphans_dependents(&self) -> bool {
        false
    }

    /// Whether a delete answers with the object that was deleted instead of a Status.
    fn returns_deleted_object(&self) -> bool {
        false
    }

    /// Fields that can be selected by, beside `metadata.name` and `metadata.namespace`.
    fn selectable_fields(&self, _object: &Value) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Warnings about a new or changed object, which is stored nevertheless.
    fn warnings(&self, _object: &Value) -> Vec<String> {
        Vec::new()
    }

    /// The warning that comes with every request for a deprecated resource.
    fn deprecation(&self) -> Option<&'static str> {
        None
    }

    /// One row of its table: a cell a column of `data/columns.tsv`.
    fn cells(&self, object: &Value, now: Timestamp) -> Vec<Value> {
        vec![printer::name(object), printer::age(object, now)]
    }
}
