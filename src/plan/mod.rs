//! [`Lesson`](crate::lesson::Lesson) to [`Plan`]: which fence is a command, what its output is, which session it is typed into.
//!
//! The entry is [`plan`](fn@plan). Pure: nothing is run and nothing is read here.

mod build;
mod command;
mod controls;
mod model;
mod shell_words;
mod step;

pub use build::plan;
pub use model::*;

#[cfg(test)]
mod tests;
