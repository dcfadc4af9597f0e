//! Markdown to a [`Lesson`]: theory, assumptions, initial state, steps, blocks and claims, with byte spans kept.
//!
//! The entry is `parse(text, path) -> (Lesson, Vec<Problem>)`. It is pure, takes any text and never panics; what is odd about
//! the text comes back beside the lesson as [`Problem`]s.
//!
//! Not here: what is run when ([`crate::plan`]), whether outputs agree ([`crate::output`]), what a claim means ([`crate::assertion`]).

mod model;
mod problem;
mod span;

pub use model::*;
pub use problem::{Problem, Severity};
pub use span::{LineIndex, Span};
