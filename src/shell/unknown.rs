//! Commands that the shell does not have: programs of the host where they were allowed by name, else a clear error.

use super::adapter::Attached;
use async_trait::async_trait;
use bashkit::{Builtin, BuiltinContext, CommandResolver, ExecResult};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Answers for every name that is neither a program nor the shell's own.
pub(super) struct Unknown {
    allowed: Vec<String>,
    directory: Option<PathBuf>,
}

impl Unknown {
    /// Programs of the host that may run, and where they start.
    pub fn new(allowed: Vec<String>, directory: Option<PathBuf>) -> Self {
        Unknown { allowed, directory }
    }
}

impl CommandResolver for Unknown {
    fn resolve(&self, name: &str) -> Option<Arc<dyn Builtin>> {
        Some(if self.allowed.iter().any(|allowed| allowed == name) {
            Arc::new(Host { name: name.to_owned(), directory: self.directory.clone() })
        } else {
            Arc::new(Missing(name.to_owned()))
        })
    }
}

struct Missing(String);

#[async_trait]
impl Builtin for Missing {
    async fn execute(&self, _context: BuiltinContext<'_>) -> bashkit::Result<ExecResult> {
        let Missing(name) = self;
        let message = format!("bash: {name}: command not available in a lesson; --allow-host {name} lets it run\n");
        // bash: the exit code of "command not found".
        Ok(ExecResult::err(message, 127))
    }
}

/// A program of the host, allowed by name. Its files are the host's, not the lesson's.
struct Host {
    name: String,
    directory: Option<PathBuf>,
}

#[async_trait]
impl Builtin for Host {
    async fn execute(&self, context: BuiltinContext<'_>) -> bashkit::Result<ExecResult> {
        let mut command = Command::new(&self.name);
        command.args(context.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let input = context.stdin_bytes().unwrap_or_default().to_vec();
        // On a thread that tokio knows of: virtual time stands still until the host's program has ended.
        let runtime =
            context.execution_extension::<Attached>().and_then(|attached| attached.try_with(Attached::runtime).ok());
        let Some(runtime) = runtime else {
            return Err(bashkit::Error::Cancelled);
        };
        let finished = runtime.spawn_blocking(move || {
            let mut child = command.spawn()?;
            let stdin = child.stdin.take();
            std::thread::scope(|scope| {
                scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
                child.wait_with_output()
            })
        });
        let output = match finished.await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Ok(ExecResult::err(format!("bash: {}: {error}\n", self.name), 127)),
            Err(error) => return Ok(ExecResult::err(format!("bash: {}: {error}\n", self.name), 126)),
        };
        let mut result = ExecResult::ok_bytes(output.stdout);
        result.stderr = output.stderr.into();
        result.exit_code = output.status.code().unwrap_or(128);
        Ok(result)
    }
}
