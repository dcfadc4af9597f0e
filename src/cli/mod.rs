//! One file a subcommand.

pub mod kubectl;
mod stdin;
