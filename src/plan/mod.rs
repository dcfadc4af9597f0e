//! [`Lesson`](crate::lesson::Lesson) to [`Plan`]: which fence is a command, what its output is, which session it is typed into.
//!
//! The entry is `plan(&Lesson) -> (Plan, Vec<Problem>)`. Pure: nothing is run and nothing is read here.

mod model;

pub use model::*;
