//! The lint codes and what each means; `data/codes.yaml` is the one place that lists them.

use super::problem::{Problem, Severity};
use super::span::{LineIndex, Span};
use serde::Deserialize;
use std::path::Path;
use std::sync::LazyLock;

/// What a code stands for, with an example of the mistake and its mend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// `L001`.
    pub code: String,
    /// A few words: `front-matter-not-closed`.
    pub name: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// Why it is one.
    pub why: String,
    /// Markdown that shows the mistake.
    pub mistake: String,
    /// The same markdown, mended.
    pub mend: String,
}

/// All codes, in order.
pub fn codes() -> &'static [Code] {
    static CODES: LazyLock<Vec<Code>> = LazyLock::new(|| {
        let text = include_str!("data/codes.yaml");
        // Compiled in, and read by the test below.
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("src/lesson/data/codes.yaml: {error}"))
    });
    &CODES
}

/// The entry of `code`.
pub fn code(code: &str) -> Option<&'static Code> {
    codes().iter().find(|entry| entry.code == code)
}

/// Makes problems of one file.
#[derive(Debug, Clone, Copy)]
pub struct Reporter<'a> {
    /// The file that the problems are in.
    pub file: &'a Path,
    /// Its lines.
    pub lines: &'a LineIndex,
}

impl Reporter<'_> {
    /// A problem at `span`, with the severity of its code.
    pub fn problem(&self, code: &str, span: Span, message: impl Into<String>, help: Option<String>) -> Problem {
        let severity = match self::code(code).map(|entry| entry.severity.as_str()) {
            Some("note") => Severity::Note,
            Some("warning") => Severity::Warning,
            _ => Severity::Error,
        };
        Problem {
            file: self.file.to_path_buf(),
            line: self.lines.line(span.start),
            column: self.lines.column(span.start),
            span,
            code: code.to_string(),
            severity,
            message: message.into(),
            help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_complete_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for entry in codes() {
            assert!(seen.insert(&entry.code), "{} stands twice", entry.code);
            assert!(matches!(entry.severity.as_str(), "error" | "warning" | "note"), "{}", entry.code);
            assert!(!entry.mistake.is_empty() && !entry.mend.is_empty() && !entry.why.is_empty(), "{}", entry.code);
        }
        assert!(codes().is_sorted_by_key(|entry| &entry.code));
    }
}
