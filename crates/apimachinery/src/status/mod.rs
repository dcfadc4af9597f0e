//! `meta.k8s.io/v1` Status: how the API server says no, and what it says.
//!
//! [`Status`] is also the error type: it prints as its message.
//! Upstream: `k8s.io/apimachinery/pkg/api/errors/errors.go` and `pkg/apis/meta/v1/types.go`.

mod constructors;
mod generic;
mod patch;
mod reason;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use generic::FailedRequest;
pub use reason::Reason;

/// The outcome of a request that answers with no object. Serialized fields stand in upstream's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    kind: String,
    api_version: String,
    /// List metadata, empty unless a server says more.
    pub metadata: Map<String, Value>,
    /// `Failure` or `Success`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// What went wrong, for a person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What went wrong, for a program: see [`Reason`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What the message is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
    /// The HTTP status code; 0 if unset.
    #[serde(skip_serializing_if = "is_zero")]
    pub code: u16,
}

/// What a [`Status`] is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Details {
    /// The object's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The object's group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The object's kind or resource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The object's UID.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// One cause a wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// When to try again, in seconds; 0 if unset.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub retry_after_seconds: u32,
}

/// One cause of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// The machine-readable type, such as `FieldValueInvalid`.
    #[serde(rename = "reason", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What is wrong, for a person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The path of the wrong field.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

fn is_zero(n: &u16) -> bool {
    *n == 0
}

fn is_zero_u32(n: &u32) -> bool {
    *n == 0
}

impl Default for Status {
    fn default() -> Self {
        Self {
            kind: "Status".to_string(),
            api_version: "v1".to_string(),
            metadata: Map::new(),
            status: String::new(),
            message: String::new(),
            reason: String::new(),
            details: None,
            code: 0,
        }
    }
}

impl Status {
    /// The HTTP status code.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The machine-readable reason, empty where there is none.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What went wrong, for a person.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the reason is this one.
    pub fn is(&self, reason: Reason) -> bool {
        self.reason == reason.as_str()
    }

    /// Whether the object is not there, by reason or, where the reason is unknown, by code.
    pub fn is_not_found(&self) -> bool {
        self.is(Reason::NotFound) || (self.reason.is_empty() && self.code == 404)
    }

    /// Whether an object of that name is already there.
    pub fn is_already_exists(&self) -> bool {
        self.is(Reason::AlreadyExists)
    }

    /// Whether the object was changed in between.
    pub fn is_conflict(&self) -> bool {
        self.is(Reason::Conflict) || (self.reason.is_empty() && self.code == 409)
    }

    /// Reads a Status object; `None` for any other kind of object.
    pub fn from_json(object: &Value) -> Option<Self> {
        if object.get("kind")?.as_str()? != "Status" {
            return None;
        }
        serde_json::from_value(without_nulls(object)).ok()
    }

    /// Writes the Status object.
    pub fn to_json(&self) -> Value {
        // A struct of strings and numbers with string keys always serializes.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Go reads null as the zero value; serde needs the key to be absent.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_nulls(v))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
