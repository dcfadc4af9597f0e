//! What is wrong with a lesson that nobody has run yet: one file a rule; the codes are in `src/lesson/data/codes.yaml`.
//!
//! Pure: what a rule has to know of kubectl, of the grammar of claims and of the files beside the lesson comes in as [`Knowledge`].

mod claims;
mod files;
mod kubectl;
mod outputs;
mod placeholders;
mod steps;
mod variables;

use crate::lesson::{self, ClaimText, Lesson, LineIndex, Problem, Reporter};
use crate::plan::{self, Plan};
use std::path::Path;

/// Why something is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What the rules ask.
pub trait Knowledge {
    /// Whether kubectl takes these arguments (without `kubectl` itself in front).
    ///
    /// # Errors
    /// What kubectl would say.
    fn kubectl(&self, args: &[String]) -> Result<(), Fault>;

    /// Whether the grammar understands a sentence of this lesson.
    ///
    /// # Errors
    /// What it does not understand, and the nearest sentence that it does.
    fn claim(&self, claim: &ClaimText, lesson: &Lesson) -> Result<(), Fault>;

    /// Whether a file stands beside the lesson, at this relative path.
    fn has_file(&self, path: &Path) -> bool;
}

/// A lesson with its plan, as the rules see it.
pub(crate) struct Subject<'a> {
    pub(crate) lesson: &'a Lesson,
    pub(crate) plan: &'a Plan,
    pub(crate) knowledge: &'a dyn Knowledge,
    pub(crate) report: Reporter<'a>,
}

type Rule = fn(&Subject<'_>, &mut Vec<Problem>);

const RULES: &[Rule] =
    &[claims::check, files::check, kubectl::check, outputs::check, placeholders::check, steps::check, variables::check];

/// All problems of a page, in the order of its lines: those of reading it, of planning it, and of the rules.
pub fn lint(text: &str, path: &Path, knowledge: &dyn Knowledge) -> Vec<Problem> {
    let (lesson, mut problems) = lesson::parse(text, path);
    let (plan, found) = plan::plan(&lesson);
    problems.extend(found);
    let lines = LineIndex::new(text);
    let subject = Subject { lesson: &lesson, plan: &plan, knowledge, report: Reporter { file: path, lines: &lines } };
    for rule in RULES {
        rule(&subject, &mut problems);
    }
    problems.sort_by(|a, b| (a.span.start, &a.code, &a.message).cmp(&(b.span.start, &b.code, &b.message)));
    problems.dedup();
    problems
}

#[cfg(test)]
mod tests;
