//! Who answers the runner. `verify`, `run`, `record` and `check` differ in nothing else.

use super::event::Event;
use crate::plan::Command;
use async_trait::async_trait;

/// A moment at which somebody may decide what happens next.
#[derive(Debug)]
pub enum Moment<'a> {
    /// This command is next.
    Command {
        /// The lesson's command.
        command: &'a Command,
        /// Its text with the values that this cluster has in place of the lesson's.
        text: &'a str,
        /// The session that it would be typed into.
        session: Option<&'a str>,
    },
    /// The step is over and judged; the next one follows.
    StepEnd {
        /// Whether another step follows.
        last: bool,
    },
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Go on as the lesson says.
    Proceed,
    /// Run this first, show what it prints, judge nothing, and ask again.
    Try(String),
    /// Pass over it.
    Skip,
    /// Start the lesson again from an empty cluster.
    Reset,
    /// Stop here.
    Quit,
}

/// Consumes events and takes decisions.
#[async_trait]
pub trait Conductor: Send {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>);

    /// What shall happen next? By default what the lesson says.
    async fn choose(&mut self, _moment: Moment<'_>) -> Choice {
        Choice::Proceed
    }
}
