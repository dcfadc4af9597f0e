//! Sentences to claims, claims to verdicts. A sentence is read by a grammar over a vocabulary, both data files beside
//! this one; what they do not understand is [`NotUnderstood`], never a pass. The same sentence always means the same.
//! Pure: cluster states come in as a [`History`], verdicts go out.

mod cel;
mod claim;
mod describe;
mod grammar;
mod heading;
mod judging;
mod meaning;
mod nearest;
mod probe;
mod quantity;
mod reader;
mod token;
mod verdict;
mod vocabulary;

pub use cel::cel;
pub use claim::{Aspect, Compare, Event, FieldRef, Form, Given, Literal, Np, Rel, Relation, Test};
pub use nearest::examples;
pub use probe::{NoProbes, Origin, Probe, Question, Seen};
pub use quantity::quantity;
pub use verdict::{Evidence, Outcome, Verdict};

use crate::diff::History;
use crate::snapshot::ObjectKey;
use std::collections::BTreeSet;

/// Where a sentence stands, which decides what its truth means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Under "Initial state": true now.
    Initial,
    /// Under "What changed": false before and true after, or happened in between.
    Changed,
    /// Under "What did not change": true before, after and at every moment in between.
    Unchanged,
}

/// What the reader of a sentence knows from the lesson around it.
#[derive(Debug, Clone, Default)]
pub struct ParseContext {
    /// Words of the lesson's commands, files and outputs: names and values that may stand in a sentence without
    /// backticks. Empty: not known, and such words are taken as they come.
    pub words: BTreeSet<String>,
}

impl ParseContext {
    /// A context from the text of a lesson's commands, files and outputs.
    pub fn from_text(text: &str) -> Self {
        let parts = text.split(|c: char| c.is_whitespace() || "=,:\"'`(){}[]<>|;&$".contains(c));
        let word = |w: &str| w.trim_matches(['-', '.', '/', '*']).to_lowercase();
        let whole = parts.clone().map(word);
        let pieces = parts.flat_map(|w| w.split('/').map(str::to_owned).collect::<Vec<_>>()).map(|w| word(&w));
        Self { words: whole.chain(pieces).filter(|w| !w.is_empty()).collect() }
    }
}

/// A sentence that the grammar does not understand: an error at lint time, never a pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotUnderstood {
    /// What is not understood, for a person: where the sentence stops making sense to the grammar.
    pub reason: String,
    /// The nearest sentence that is understood.
    pub nearest: Option<String>,
}

/// What a claim is judged against besides the history.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The lesson's own namespace, as the objects have it.
    pub namespace: String,
    /// Objects that this lesson brought up in earlier steps; empty where not known.
    pub known: BTreeSet<ObjectKey>,
}

/// A sentence that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The sentence as the lesson has it.
    pub text: String,
    /// Under which heading.
    pub section: Section,
    /// What it claims; all of it must be true.
    pub forms: Vec<Form>,
}

impl Claim {
    /// What has to be tried on the cluster (before the step's first command, and after it settled) to judge this claim.
    /// Names in questions are those of the sentence; `None` where it names none.
    pub fn questions(&self) -> Vec<Question> {
        let asked = self.forms.iter().filter_map(|form| match form {
            Form::Reach { np, from, .. } if from == "inside" || from == "outside" => Some((np, from)),
            _ => None,
        });
        let question = |(np, from): (&Np, &String)| Question::Reaches {
            service: np.names.first().map(|name| probe::service(name)),
            from: if from == "outside" { Origin::Outside } else { Origin::Inside },
        };
        asked.map(question).collect()
    }
}

/// Reads a sentence.
pub fn parse(text: &str, section: Section, ctx: &ParseContext) -> Result<Claim, NotUnderstood> {
    reader::read(text, section, ctx)
}

/// Judges a claim over the watched history of its step. A claim of the initial state is judged on the state before.
pub fn judge(claim: &Claim, history: &History, ctx: &Context, probes: &dyn Probe) -> Verdict {
    judging::judge(claim, history, ctx, probes)
}
