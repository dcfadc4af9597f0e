//! kubectl-lesson: runs Kubernetes lessons written in markdown, and proves what they say.
//!
//! The map, a line a room (see ARCHITECTURE.md for the walls between them):
//!
//! * `lesson`: markdown to a [`lesson`](crate::lesson) with theory, steps, fences, claims; byte spans kept; pure
//! * `plan`: which fence is a command, its output, typed into which session; pure
//! * `lint`: what is wrong with a lesson that nobody has run yet; pure
//! * `output`: expected text against observed text; pure
//! * `assertion`: claims and their verdicts; grammar and vocabulary as data; pure
//! * `snapshot`, `diff`: a cluster's state at a moment, and what happened between two
//! * `shell`: the learner's shell on a virtual file system
//! * `cluster`: what a lesson runs on
//! * `runner`: executes a plan on a cluster, emits typed events; prints nothing
//! * `report`, `ui`, `cli`: what people see

pub mod assertion;
pub mod cli;
pub mod cluster;
pub mod diff;
pub mod lesson;
pub mod lint;
pub mod output;
pub mod plan;
pub mod report;
pub mod runner;
pub mod shell;
pub mod snapshot;
pub mod ui;

#[cfg(test)]
mod testing;
