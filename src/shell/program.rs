//! A command that the shell can start: `kubectl`, `curl`. The shell's own (`echo`, `grep`, …) need none.

use super::files::Files;
use super::output::Output;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::io::AsyncRead;

/// A command by name.
#[async_trait]
pub trait Program: Send + Sync {
    /// The name by which it is called.
    fn name(&self) -> &str;

    /// Runs it: the exit code. It is dropped when the learner interrupts it.
    async fn run(&self, invocation: Invocation) -> i32;
}

/// One call of a program.
pub struct Invocation {
    /// Arguments after the name.
    pub args: Vec<String>,
    /// Exported variables.
    pub variables: BTreeMap<String, String>,
    /// The working directory, absolute in the virtual file system.
    pub directory: PathBuf,
    /// The learner's files.
    pub files: Files,
    /// Standard input.
    pub stdin: Box<dyn AsyncRead + Send + Unpin>,
    /// Standard output and standard error.
    pub output: Output,
    /// The terminal, when both input and output of the program are one.
    pub terminal: Option<TerminalSize>,
}

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}
