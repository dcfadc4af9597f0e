//! Reads command lines: plain ones from a pipe, edited and echoed ones from a terminal.

use bytes::Bytes;

use crate::runtime::process::Process;
use crate::runtime::stream::{Input, Output};
use crate::runtime::terminal::{END_OF_FILE, INTERRUPT, Terminal};

/// What came of reading a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line with its newline.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// The end of the input, or Ctrl-D on an empty line.
    End,
}

/// Reads lines from the standard input of a shell.
pub struct LineEditor {
    input: Input,
    screen: Output,
    terminal: Option<Terminal>,
    history: Vec<String>,
}

impl LineEditor {
    /// The editor of a shell.
    pub fn new(process: &Process) -> Self {
        let terminal = process.terminal.clone();
        Self { input: process.stdin.clone(), screen: process.stdout.clone(), terminal, history: Vec::new() }
    }

    /// The next line.
    pub async fn line(&mut self) -> Typed {
        let Some(terminal) = self.terminal.clone() else {
            return self.input.line().await.map_or(Typed::End, Typed::Line);
        };
        terminal.set_raw(true);
        let typed = self.edit().await;
        terminal.set_raw(false);
        typed
    }

    async fn edit(&mut self) -> Typed {
        let mut line: Vec<char> = Vec::new();
        let mut at_history = self.history.len();
        let mut partial: Vec<u8> = Vec::new();
        while let Some(chunk) = self.input.chunk().await {
            let mut used = 0;
            let mut bytes = chunk.iter().copied();
            while let Some(byte) = bytes.next() {
                used += 1;
                match byte {
                    b'\r' | b'\n' => {
                        // A line that ends in both is one line.
                        let both = byte == b'\r' && chunk.get(used) == Some(&b'\n');
                        self.input.unread(chunk.slice(used + usize::from(both)..));
                        self.screen.write(b"\n");
                        let line: String = line.into_iter().collect();
                        if !line.trim().is_empty() {
                            self.history.push(line.clone());
                        }
                        return Typed::Line(line + "\n");
                    }
                    INTERRUPT => {
                        self.input.unread(chunk.slice(used..));
                        self.screen.write(b"^C\n");
                        return Typed::Interrupt;
                    }
                    END_OF_FILE if line.is_empty() => {
                        self.input.unread(chunk.slice(used..));
                        return Typed::End;
                    }
                    END_OF_FILE => {}
                    8 | 127 => {
                        if line.pop().is_some() {
                            self.screen.write(b"\x08 \x08");
                        }
                    }
                    21 => self.replace(&mut line, ""),
                    23 => {
                        let kept: String = line.iter().collect();
                        let kept = kept.trim_end();
                        let end = kept.rfind(' ').map_or(0, |at| at + 1);
                        let kept = kept[..end].to_owned();
                        self.replace(&mut line, &kept);
                    }
                    27 => {
                        // Arrows up and down walk through what was typed before; other keys of that kind are taken and ignored.
                        if bytes.next().is_some() {
                            used += 1;
                            let key = bytes.next();
                            used += usize::from(key.is_some());
                            at_history = match key {
                                Some(b'A') => at_history.saturating_sub(1),
                                Some(b'B') => (at_history + 1).min(self.history.len()),
                                _ => continue,
                            };
                            let earlier = self.history.get(at_history).cloned().unwrap_or_default();
                            self.replace(&mut line, &earlier);
                        }
                    }
                    b'\t' => {}
                    byte if byte < 32 => {}
                    byte => {
                        partial.push(byte);
                        if let Ok(text) = std::str::from_utf8(&partial) {
                            line.extend(text.chars());
                            self.screen.write(&partial);
                            partial.clear();
                        } else if partial.len() >= 4 {
                            partial.clear();
                        }
                    }
                }
            }
        }
        if line.is_empty() { Typed::End } else { Typed::Line(line.into_iter().collect::<String>() + "\n") }
    }

    fn replace(&self, line: &mut Vec<char>, with: &str) {
        self.screen.write("\x08 \x08".repeat(line.len()).as_bytes());
        *line = with.chars().collect();
        self.screen.write(&Bytes::from(with.to_owned()));
    }
}
