//! Colours, where they are wanted: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).

use std::fmt::Display;
use std::io::IsTerminal;

/// Paints text or leaves it plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// Never paints.
    pub fn plain() -> Style {
        Style { colour: false }
    }

    /// Paints if the stream is a terminal that wants it.
    pub fn of(stream: &impl IsTerminal) -> Style {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Style { colour: stream.is_terminal() && !refused && !dumb }
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    /// For headings.
    pub fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    /// For what is there but not in the way.
    pub fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    /// For what is proved.
    pub fn good(self, text: impl Display) -> String {
        self.paint("32", text)
    }

    /// For what is refuted.
    pub fn bad(self, text: impl Display) -> String {
        self.paint("31", text)
    }

    /// For what wants attention.
    pub fn warn(self, text: impl Display) -> String {
        self.paint("33", text)
    }

    /// For commands.
    pub fn command(self, text: impl Display) -> String {
        self.paint("36", text)
    }
}
