//! Expected text against observed text, by unification.
//!
//! Literals that are volatile by nature (ages, addresses, node ports, generated names, uids, times, node names) become typed variables, bound
//! at first sight in [`Bindings`] and consistent through the lesson. What is volatile is decided by column, field name and shape; the first two
//! are data (`data/columns.yaml`, `data/fields.yaml`).
//!
//! * [`match_output`] compares one output; [`match_group`] one that several commands share;
//! * [`Bindings::resolve`] puts observed values into a command that names the lesson's.
//!
//! Pure: no clock, no cluster. What is compared how:
//!
//! | shape | comparison |
//! |---|---|
//! | table | headers equal, each row has its counterpart, none is left; any order unless the command sorts; `...` leaves rows out |
//! | YAML, JSON | a part of what was printed; a list of plain values is whole |
//! | `describe` | every line of the lesson, in order; kubectl may print more |
//! | `-w` | every row of the lesson, in order |
//! | `env`, `printenv`, `logs -l` | lines in any order |
//! | anything else | line by line, whole, unless `...` leaves lines out; a line that repeats with another time is one |

mod atoms;
mod bindings;
mod command;
mod group;
mod lines;
mod matcher;
mod model;
mod names;
mod table;
mod tree;
mod unify;
mod words;

pub use bindings::{Binding, Bindings, TokenKind};
pub use group::{Printed, match_group};
pub use matcher::{impossible, match_output};
pub use model::{MatchContext, MatchMode, MatchResult, Mismatch};

#[cfg(test)]
mod mutants;
#[cfg(test)]
mod tests;
