//! Options of requests that write: `CreateOptions`, `UpdateOptions`, `DeleteOptions` of meta/v1.

use crate::storage::Object;

/// How an object is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Go through all the motions, and store nothing.
    pub dry_run: bool,
    /// The name under which the writer's fields are kept; `None` is the caller's own.
    pub manager: Option<String>,
    /// What to do about fields that the object's kind does not have.
    pub field_validation: FieldValidation,
}

/// What becomes of unknown fields: they are never stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// They are dropped silently.
    #[default]
    Ignore,
    /// They are dropped with a warning.
    Warn,
    /// The request fails.
    Strict,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct Written {
    /// The object as it is now.
    pub object: Object,
    /// Whether it was not there before.
    pub created: bool,
    /// Warnings for the client.
    pub warnings: Vec<String>,
}

/// What becomes of an object's dependents when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted before it.
    Foreground,
    /// They are deleted after it.
    Background,
    /// They stay.
    Orphan,
}

/// How an object is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Seconds to end gracefully; `None` is the object's own.
    pub grace_period_seconds: Option<i64>,
    /// What becomes of the dependents; `None` is the resource's default.
    pub propagation: Option<Propagation>,
    /// Only if the object has this uid.
    pub uid: Option<String>,
    /// Only if the object is at this version.
    pub resource_version: Option<String>,
    /// Go through all the motions, and delete nothing.
    pub dry_run: bool,
}
