//! Findings of `lint`: for a person, for a program, for GitHub's annotations, for code scanning.

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use crate::lesson::{Problem, Severity};

/// The word for a severity.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// `3 errors, 1 warning`; empty where there is nothing.
pub fn count(problems: &[Problem]) -> String {
    let of = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let counts = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning"), (of(Severity::Note), "note")];
    let words = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    });
    words.collect::<Vec<_>>().join(", ")
}
