//! One line on a terminal's standard error that says what `verify` does now; nothing where it is not a terminal.

use crate::runner::{Conductor, Event};
use async_trait::async_trait;
use std::io::{IsTerminal, Write};

/// Answers nothing, shows what happens.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
    heading: String,
}

impl Progress {
    /// Shows progress where standard error is a terminal and `wanted`.
    pub fn new(wanted: bool) -> Progress {
        Progress { shown: wanted && std::io::stderr().is_terminal(), heading: String::new() }
    }

    fn line(&self, text: &str) {
        if self.shown {
            let mut line: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
            if line.len() < text.len() {
                line.push('…');
            }
            // progress that cannot be shown is no reason to fail
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        }
    }

    /// Removes the line.
    pub fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
            let _ = std::io::stderr().flush();
        }
    }
}

#[async_trait]
impl Conductor for Progress {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Preparing(what) => self.line(what),
            Event::StepStarted { step, .. } => {
                self.heading = step.heading.clone();
                self.line(&self.heading);
            }
            Event::CommandStarted { text, .. } => self.line(&format!("{}: {text}", self.heading)),
            Event::Waiting(what) => self.line(&format!("{}: waiting: {what}", self.heading)),
            Event::LessonFinished(_) => self.clear(),
            _ => {}
        }
    }
}
