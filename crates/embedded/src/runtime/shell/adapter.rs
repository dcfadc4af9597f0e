//! Programs of the container, called from the shell language.

use std::sync::Arc;

use async_trait::async_trait;
use bashkit::{Builtin, BuiltinContext, Command, CommandContext, CommandStatus, ExecResult};

use crate::runtime::container::Container;
use crate::runtime::process::{NOT_FOUND, Process};
use crate::runtime::stream::{Input, Output};

/// Runs a program of the container as a command of a shell.
pub struct External {
    /// The shell that it is called from: streams of a terminal and the container are the same.
    pub shell: Process,
}

#[async_trait]
impl Command for External {
    async fn execute(&self, context: CommandContext<'_>) -> bashkit::Result<CommandStatus> {
        let mut arguments = vec![context.name.to_owned()];
        arguments.extend(context.args.iter().cloned());
        let (stdout, out) = Output::kept();
        let (stderr, err) = Output::kept();
        let stdin = Input::open();
        let process = Process {
            pid: 0,
            arguments,
            environment: context.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            directory: context.cwd.to_string_lossy().into_owned(),
            stdin: stdin.clone(),
            stdout,
            stderr,
            terminal: self.shell.terminal.clone(),
            container: Arc::clone(&self.shell.container),
        };
        let container: &Arc<Container> = &self.shell.container;
        let mut exit = match container.spawn(process) {
            Ok(exit) => exit,
            Err(_) => return Ok(CommandStatus::with_code(NOT_FOUND)),
        };
        let feed = async {
            while let Some(chunk) = context.stdin.read_chunk().await? {
                stdin.feed(chunk.into());
            }
            stdin.close();
            Ok::<_, bashkit::Error>(())
        };
        let ended = async { exit.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(NOT_FOUND) };
        let (fed, code) = tokio::join!(feed, ended);
        fed?;
        // Standard error first: it was shown while standard output was still being made.
        context.stderr.write_all(err.text().as_bytes()).await?;
        context.stdout.write_all(&out.bytes()).await?;
        Ok(CommandStatus::with_code(code))
    }
}

/// Answers for names that nothing stands for, in the words of the shell that was asked.
pub struct Missing {
    /// The name that was asked for.
    pub name: String,
    /// What the shell says before it.
    pub prefix: String,
    /// What the shell says after it.
    pub suffix: &'static str,
}

#[async_trait]
impl Builtin for Missing {
    async fn execute(&self, _: BuiltinContext<'_>) -> bashkit::Result<ExecResult> {
        Ok(ExecResult::err(format!("{}{}: {}\n", self.prefix, self.name, self.suffix), NOT_FOUND))
    }
}
