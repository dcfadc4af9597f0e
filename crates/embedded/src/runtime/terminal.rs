//! A terminal between whoever is attached and the processes of a container: the line discipline of Linux (drivers/tty/n_tty.c) as far as
//! people see it. Echo, Enter, Backspace, Ctrl-C, Ctrl-D, and newlines printed as carriage return and newline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::stream::{Input, Output, Sink};

/// Ctrl-C.
pub const INTERRUPT: u8 = 3;
/// Ctrl-D.
pub const END_OF_FILE: u8 = 4;
const ERASE: [u8; 2] = [8, 127];
const KILL_LINE: u8 = 21;

struct State {
    /// Whoever reads wants bytes as they are typed, and echoes them itself: a shell that edits its command line.
    raw: bool,
    /// What was typed since the last Enter.
    line: Vec<u8>,
}

/// One terminal. Clones are the same terminal.
#[derive(Clone)]
pub struct Terminal {
    state: Arc<Mutex<State>>,
    interrupted: Arc<Notify>,
    input: Input,
    screen: Output,
}

impl Terminal {
    /// A terminal whose typed lines go to `input`, and whose echo goes to `screen` (which must translate newlines: [`Translated`]).
    pub fn new(input: Input, screen: Output) -> Self {
        let state = State { raw: false, line: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)), interrupted: Arc::default(), input, screen }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns line editing and echo by the terminal off (or on again).
    pub fn set_raw(&self, raw: bool) {
        self.state().raw = raw;
    }

    /// Waits for Ctrl-C, typed while the terminal is not raw.
    pub async fn interrupted(&self) {
        self.interrupted.notified().await;
    }

    /// Takes what a person typed.
    pub fn typed(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.raw {
            self.input.feed(Bytes::copy_from_slice(bytes));
            return;
        }
        for byte in bytes {
            match *byte {
                INTERRUPT => {
                    state.line.clear();
                    self.screen.write(b"^C");
                    self.interrupted.notify_waiters();
                }
                END_OF_FILE if state.line.is_empty() => self.input.end_of_file(),
                END_OF_FILE => self.input.feed(std::mem::take(&mut state.line).into()),
                KILL_LINE => {
                    let typed = state.line.len();
                    state.line.clear();
                    self.screen.write("\x08 \x08".repeat(typed).as_bytes());
                }
                byte if ERASE.contains(&byte) => {
                    if state.line.pop().is_some() {
                        self.screen.write(b"\x08 \x08");
                    }
                }
                b'\r' | b'\n' => {
                    state.line.push(b'\n');
                    self.screen.write(b"\n");
                    self.input.feed(std::mem::take(&mut state.line).into());
                }
                byte => {
                    state.line.push(byte);
                    self.screen.write(&[byte]);
                }
            }
        }
    }

    /// Whoever typed has gone: readers see the end of the input.
    pub fn hang_up(&self) {
        let rest = std::mem::take(&mut self.state().line);
        self.input.feed(rest.into());
        self.input.close();
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Terminal")
    }
}

/// An output as a terminal shows it: each newline becomes a carriage return and a newline (ONLCR).
pub struct Translated(pub Output);

impl Sink for Translated {
    fn write(&self, bytes: &[u8]) {
        let mut shown = Vec::with_capacity(bytes.len() + 8);
        for byte in bytes {
            if *byte == b'\n' {
                shown.push(b'\r');
            }
            shown.push(*byte);
        }
        self.0.write(&shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_edited_echoed_and_sent_on_enter() {
        let (screen, shown) = Output::kept();
        let input = Input::open();
        let terminal = Terminal::new(input.clone(), Output::to(Translated(screen)));
        terminal.typed(b"lx\x7fs\r");
        assert_eq!(input.line().await.as_deref(), Some("ls\n"));
        terminal.typed(b"a\x15b\n\x04");
        assert_eq!(input.line().await.as_deref(), Some("b\n"));
        assert_eq!(input.line().await, None, "Ctrl-D ends one read");
        terminal.typed(b"c\n");
        assert_eq!(input.line().await.as_deref(), Some("c\n"));
        assert_eq!(shown.text(), "lx\x08 \x08s\r\na\x08 \x08b\r\nc\r\n");
    }
}
