//! Executes a [`Plan`](crate::plan::Plan) on a [`Cluster`](crate::cluster::Cluster): watches from before the first command,
//! mutations once, reads again until they agree, rest, verdicts. Emits typed events; prints nothing.
//!
//! `run`, `verify`, `record` and `check` differ in who answers the events (a [`Conductor`]), never in how a step is executed.

mod check;
mod claims;
mod conductor;
mod discover;
mod event;
mod group;
mod observe;
mod patience;
mod result;
mod run;
mod session;
mod settle;
mod typing;

pub use check::{check, step_of};
pub use conductor::{Choice, Conductor, Moment};
pub use event::{Event, StreamKind};
pub use observe::{Mark, Observer};
pub use result::*;
pub use run::{NAMESPACE, Options, Stop, run};
