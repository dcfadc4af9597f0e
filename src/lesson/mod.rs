//! Markdown to a [`Lesson`]: theory, assumptions, initial state, steps, blocks and claims, with byte spans kept.
//!
//! The entry is [`parse`]. It is pure, takes any text and never panics; what is odd about
//! the text comes back beside the lesson as [`Problem`]s.
//!
//! Not here: what is run when ([`crate::plan`]), whether outputs agree ([`crate::output`]), what a claim means ([`crate::assertion`]).

mod build;
mod classify;
mod codes;
mod console;
mod control;
mod front_matter;
mod markdown;
mod model;
mod problem;
mod sections;
mod shell_line;
mod shortcode;
mod span;
mod words;

pub use build::parse;
pub use codes::{Code, Reporter, code, codes};
pub(crate) use console::is_program_prompt;
pub(crate) use control::duration;
pub use model::*;
pub use problem::{Problem, Severity};
pub(crate) use sections::{has_commands, is_numbered};
pub use span::{LineIndex, Span};
pub(crate) use words::{PHRASES, Phrase};

#[cfg(test)]
mod tests;
