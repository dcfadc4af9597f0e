//! What happens during a run, as it happens. Reporters print these; the runner prints nothing.

use super::result::{ClaimResult, CommandResult, LessonResult, StepResult, UnlistedChange};
use crate::plan::Step;

/// Which stream a piece of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Standard output, or a terminal.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A cluster is being made ready, in words.
    Preparing(&'a str),
    /// The first step is about to start.
    LessonStarted {
        /// The lesson's title.
        title: &'a str,
        /// How many steps follow.
        steps: usize,
    },
    /// A step starts.
    StepStarted {
        /// Number from 1.
        number: usize,
        /// The step.
        step: &'a Step,
    },
    /// Running text between commands, as markdown.
    Prose(&'a str),
    /// A command starts.
    CommandStarted {
        /// Its line.
        line: usize,
        /// As it is run.
        text: &'a str,
        /// The session that it is typed into.
        session: Option<&'a str>,
    },
    /// A piece of output of the command that runs. A command that is repeated shows its last output only, when it is done.
    Output {
        /// Where it came from.
        stream: StreamKind,
        /// The text.
        text: &'a str,
    },
    /// The run waits, for this.
    Waiting(&'a str),
    /// A command was judged.
    CommandFinished(&'a CommandResult),
    /// A claim was judged.
    ClaimJudged(&'a ClaimResult),
    /// What the lesson does not speak of.
    Unlisted(&'a [UnlistedChange]),
    /// A step was judged.
    StepFinished(&'a StepResult),
    /// The lesson was judged.
    LessonFinished(&'a LessonResult),
}
