//! What is wrong with a lesson, said to the person who writes it.

use super::Span;
use serde::Serialize;
use std::path::PathBuf;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the lesson runs.
    Note,
    /// Probably not what was meant; the lesson runs.
    Warning,
    /// The lesson cannot be proved as it stands (exit code 3).
    Error,
}

/// One finding about a lesson's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The lesson's file, as it was named on the command line.
    pub file: PathBuf,
    /// Line of the finding, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// The bytes that the finding is about.
    pub span: Span,
    /// Stable code, `L001` and up: a key of `src/lesson/data/codes.yaml`, which explains each with a mistake and its mend.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}
