//! The shell language, by bashkit: behind this file nothing knows of it but the file system.

use super::adapter::{Adapter, Attached};
use super::output::{Output, Stream};
use super::program::TerminalSize;
use super::timeless::{Rounds, Timeless};
use super::unknown::Unknown;
use super::{ShellOptions, names};
use bashkit::{Bash, ExecOptions, ExecutionExtensions};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The learner's home and working directory in the virtual file system; the lesson's folder is seen here.
pub(super) const HOME: &str = "/home/learner";
const USER: &str = "learner";
const HOST: &str = "lesson";

/// An interpreter with variables and a working directory.
pub(super) struct Interpreter {
    bash: Bash,
}

/// What a command is attached to.
pub(super) struct Terminal {
    /// Its size.
    pub size: TerminalSize,
    /// What is typed.
    pub stdin: mpsc::UnboundedReceiver<Bytes>,
}

impl Interpreter {
    /// An interpreter over these files and programs.
    pub fn new(system: Arc<dyn bashkit::FileSystem>, options: &ShellOptions) -> Self {
        let mut builder = Bash::builder()
            .fs(system)
            .username(USER)
            .hostname(HOST)
            .cwd(HOME)
            .env("HOME", HOME)
            .limits(limits())
            .session_limits(bashkit::SessionLimits::unlimited())
            .memory_limits(bashkit::MemoryLimits::unlimited())
            .builtin_filter(names::is_kept)
            .command_resolver(Arc::new(Unknown::new(options.allow_host.clone(), options.base.clone())));
        for (name, value) in &options.variables {
            builder = builder.env(name, value);
        }
        for program in &options.programs {
            builder = builder.command(program.name().to_owned(), Adapter(program.clone()));
        }
        Interpreter { bash: builder.build() }
    }

    /// A copy of variables, functions and working directory of another.
    pub fn adopt(&mut self, other: &Interpreter) {
        self.bash.restore_shell_state(&other.bash.shell_state());
    }

    /// Goes to a directory with these exported variables.
    pub fn enter(&mut self, directory: &Path, variables: &BTreeMap<String, String>) {
        let mut state = self.bash.shell_state();
        state.cwd = directory.to_owned();
        self.bash.restore_shell_state(&state);
        for (name, value) in variables {
            self.bash.set_env(name, value);
        }
    }

    /// Runs a script; output is written as it is made. Exit code.
    pub async fn run(&mut self, script: &str, terminal: Option<Terminal>, output: &Output) -> i32 {
        let rounds = Rounds::default();
        let attached = Attached::new(terminal, rounds.clone());
        let deliver = |stream: Stream| {
            let output = output.clone();
            move |bytes: Vec<u8>| {
                // A reader that left is the learner's terminal that was closed: the command notices at its own pace.
                let _ = output.write(stream, bytes);
                std::future::ready(Ok(()))
            }
        };
        let execution = self
            .bash
            .execute(script)
            .options(ExecOptions::new().extensions(ExecutionExtensions::new().with(attached)))
            .stdout_fn(deliver(Stream::Stdout))
            .stderr_fn(deliver(Stream::Stderr));
        match Timeless::new(execution.into_future(), rounds).await {
            Ok(result) => result.exit_code,
            Err(error) => {
                let _ = output.write(Stream::Stderr, format!("bash: {error}\n"));
                // bash: a syntax error is 2, as any misuse of the shell.
                2
            }
        }
    }
}

/// A lesson may wait for hours of virtual time and print what it likes: only what would crash the process is limited.
fn limits() -> bashkit::ExecutionLimits {
    const OUTPUT: usize = 64 << 20;
    bashkit::ExecutionLimits::cli()
        .max_stdout_bytes(OUTPUT)
        .max_stderr_bytes(OUTPUT)
        .max_work_units(u64::MAX)
        .max_aggregate_input_bytes(u64::MAX)
        .max_live_intermediate_bytes(4 << 30)
        .timeout(Duration::from_secs(10 * 365 * 24 * 60 * 60))
        .parser_timeout(Duration::from_secs(60))
}
