//! What a run found: the JSON of `verify --output json`, as data. Field names are API (version 1).

use crate::lesson::Problem;
use crate::plan::Step;
use serde::Serialize;
use std::collections::BTreeMap;

/// The truth of a command, a claim, a step, a lesson or a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of it was observed to be true.
    Proved,
    /// Something in it was observed to be false.
    Refuted,
    /// Something in it is not understood; it is neither passed nor refuted.
    NotUnderstood,
    /// It could not be tried: no cluster, interrupted.
    Error,
}

impl Verdict {
    /// The verdict on a whole from those on its parts: the worst one; an empty whole is proved.
    pub fn of_all(parts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Proved => 0,
            Verdict::NotUnderstood => 1,
            Verdict::Refuted => 2,
            Verdict::Error => 3,
        };
        parts.into_iter().max_by_key(rank).unwrap_or(Verdict::Proved)
    }
}

/// A whole run of `verify`.
#[derive(Debug, Clone, Serialize)]
pub struct RunResult {
    /// Version of this shape: 1.
    pub version: u32,
    /// Name and version of the program.
    pub tool: String,
    /// The worst of the lessons.
    pub verdict: Verdict,
    /// One for each lesson, in the order of the command line.
    pub lessons: Vec<LessonResult>,
    /// Findings about the lessons' texts and about the run itself.
    pub problems: Vec<ProblemResult>,
}

/// A finding in the shape of the report.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemResult {
    /// The lesson's file as named on the command line.
    pub file: String,
    /// Line from 1; 0 where it is about no line.
    pub line: usize,
    /// Stable code.
    pub code: String,
    /// One sentence, with the way out.
    pub message: String,
}

impl From<&Problem> for ProblemResult {
    fn from(problem: &Problem) -> Self {
        let message = match &problem.help {
            Some(help) => format!("{}; {help}", problem.message),
            None => problem.message.clone(),
        };
        ProblemResult {
            file: problem.file.display().to_string(),
            line: problem.line,
            code: problem.code.clone(),
            message,
        }
    }
}

/// What was found about one lesson.
#[derive(Debug, Clone, Serialize)]
pub struct LessonResult {
    /// The file as named on the command line.
    pub file: String,
    /// The lesson's title.
    pub title: String,
    /// `embedded`, or the name of the kubeconfig context.
    pub cluster: String,
    /// Seed of all randomness of the run.
    pub seed: u64,
    /// The worst of the steps.
    pub verdict: Verdict,
    /// Wall time in seconds.
    pub seconds: f64,
    /// In the order of the page.
    pub steps: Vec<StepResult>,
}

/// What was found about one step.
#[derive(Debug, Clone, Serialize)]
pub struct StepResult {
    /// The heading's text.
    pub heading: String,
    /// Line of the heading, from 1.
    pub line: usize,
    /// The worst of its commands and claims.
    pub verdict: Verdict,
    /// Time in seconds on the clock of the cluster.
    pub seconds: f64,
    /// In the order of the page.
    pub commands: Vec<CommandResult>,
    /// Sentences about the state before the first command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub initial: Vec<ClaimResult>,
    /// In the order of the page.
    pub claims: Vec<ClaimResult>,
    /// What changed beyond what the lesson says.
    pub unlisted_changes: Vec<UnlistedChange>,
}

/// What a command did.
#[derive(Debug, Clone, Serialize)]
pub struct CommandResult {
    /// Line of its first character, from 1.
    pub line: usize,
    /// As the lesson has it.
    pub text: String,
    /// The session that it was typed into.
    pub session: Option<String>,
    /// Its exit code; `None` where it was not run, or typed into a session, or interrupted.
    pub exit_code: Option<i32>,
    /// What it printed, the last time that it ran. In a session: all that the terminal showed.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
    /// What the lesson shows.
    pub expected: Option<String>,
    /// Line of the first line of what the lesson shows, from 1.
    #[serde(skip)]
    pub expected_line: usize,
    /// Whether both agree; `None` where nothing was expected.
    pub matched: Option<bool>,
    /// Whether the command itself did what it should: false refutes the step.
    #[serde(skip)]
    pub succeeded: bool,
    /// Why it failed, for a learner.
    pub reason: Option<String>,
    /// Line in the lesson that the reason is about, from 1; 0 where there is none.
    pub reason_line: usize,
    /// Volatile values that were seen here for the first time.
    pub bindings: BTreeMap<String, String>,
    /// Why it was not run.
    pub skipped: Option<String>,
}

impl StepResult {
    /// A step of which nothing is known yet.
    pub fn of(step: &Step) -> StepResult {
        StepResult {
            heading: step.heading.clone(),
            line: step.line,
            verdict: Verdict::Proved,
            seconds: 0.0,
            commands: Vec::new(),
            initial: Vec::new(),
            claims: Vec::new(),
            unlisted_changes: Vec::new(),
        }
    }
}

impl CommandResult {
    /// The verdict on it.
    pub fn verdict(&self) -> Verdict {
        if self.skipped.is_none() && (self.matched == Some(false) || !self.succeeded) {
            Verdict::Refuted
        } else {
            Verdict::Proved
        }
    }
}

/// The verdict on a sentence.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimResult {
    /// Its line, from 1.
    pub line: usize,
    /// As the lesson has it.
    pub text: String,
    /// `changed`, `unchanged` or `initial`.
    pub section: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, for a learner.
    pub reason: String,
    /// What was observed.
    pub evidence: Vec<Evidence>,
}

/// An observation that proves or refutes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// `Service/demo`.
    pub object: String,
    /// `.spec.type`; empty for the object as a whole.
    pub path: String,
    /// The value before the step.
    pub before: serde_json::Value,
    /// The value after it, or at the moment that refutes.
    pub after: serde_json::Value,
    /// When it changed, RFC 3339; empty where it did not.
    pub at: String,
    /// Who wrote it (the manager of the field), where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// A change that the lesson does not speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnlistedChange {
    /// `ConfigMap/x`.
    pub object: String,
    /// `created`, `deleted`, `changed`.
    pub change: String,
}
