//! One running shell: bashkit's interpreter over a container's files, programs and streams.
//!
//! Its limits are lifted: what it runs is a lesson's, and ends with its container. It is driven by the container's task alone; it starts no thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bashkit::{Bash, Builtin, CommandResolver, ExecOptions, ExecutionLimits, SessionLimits};

use super::adapter::{External, Missing};
use super::filesystem::ContainerFiles;
use crate::runtime::command::DEFAULT_PATH;
use crate::runtime::container::INTERRUPTED;
use crate::runtime::files::{Files, Kind};
use crate::runtime::image::PROGRAM_MARK;
use crate::runtime::process::Process;
use crate::runtime::programs;

/// Commands that are part of the shell language itself, whatever the image holds.
const LANGUAGE: &[&str] = &[
    ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "declare", "echo", "eval", "exec", "exit",
    "export", "false", "fg", "getopts", "hash", "jobs", "let", "local", "printf", "pwd", "read", "readonly", "return",
    "set", "shift", "source", "test", "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias",
    "unset", "wait",
];

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It reached its end; the status of its last command.
    Ended(i32),
    /// It said `exit`.
    Exited(i32),
}

impl Outcome {
    /// The exit code, either way.
    pub fn code(self) -> i32 {
        match self {
            Self::Ended(code) | Self::Exited(code) => code,
        }
    }
}

/// A shell and its state: variables, functions, working directory.
pub struct Interpreter {
    bash: Bash,
    process: Process,
    name: String,
    exited: Arc<Mutex<Option<i32>>>,
    wants_input: bool,
}

/// Programs that stand in the folders of the path: their names as commands, and what they do.
fn in_path(files: &Files, path: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for folder in path.split(':') {
        for (name, entry) in files.list(folder).unwrap_or_default() {
            let Kind::File(bytes) = &entry.kind else { continue };
            let text = String::from_utf8_lossy(bytes);
            let Some(program) = text.strip_prefix(PROGRAM_MARK) else { continue };
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, program.split_whitespace().next().unwrap_or_default().to_owned()));
            }
        }
    }
    found
}

struct NotFound {
    prefix: String,
    suffix: &'static str,
}

impl CommandResolver for NotFound {
    fn resolve(&self, name: &str) -> Option<Arc<dyn Builtin>> {
        Some(Arc::new(Missing { name: name.to_owned(), prefix: self.prefix.clone(), suffix: self.suffix }))
    }
}

impl Interpreter {
    /// The shell that `process` is.
    pub fn new(process: &Process) -> Self {
        let setup = &process.container.setup;
        let files = &setup.files;
        let name = process
            .arguments
            .first()
            .and_then(|name| name.rsplit('/').next())
            .unwrap_or("sh")
            .trim_start_matches('-')
            .to_owned();
        let programs_in_path = in_path(files, process.variable("PATH").unwrap_or(DEFAULT_PATH));
        let generic: Vec<String> = programs_in_path
            .iter()
            .filter(|(name, program)| name == program && programs::is_of_the_shell(program))
            .map(|(name, _)| name.clone())
            .collect();
        let exited = Arc::new(Mutex::new(None));
        let said = Arc::clone(&exited);
        let limits = ExecutionLimits::cli()
            .max_work_units(u64::MAX)
            .max_aggregate_input_bytes(u64::MAX)
            .max_live_intermediate_bytes(u64::MAX)
            .max_stdout_bytes(usize::MAX >> 1)
            .max_stderr_bytes(usize::MAX >> 1)
            .timeout(Duration::from_secs(u64::from(u32::MAX)));
        let mut builder = Bash::builder()
            .fs(Arc::new(ContainerFiles {
                files: files.clone(),
                stdin: process.stdin.clone(),
                stdout: process.stdout.clone(),
                stderr: process.stderr.clone(),
            }))
            .cwd(&process.directory)
            .username(setup.user.name.clone().unwrap_or_else(|| setup.user.uid.to_string()))
            .hostname(&setup.hostname)
            .limits(limits)
            .session_limits(SessionLimits::unlimited())
            .builtin_filter(move |command| LANGUAGE.contains(&command) || generic.iter().any(|known| known == command))
            .command_resolver(Arc::new(match name.as_str() {
                "bash" => NotFound { prefix: "bash: ".into(), suffix: "command not found" },
                name => NotFound { prefix: format!("{name}: "), suffix: "not found" },
            }))
            .on_exit(Box::new(move |event| {
                *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(event.code);
                bashkit::hooks::HookAction::Continue(event)
            }))
            .rootfs(false);
        for (variable, value) in &process.environment {
            builder = builder.env(variable, value);
        }
        for (name, program) in &programs_in_path {
            if !programs::is_of_the_shell(program) {
                builder = builder.command(name, External { shell: process.clone() });
            }
        }
        for (path, program) in setup.image.programs() {
            // A program that is called by its path runs by the name that its file says.
            if !programs::is_of_the_shell(program) && !programs_in_path.iter().any(|(name, _)| name == program) {
                builder = builder.command(
                    program,
                    External { shell: Process { arguments: vec![path.to_owned()], ..process.clone() } },
                );
            }
        }
        let mut bash = builder.build();
        bash.set_interactive(true);
        Self { bash, process: process.clone(), name, exited, wants_input: false }
    }

