//! Where the learner's lines come from: a line editor with history on a terminal, plain lines elsewhere.

use reedline::{DefaultPrompt, DefaultPromptSegment, Reedline, Signal};
use std::io::{BufRead, Write};

/// What the learner entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end.
    Text(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D, or the end of the input.
    End,
}

/// Reads lines. Blocks: called from a thread of its own.
pub struct Keys {
    editor: Option<Reedline>,
}

impl Keys {
    /// With a line editor, or plain.
    pub fn new(plain: bool) -> Keys {
        Keys { editor: (!plain).then(Reedline::create) }
    }

    /// Shows a prompt and reads a line.
    pub fn read(&mut self, prompt: &str) -> Line {
        match &mut self.editor {
            Some(editor) => {
                let left = DefaultPromptSegment::Basic(prompt.to_string());
                match editor.read_line(&DefaultPrompt::new(left, DefaultPromptSegment::Empty)) {
                    Ok(Signal::Success(line)) => Line::Text(line),
                    Ok(Signal::CtrlC) => Line::Interrupt,
                    _ => Line::End,
                }
            }
            None => {
                print!("{prompt}> ");
                // a prompt that cannot be shown is no reason to stop reading
                let _ = std::io::stdout().flush();
                let mut line = String::new();
                match std::io::stdin().lock().read_line(&mut line) {
                    Ok(0) | Err(_) => Line::End,
                    Ok(_) => Line::Text(line.trim_end_matches(['\n', '\r']).to_string()),
                }
            }
        }
    }
}
