//! An interactive program in a container, driven as a person drives it: wait for the prompt, type a line, read up to the next
//! prompt. Enter is `\r`; a prompt may follow output that has no line end.

use crate::shell::{Running, Stream};
use std::time::Duration;
use tokio::time::timeout;

/// A prompt that stood this long without more output is one.
const PROMPT_IDLE: Duration = Duration::from_millis(300);
/// After the end of an answer that ends with the known prompt, nothing more is waited for.
const AFTER_EXIT: Duration = Duration::from_secs(45);
/// kubectl says this when it has attached; the prompt may have been printed before.
const HINT: &str = "If you don't see a command prompt, try pressing enter.";

/// A session that is open.
pub struct Session {
    running: Running,
    /// The last line that the program shows when it waits.
    prompt: String,
    /// All that was shown since the last answer was taken.
    shown: String,
    ended: Option<i32>,
    /// What the session is called in reports: the name of the Pod, or the command.
    pub name: String,
}

/// What came of typing a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the terminal showed, without the echo of the line and without the prompt.
    pub text: String,
    /// Whether the program has ended.
    pub ended: bool,
}

impl Session {
    /// Takes over a command that was started on a terminal.
    pub fn new(running: Running, name: String) -> Session {
        Session { running, prompt: String::new(), shown: String::new(), ended: None, name }
    }

    /// The exit code of the command that opened it, when it has ended.
    pub fn exit_code(&self) -> Option<i32> {
        self.ended
    }

    /// Reads until the program waits for input. Returns what was shown before the prompt; `None` when nothing new came for
    /// `patience`: the caller looks at the cluster and asks again or gives up.
    pub async fn ready(&mut self, patience: Duration) -> Option<Answer> {
        let mut pressed = false;
        loop {
            let idle = if prompt_of(&self.shown).is_some() || (self.shown.contains(HINT) && !pressed) {
                PROMPT_IDLE
            } else {
                patience
            };
            if !self.read(idle).await {
                if self.ended.is_some() {
                    return Some(Answer { text: self.take(0), ended: true });
                }
                if let Some(prompt) = prompt_of(&self.shown) {
                    self.prompt = prompt.to_string();
                    let text = self.take(self.prompt.len());
                    return Some(Answer { text: without_prompts(&text, &self.prompt), ended: false });
                }
                if self.shown.contains(HINT) && !pressed {
                    pressed = true;
                    self.running.write("\r");
                    continue;
                }
                return None;
            }
        }
    }

    /// Types a line and reads the answer.
    pub async fn type_line(&mut self, line: &str, patience: Duration) -> Answer {
        self.shown.clear();
        self.running.write(format!("{}\r", line.replace('\n', "\r")));
        loop {
            let answered = self.shown.contains('\n') && !self.prompt.is_empty() && self.shown.ends_with(&self.prompt);
            if answered {
                let text = self.take(self.prompt.len());
                return Answer { text: without_echo(&text, line), ended: false };
            }
            // a directory in the prompt changes: another prompt that stands idle ends the answer, too
            let other_prompt = self.shown.contains('\n') && prompt_of(&self.shown).is_some();
            let idle = if other_prompt { PROMPT_IDLE } else { patience };
            if !self.read(idle).await {
                let ended = self.ended.is_some();
                if other_prompt && !ended {
                    // prompt_of was Some for this very text
                    self.prompt = prompt_of(&self.shown).unwrap_or_default().to_string();
                    let text = self.take(self.prompt.len());
                    return Answer { text: without_echo(&text, line), ended };
                }
                let text = self.take(0);
                return Answer { text: without_echo(&text, line), ended };
            }
        }
    }

