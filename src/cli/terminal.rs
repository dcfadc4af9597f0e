//! The terminal that the program was started in, for `-it`.

use kubectl::{Terminal, TerminalInfo, TerminalSize};
use std::io::{self, IsTerminal};
use std::sync::Arc;

/// What of the process' streams is a terminal; `None` where none is.
pub fn terminal() -> Option<TerminalInfo> {
    let (stdin, stdout, stderr) = (io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal());
    (stdin || stdout || stderr).then(|| TerminalInfo { stdin, stdout, stderr, terminal: Arc::new(Host) })
}

struct Host;

#[async_trait::async_trait]
impl Terminal for Host {
    fn set_raw(&self, raw: bool) -> io::Result<()> {
        match raw {
            true => crossterm::terminal::enable_raw_mode(),
            false => crossterm::terminal::disable_raw_mode(),
        }
    }

    fn size(&self) -> Option<TerminalSize> {
        let (width, height) = crossterm::terminal::size().ok()?;
        Some(TerminalSize { width, height })
    }

    async fn resized(&self) -> TerminalSize {
        #[cfg(unix)]
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::window_change()) {
            while signal.recv().await.is_some() {
                if let Some(size) = self.size() {
                    return size;
                }
            }
        }
        // Where no signal tells of it, the size never changes.
        std::future::pending().await
    }
}
