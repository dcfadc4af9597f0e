//! What standard output is: its width, its colours, and an end that nobody reads.

use crate::report::style::Style;
use std::io::{self, IsTerminal, Write};

/// Columns of text where nobody says how many there are, and the most that read well.
const COLUMNS: usize = 80;

/// Style, whether it is a terminal, and the columns of standard output.
pub fn of_stdout() -> (Style, bool, usize) {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let columns = if terminal {
        crossterm::terminal::size().map_or(COLUMNS, |(columns, _)| usize::from(columns))
    } else {
        COLUMNS
    };
    (Style::of(&stdout), terminal, columns.clamp(20, COLUMNS))
}

/// Writes `text`; a reader that went away (`| head`) is no error.
///
/// # Errors
/// Where it cannot be written for another reason.
pub fn write(out: &mut impl Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
