//! Expected text against observed text, by unification.
//!
//! Literals that are volatile by nature become typed variables, bound at first sight in `Bindings` and consistent through the lesson.
//! The entry is `match_output(expected, observed, &MatchContext, &mut Bindings) -> MatchResult`; for several commands with one
//! output `match_group(expected, &[(command, observed)], mode, &mut Bindings)`; `Bindings::resolve(text)` puts observed values into
//! a command that names the lesson's.
//!
//! Pure: no clock, no cluster.

mod bindings;
mod model;

pub use bindings::{Binding, Bindings, TokenKind};
pub use model::{MatchContext, MatchMode, MatchResult, Mismatch};
