//! The learner's shell: the bash language, pipes and a virtual file system, in this process.
//!
//! Nothing of the host is touched: files live in memory over a read-only base, commands are [`Program`]s or the
//! shell's own; a program of the host runs only when it was allowed by name. The shell knows nothing of lessons.

pub mod files;
pub mod output;
pub mod program;

pub use files::Files;
pub use output::{Chunk, Output, Stream, Transcript};
pub use program::{Invocation, Program, TerminalSize};

use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How a shell is set up.
#[derive(Clone)]
pub struct ShellOptions {
    /// The lesson's folder: can be read, is never written. `None`: an empty folder.
    pub base: Option<PathBuf>,
    /// Commands beside the shell's own: `kubectl`, `curl`, …
    pub programs: Vec<Arc<dyn Program>>,
    /// Programs of the host that may run.
    pub allow_host: Vec<String>,
    /// Variables at the start.
    pub variables: Vec<(String, String)>,
}

/// How a command is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// No input, no terminal: output goes to a transcript.
    Transcript,
    /// A terminal: `kubectl run -it` shows prompts, what is typed is echoed by who reads it.
    Terminal(TerminalSize),
}

/// A command that runs. Dropping it interrupts the command.
pub struct Running {
    /// Both streams in the order in which they were written; ends when the command has ended.
    pub output: mpsc::UnboundedReceiver<Chunk>,
    stdin: Option<mpsc::UnboundedSender<Bytes>>,
    interrupt: tokio_util::sync::CancellationToken,
    exit: tokio::task::JoinHandle<i32>,
}

impl Running {
    /// Types bytes; false when the command does not read any more.
    pub fn write(&self, bytes: impl Into<Bytes>) -> bool {
        self.stdin
            .as_ref()
            .is_some_and(|stdin| stdin.send(bytes.into()).is_ok())
    }

    /// Ends the input (Ctrl-D on an empty line).
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Ctrl-C. The exit code is 130 then.
    pub fn interrupt(&self) {
        self.interrupt.cancel();
    }

    /// Waits for the end: the exit code. What is left in `output` can still be read.
    pub async fn wait(&mut self) -> i32 {
        (&mut self.exit).await.unwrap_or(130)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.interrupt.cancel();
    }
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code.
    pub exit_code: i32,
    /// What it printed.
    pub transcript: Transcript,
}

/// A shell: variables and working directory of its own, files shared with its forks.
pub struct Shell {
    options: ShellOptions,
}

impl Shell {
    /// A shell with an empty memory.
    pub fn new(options: ShellOptions) -> Self {
        Shell { options }
    }

    /// "In another terminal": a shell with the same files and programs, and the variables of the start.
    pub fn fork(&self) -> Shell {
        Shell {
            options: self.options.clone(),
        }
    }

    /// Starts a command; commands of one shell run one after the other, those of forks side by side.
    pub fn start(&self, _command: &str, attachment: Attachment) -> Running {
        let (_sender, output) = mpsc::unbounded_channel();
        let (stdin, _reader) = mpsc::unbounded_channel();
        let stdin = matches!(attachment, Attachment::Terminal(_)).then_some(stdin);
        Running {
            output,
            stdin,
            interrupt: Default::default(),
            exit: tokio::spawn(async { 127 }),
        }
    }

    /// Runs a command to its end.
    pub async fn run(&self, command: &str) -> Finished {
        let mut running = self.start(command, Attachment::Transcript);
        let mut transcript = Transcript::default();
        while let Some(chunk) = running.output.recv().await {
            transcript.push(chunk);
        }
        Finished {
            exit_code: running.wait().await,
            transcript,
        }
    }

    /// Puts a file into the learner's folder; `path` is relative to the working directory of the start.
    ///
    /// # Errors
    /// The path leads out of the folder or names a directory.
    pub async fn write_file(&self, _path: &str, _bytes: &[u8]) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}
