//! A running program: its arguments, its streams, and the container around it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::container::Container;
use super::files::clean;
use super::stream::{Input, Output};

/// Exit code of a program that the shell could not find.
pub const NOT_FOUND: i32 = 127;
/// Exit code of a program that stands there but cannot be run.
pub const CANNOT_RUN: i32 = 126;

/// One process of a container.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number in the container; the container's own process is 1.
    pub pid: u32,
    /// The words of its command line, the program's name first.
    pub arguments: Vec<String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Its working directory.
    pub directory: String,
    /// Standard input.
    pub stdin: Input,
    /// Standard output.
    pub stdout: Output,
    /// Standard error.
    pub stderr: Output,
    /// The terminal that its streams are, where they are one.
    pub terminal: Option<super::terminal::Terminal>,
    /// The container that it runs in.
    pub container: Arc<Container>,
}

impl Process {
    /// The words after the program's name.
    pub fn operands(&self) -> Vec<&str> {
        self.arguments.iter().skip(1).map(String::as_str).collect()
    }

    /// A variable of the environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// `path` as this process means it: absolute.
    pub fn path(&self, path: &str) -> String {
        clean(&self.directory, path)
    }

    /// Prints `name: message` to standard error and gives `code` back.
    pub fn fail(&self, message: impl std::fmt::Display, code: i32) -> i32 {
        self.stderr.line(message.to_string());
        code
    }
}

/// What a program does. Programs hold no state: all of it is in the process and its container.
#[async_trait]
pub trait Program: Send + Sync {
    /// Runs to its end and gives its exit code. To end it early, drop the future.
    async fn run(&self, process: Process) -> i32;

    /// Whether it ends in good order when asked to by a signal, and with which exit code. A program without a handler of its own dies of the
    /// signal, but not as process 1 of a container: there the kernel ignores what is not handled.
    fn on_terminate(&self) -> Option<i32> {
        None
    }
}
