//! Shells of containers: `sh`, `ash`, `dash`, `bash`. One language (bashkit's) under all of those names; prompts and complaints are each shell's own.

mod adapter;
mod filesystem;
mod interpreter;
mod line_editor;

use async_trait::async_trait;

use self::interpreter::{Interpreter, Outcome};
use self::line_editor::{LineEditor, Typed};
use super::command;
use super::process::{NOT_FOUND, Process, Program};

pub use self::interpreter::run_command;

/// Any shell.
pub struct Shell;

/// What the words after a shell's name ask for.
#[derive(Debug, PartialEq, Eq)]
enum Mode {
    Script { text: String, name: Option<String>, positional: Vec<String> },
    Stdin,
}

fn mode(process: &Process) -> Result<(Mode, bool), (String, i32)> {
    let mut words = process.operands().into_iter().peekable();
    let (mut interactive, mut options) = (false, String::new());
    while let Some(word) = words.peek().copied().filter(|word| word.len() > 1 && word.starts_with(['-', '+'])) {
        words.next();
        if word == "--" {
            break;
        }
        if word.starts_with("--") {
            continue;
        }
        interactive |= word.contains('i');
        let flags: String = word[1..].chars().filter(|flag| "euxfnv".contains(*flag)).collect();
        if !flags.is_empty() {
            options = format!("{options}set {}{flags}; ", &word[..1]);
        }
        if word.contains('o') {
            options = format!("{options}set {}o {}; ", &word[..1], words.next().unwrap_or_default());
        }
        if word.contains('c') {
            let Some(text) = words.next() else { return Err(("-c: option requires an argument".into(), 2)) };
            let name = words.next().map(str::to_owned);
            let text = if options.is_empty() { text.to_owned() } else { format!("{options}{text}") };
            return Ok((Mode::Script { text, name, positional: words.map(str::to_owned).collect() }, interactive));
        }
    }
    match words.next() {
        None | Some("-") => Ok((Mode::Stdin, interactive || process.terminal.is_some())),
        Some(file) => {
            let text = process.container.setup.files.text(&process.path(file));
            let text = text.ok_or_else(|| (format!("{file}: No such file or directory"), NOT_FOUND))?;
            let text = format!("{options}{text}");
            Ok((
                Mode::Script { text, name: Some(file.to_owned()), positional: words.map(str::to_owned).collect() },
                interactive,
            ))
        }
    }
}

#[async_trait]
impl Program for Shell {
    async fn run(&self, process: Process) -> i32 {
        match mode(&process) {
            Err((message, code)) => process.fail(format!("{}: {message}", process.arguments[0]), code),
            Ok((Mode::Script { text, name, positional }, _)) => {
                if positional.is_empty()
                    && let Some(words) = command::plain_words(&text)
                    && let Ok((program, arguments)) =
                        command::resolve(&process.container, &words, &process.environment, &process.directory)
                {
                    return program.run(Process { arguments, ..process }).await;
                }
                let mut interpreter = Interpreter::new(&process);
                interpreter.feeds_input(&text);
                interpreter.run(&text, name, positional).await.code()
            }
            Ok((Mode::Stdin, interactive)) => read_commands(process, interactive).await,
        }
    }
}

/// Reads commands from standard input, one at a time, until it ends.
async fn read_commands(process: Process, interactive: bool) -> i32 {
    let mut interpreter = Interpreter::new(&process);
    let mut editor = LineEditor::new(&process);
    let mut pending = String::new();
    let mut last = 0;
    loop {
        if interactive {
            let prompt = if pending.is_empty() { interpreter.prompt() } else { "> ".to_owned() };
            process.stderr.write(prompt.as_bytes());
        }
        match editor.line().await {
            Typed::End => {
                if interactive && process.terminal.is_some() {
                    process.stderr.line(if interpreter.says_exit() { "exit" } else { "" });
                }
                return last;
            }
            Typed::Interrupt => {
                pending.clear();
                last = super::container::INTERRUPTED;
                continue;
            }
            Typed::Line(line) => pending.push_str(&line),
        }
        if pending.trim().is_empty() {
            pending.clear();
            continue;
        }
        if !interpreter.is_complete(&pending) {
            continue;
        }
        let text = std::mem::take(&mut pending);
        match interpreter.run(&text, None, Vec::new()).await {
            Outcome::Exited(code) => return code,
            Outcome::Ended(code) => last = code,
        }
    }
}
