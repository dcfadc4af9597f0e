//! The words of matching: modes, contexts, results.

use super::bindings::Binding;
use serde::Serialize;

/// How an expected text is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchMode {
    /// By shape: tables as tables, YAML and JSON as subsets, all else line by line; volatile tokens unify, `...` elides.
    #[default]
    Auto,
    /// Every byte, but for line ends at the end.
    Exact,
    /// Every expected line, in order, somewhere in the output; volatile tokens unify.
    Subset,
    /// The expected text stands in the output; volatile tokens unify, spacing does not matter.
    Contains,
    /// The expected text is a regular expression that must be found in the output.
    Regex,
    /// As `Auto`, lines and rows in any order.
    Unordered,
}

/// What is known about an output besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchContext<'a> {
    /// The command that printed it; decides what `-o yaml`, `--sort-by` and the like mean for the comparison.
    pub command: &'a str,
    /// How to compare.
    pub mode: MatchMode,
    /// The page shows an example ("similar to this"): a literal that was bound may stand for something else now.
    pub similar: bool,
}

/// The verdict on one output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchResult {
    /// Whether the texts unify.
    pub matched: bool,
    /// Why not.
    pub reason: Option<Mismatch>,
    /// What was bound by this match; empty where it failed.
    pub new_bindings: Vec<Binding>,
}

/// The first place where expected and observed text part, for a learner to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// Line in the expected text, from 1; 0 where the output has something that no expected line stands for.
    pub line: usize,
    /// The expected line or cell.
    pub expected: String,
    /// What was observed in its place; empty where nothing was.
    pub observed: String,
    /// One sentence: "row `demo`: column TYPE: the lesson shows NodePort, the cluster printed ClusterIP".
    pub why: String,
}