    /// Leaves the program: `exit`, then the end of input, then an interrupt. Returns what was shown.
    pub async fn close(&mut self) -> String {
        if self.ended.is_none() {
            self.shown.clear();
            self.running.write("exit\r");
            while self.read(AFTER_EXIT).await {}
            if self.ended.is_none() {
                self.running.interrupt();
                while self.read(AFTER_EXIT).await {}
            }
        }
        let text = self.take(0);
        // the echo, what bash itself says when it ends, and prompts that a change of the terminal's size has drawn again
        let typed = format!("{}exit", self.prompt);
        let said = |line: &&str| *line != "exit" && line.trim() != typed.trim();
        let text: String = text.lines().filter(said).map(|line| format!("{line}\n")).collect();
        without_prompts(&text, &self.prompt)
    }

    /// Interrupts the command.
    pub async fn abandon(&mut self) -> String {
        self.running.interrupt();
        while self.read(Duration::from_secs(5)).await {}
        self.take(0)
    }

    /// Reads a piece; false when none came in time or the program has ended.
    async fn read(&mut self, idle: Duration) -> bool {
        match timeout(idle, self.running.output.recv()).await {
            Ok(Some(chunk)) => {
                debug_assert!(matches!(chunk.stream, Stream::Stdout | Stream::Stderr));
                self.shown.push_str(&plain(&String::from_utf8_lossy(&chunk.bytes)));
                true
            }
            Ok(None) => {
                if self.ended.is_none() {
                    self.ended = Some(self.running.wait().await);
                }
                false
            }
            Err(_) => false,
        }
    }

    fn take(&mut self, prompt: usize) -> String {
        let mut text = std::mem::take(&mut self.shown);
        text.truncate(text.len() - prompt);
        text
    }
}

/// The text of a terminal without escape sequences and carriage returns.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => match chars.peek() {
                Some('[') => {
                    chars.next();
                    for c in chars.by_ref() {
                        if ('@'..='~').contains(&c) {
                            break;
                        }
                    }
                }
                Some(']') => {
                    for c in chars.by_ref() {
                        if c == '\x07' {
                            break;
                        }
                    }
                }
                _ => {
                    chars.next();
                }
            },
            '\r' | '\x07' => {}
            c => out.push(c),
        }
    }
    out
}

/// The prompt that a text ends with: a last line without line end that ends with `$`, `#`, `>` or `%` and perhaps a space.
fn prompt_of(text: &str) -> Option<&str> {
    const LONGEST: usize = 80;
    let last = text.rsplit('\n').next().unwrap_or_default();
    let is_prompt = last.trim_end().ends_with(['$', '#', '>', '%']) && last.len() <= LONGEST;
    is_prompt.then_some(last)
}

/// A text without the lines that are nothing but the prompt: one that came before Enter was pressed, or that was drawn again
/// (readline puts a line of spaces before it when the terminal changes its size).
fn without_prompts(text: &str, prompt: &str) -> String {
    let is_prompt = |line: &&str| line.trim() == prompt.trim() || line.is_empty();
    let lines = text.lines().filter(|line| !is_prompt(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The answer without the line that the terminal echoed.
fn without_echo(text: &str, line: &str) -> String {
    let mut rest = text;
    for typed in line.split('\n') {
        match rest.split_once('\n') {
            Some((first, after)) if first.trim_end().ends_with(typed.trim_end()) => rest = after,
            _ => break,
        }
    }
    rest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_carriage_returns_are_not_text() {
        assert_eq!(plain("\x1b[?2004h~ $ curl\r\n\x1b]0;title\x07x"), "~ $ curl\nx");
    }

    #[test]
    fn prompts_of_shells_and_of_programs() {
        assert_eq!(prompt_of("hello\n/ # "), Some("/ # "));
        assert_eq!(prompt_of("127.0.0.1:6379> "), Some("127.0.0.1:6379> "));
        assert_eq!(prompt_of("100 $\n"), None);
        assert_eq!(prompt_of("working"), None);
    }

    #[test]
    fn the_echo_is_not_part_of_the_answer() {
        assert_eq!(without_echo("curl http://demo\n<html>\n", "curl http://demo"), "<html>\n");
        assert_eq!(without_echo("<html>\n", "curl http://demo"), "<html>\n");
        assert_eq!(without_echo("cat <<X\n> a\n> X\na\n", "cat <<X\na\nX"), "a\n");
    }
}