    /// Notes whether a script reads its standard input, so that it is only waited for where it is read.
    pub fn feeds_input(&mut self, script: &str) {
        const READERS: &[&str] = &[
            "cat", "read", "tee", "grep", "sed", "awk", "wc", "sort", "head", "tail", "sh", "bash", "xargs", "tar",
            "base64",
        ];
        let words = || script.split(|letter: char| !letter.is_ascii_alphanumeric());
        self.wants_input = words().any(|word| READERS.contains(&word));
    }

    /// Runs commands and prints what they print as it comes.
    pub async fn run(&mut self, text: &str, name: Option<String>, positional: Vec<String>) -> Outcome {
        let (stdout, stderr) = (self.process.stdout.clone(), self.process.stderr.clone());
        let mut options = ExecOptions::new()
            .streaming(Box::new(move |out, err| {
                stderr.write(err.as_bytes());
                stdout.write(out.as_bytes());
            }))
            .arg0(name.unwrap_or_else(|| self.name.clone()));
        if !positional.is_empty() {
            options = options.positional(positional);
        }
        if self.wants_input {
            options = options.stdin(bashkit::StreamData::from(self.process.stdin.rest().await));
        }
        *self.exited.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let running = self.bash.exec_with_options(text, options);
        let result = match &self.process.terminal {
            None => running.await,
            Some(terminal) => tokio::select! {
                biased;
                result = running => result,
                () = terminal.interrupted() => {
                    self.process.stdout.write(b"\n");
                    return Outcome::Ended(INTERRUPTED);
                }
            },
        };
        let code = match result {
            Ok(result) => result.exit_code,
            Err(error) => {
                let message = match error {
                    bashkit::Error::Parse { message, .. } => message,
                    error => error.to_string(),
                };
                self.process.fail(format!("{}: {message}", self.name), 2)
            }
        };
        match *self.exited.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(code) => Outcome::Exited(code),
            None => Outcome::Ended(code),
        }
    }

    /// Whether commands are whole, or go on in the next line.
    pub fn is_complete(&self, text: &str) -> bool {
        let trimmed = text.trim_end_matches('\n');
        let slashes = trimmed.chars().rev().take_while(|letter| *letter == '\\').count();
        if slashes % 2 == 1 {
            return false;
        }
        match bashkit::parser::Parser::new(text).parse() {
            Ok(_) => !open_heredoc(text),
            Err(error) => {
                let message = error.to_string();
                !(message.contains("unexpected end")
                    || message.contains("unterminated")
                    || message.contains("EOF")
                    || message.contains("expected"))
            }
        }
    }

    /// What this shell prints before a command.
    pub fn prompt(&self) -> String {
        let setup = &self.process.container.setup;
        let state = self.bash.shell_state_view();
        let own = self.bash_variable("PS1");
        let prompts = setup.image.prompts(&self.name);
        let pattern = match (own, prompts) {
            (Some(own), _) => own,
            (None, Some(prompts)) if setup.user.uid == 0 => prompts.root.clone(),
            (None, Some(prompts)) => prompts.user.clone(),
            (None, None) => if setup.user.uid == 0 { "# " } else { "$ " }.to_owned(),
        };
        let directory = state.cwd.to_string_lossy().into_owned();
        let home = self.process.variable("HOME").unwrap_or(&setup.user.home).trim_end_matches('/');
        let short = match directory.strip_prefix(home) {
            Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
            _ => directory.clone(),
        };
        let user = setup.user.name.as_deref().unwrap_or("I have no name!");
        pattern
            .replace("\\w", &short)
            .replace("\\W", directory.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or("/"))
            .replace("\\u", user)
            .replace("\\h", &setup.hostname)
            .replace("\\$", if setup.user.uid == 0 { "#" } else { "$" })
    }

    fn bash_variable(&self, name: &str) -> Option<String> {
        let state = self.bash.shell_state_view();
        state
            .variables
            .get(name)
            .or_else(|| state.env.get(name))
            .cloned()
            .or_else(|| self.process.variable(name).map(str::to_owned))
    }

    /// bash prints `exit` at the end of its input; the others only end the line.
    pub fn says_exit(&self) -> bool {
        self.name == "bash"
    }
}

/// A here document that was begun and not ended.
fn open_heredoc(text: &str) -> bool {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(at) = line.find("<<") else { continue };
        let word = line[at + 2..].trim_start_matches('-').trim_start();
        if word.starts_with('<') {
            continue;
        }
        let end: String = word
            .chars()
            .take_while(|letter| !letter.is_whitespace() && !";|&>)".contains(*letter))
            .filter(|letter| !"'\"\\".contains(*letter))
            .collect();
        if !end.is_empty() && !lines.by_ref().any(|line| line.trim_start_matches('\t') == end) {
            return true;
        }
    }
    false
}

/// Runs one command of the shell language as a process of its own: `kubectl exec pod -- ls /`.
pub async fn run_command(process: Process) -> i32 {
    let quoted: Vec<String> = process
        .arguments
        .iter()
        .enumerate()
        .map(|(at, word)| {
            if at == 0 {
                word.rsplit('/').next().unwrap_or(word).to_owned()
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        })
        .collect();
    let script = quoted.join(" ");
    let shell = Process { arguments: vec!["sh".into()], ..process.clone() };
    let mut interpreter = Interpreter::new(&shell);
    // A command with a file to read does not read its standard input; the others wait for it.
    interpreter.wants_input = !process.stdin.at_end() && programs::reads_input(&process.arguments);
    interpreter.run(&script, None, Vec::new()).await.code()
}
