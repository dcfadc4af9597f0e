//! What comes out of judging: a verdict with the observation that it rests on.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Proved, refuted, or not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The history shows it to be true.
    Proved,
    /// The history shows it to be false.
    Refuted,
    /// The history does not decide it: the sentence can be read in ways that differ here.
    NotUnderstood,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Which of the three.
    pub verdict: Outcome,
    /// Why, for a learner: names object, field, before, after, when, by whom.
    pub reason: String,
    /// The observations behind it.
    pub evidence: Vec<Evidence>,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// `Service/demo`
    pub object: String,
    /// `.spec.type`; empty for the object as a whole.
    pub path: String,
    /// The value before the step; null where there was none.
    pub before: Value,
    /// The value after it, or at the moment that refutes.
    pub after: Value,
    /// When it took the value of `after`; null where it did not change.
    #[serde(serialize_with = "as_text")]
    pub at: Option<Timestamp>,
    /// Who wrote it (managedFields' manager), where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

fn as_text<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|t| t.to_string()).serialize(to)
}

impl Verdict {
    /// True, by these observations.
    pub fn proved(reason: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { verdict: Outcome::Proved, reason: reason.into(), evidence }
    }

    /// False, by these observations.
    pub fn refuted(reason: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { verdict: Outcome::Refuted, reason: reason.into(), evidence }
    }

    /// Undecided.
    pub fn not_understood(reason: impl Into<String>) -> Self {
        Self { verdict: Outcome::NotUnderstood, reason: reason.into(), evidence: vec![] }
    }
}
