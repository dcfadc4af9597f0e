//! What runs in a container: images as data, programs as small traits, and the files, streams and terminals between them.
//!
//! Nothing of the host is reached from here: files are in memory, the network is [`crate::network`], time is [`crate::clock`].

pub mod command;
pub mod container;
pub mod files;
pub mod image;
pub mod log;
pub mod process;
pub mod programs;
pub mod reference;
pub mod shell;
pub mod stream;
pub mod terminal;
pub mod tree;

#[cfg(test)]
mod tests;
