//! The learner's shell: the bash language, pipes and a virtual file system, in this process.
//!
//! Nothing of the host is touched: files live in memory over a read-only base, commands are [`Program`]s or the
//! shell's own; a program of the host runs only when it was allowed by name. The shell knows nothing of lessons.

mod adapter;
pub mod files;
mod folder;
mod language;
mod names;
pub mod output;
pub mod program;
pub mod programs;
mod sleep;
mod timeless;
mod timeout;
mod unknown;
mod watch;

pub use files::Files;
pub use output::{Chunk, Output, Stream, Transcript};
pub use program::{Invocation, Program, TerminalSize};

use bashkit::{FileSystem, InMemoryFs, OverlayFs};
use bytes::Bytes;
use language::Interpreter;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// How a shell is set up.
#[derive(Clone, Default)]
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
    interrupt: CancellationToken,
    exit: tokio::task::JoinHandle<i32>,
}

impl Running {
    /// Types bytes; false when the command does not read any more.
    pub fn write(&self, bytes: impl Into<Bytes>) -> bool {
        self.stdin.as_ref().is_some_and(|stdin| stdin.send(bytes.into()).is_ok())
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
        (&mut self.exit).await.unwrap_or(INTERRUPTED)
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
    options: Arc<ShellOptions>,
    system: Arc<dyn FileSystem>,
    interpreter: Arc<Mutex<Interpreter>>,
}

impl Shell {
    /// A shell with nothing in memory.
    ///
    /// # Errors
    /// The lesson's folder cannot be read.
    pub fn new(mut options: ShellOptions) -> io::Result<Self> {
        options.programs.push(Arc::new(sleep::Sleep));
        let system: Arc<dyn FileSystem> = match &options.base {
            Some(base) => Arc::new(OverlayFs::new(Arc::new(folder::Folder::new(base, Path::new(language::HOME))?))),
            None => {
                let memory = InMemoryFs::new();
                memory.add_dir(language::HOME, 0o755);
                Arc::new(memory)
            }
        };
        let options = Arc::new_cyclic(|shell| {
            let inner = Inner { system: system.clone(), shell: shell.clone() };
            options.programs.push(Arc::new(watch::Watch(inner.clone())));
            options.programs.push(Arc::new(timeout::Timeout(inner)));
            options
        });
        Ok(Shell::over(system, options))
    }

    fn over(system: Arc<dyn FileSystem>, options: Arc<ShellOptions>) -> Self {
        let interpreter = Arc::new(Mutex::new(Interpreter::new(system.clone(), &options)));
        Shell { options, system, interpreter }
    }

    /// "In another terminal": a shell with the same files and programs, and the variables of the start.
    pub fn fork(&self) -> Shell {
        Shell::over(self.system.clone(), self.options.clone())
    }

    /// Starts a command. Commands of one shell run one after the other, those of forks side by side. A command that
    /// ends with `&` runs beside this shell's next ones, with a copy of its variables.
    pub fn start(&self, command: &str, attachment: Attachment) -> Running {
        let (output, pieces) = Output::channel();
        let (keyboard, typed) = mpsc::unbounded_channel();
        let interrupt = CancellationToken::new();
        let (stdin, terminal) = match attachment {
            Attachment::Transcript => (None, None),
            Attachment::Terminal(size) => (Some(keyboard), Some(language::Terminal { size, stdin: typed })),
        };
        let job = Job { output, terminal, interrupt: interrupt.clone() };
        let exit = match background(command) {
            Some(command) => {
                tokio::spawn(job.beside(self.fork().interpreter, self.interpreter.clone(), command.to_owned()))
            }
            None => tokio::spawn(job.run(self.interpreter.clone(), command.to_owned())),
        };
        Running { output: pieces, stdin, interrupt, exit }
    }

    /// Runs a command to its end.
    pub async fn run(&self, command: &str) -> Finished {
        let mut running = self.start(command, Attachment::Transcript);
        let mut transcript = Transcript::default();
        while let Some(chunk) = running.output.recv().await {
            transcript.push(chunk);
        }
        Finished { exit_code: running.wait().await, transcript }
    }

    /// The learner's files; relative paths start at the learner's home, which is the lesson's folder.
    pub fn files(&self) -> Files {
        Files::new(self.system.clone(), language::HOME.into())
    }
}

/// For a program that runs commands: an interpreter of its own over the same files and programs.
#[derive(Clone)]
struct Inner {
    system: Arc<dyn FileSystem>,
    /// Weak, since the shell's programs include the one that holds this.
    shell: Weak<ShellOptions>,
}

impl Inner {
    /// An interpreter where the program was called, with what it exports.
    fn interpreter(&self, invocation: &Invocation) -> Option<Interpreter> {
        let mut interpreter = Interpreter::new(self.system.clone(), &*self.shell.upgrade()?);
        interpreter.enter(&invocation.directory, &invocation.variables);
        Some(interpreter)
    }
}

/// What a command that starts needs beside its text.
struct Job {
    output: Output,
    terminal: Option<language::Terminal>,
    interrupt: CancellationToken,
}

impl Job {
    async fn run(self, interpreter: Arc<Mutex<Interpreter>>, command: String) -> i32 {
        // Interrupted while it waits for its turn, it never starts.
        let mut interpreter = tokio::select! {
            biased;
            () = self.interrupt.cancelled() => return INTERRUPTED,
            interpreter = interpreter.lock() => interpreter,
        };
        tokio::select! {
            biased;
            () = self.interrupt.cancelled() => INTERRUPTED,
            code = interpreter.run(&command, self.terminal, &self.output) => code,
        }
    }

    async fn beside(self, own: Arc<Mutex<Interpreter>>, parent: Arc<Mutex<Interpreter>>, command: String) -> i32 {
        own.lock().await.adopt(&*parent.lock().await);
        self.run(own, command).await
    }
}

/// 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// The command without its final `&`, where it has one.
fn background(command: &str) -> Option<&str> {
    let command = command.trim_end().strip_suffix('&')?;
    (!command.ends_with(['&', '\\', '>', '<'])).then_some(command)
}

/// A word that the shell reads back as it is.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests;
