//! The log of a container: what it wrote to standard output and error, line by line, as containerd keeps it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::Clock;

/// Bytes that are kept of one container's log; older lines are dropped first (kubelet: containerLogMaxSize is 10Mi).
const MOST_BYTES: usize = 10 << 20;

/// One line of a log, or the unfinished rest at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// It was written to standard error.
    pub error: bool,
    /// The text; it ends in a newline unless the line was never finished.
    pub text: Vec<u8>,
}

#[derive(Default)]
struct Lines {
    /// Lines that were dropped from the front.
    dropped: usize,
    kept: VecDeque<Line>,
    bytes: usize,
    /// Text after the last newline, of standard output and of standard error.
    unfinished: [Vec<u8>; 2],
    closed: bool,
}

/// The log of one run of a container. Clones are the same log.
#[derive(Clone)]
pub struct Log {
    lines: Arc<(Mutex<Lines>, Notify)>,
    clock: Clock,
}

impl Log {
    /// An empty log.
    pub fn new(clock: Clock) -> Self {
        Self { lines: Arc::default(), clock }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was written to one of the two streams.
    pub fn write(&self, error: bool, bytes: &[u8]) {
        let mut lines = self.lines();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let mut text = std::mem::take(&mut lines.unfinished[usize::from(error)]);
            text.extend_from_slice(part);
            if part.ends_with(b"\n") {
                lines.add(Line { at: self.clock.now(), error, text });
            } else {
                lines.unfinished[usize::from(error)] = text;
            }
        }
        drop(lines);
        self.lines.1.notify_waiters();
    }

    /// Ends the log: unfinished lines are taken as they are, and whoever follows it stops.
    pub fn close(&self) {
        let mut lines = self.lines();
        for error in [false, true] {
            let text = std::mem::take(&mut lines.unfinished[usize::from(error)]);
            if !text.is_empty() {
                lines.add(Line { at: self.clock.now(), error, text });
            }
        }
        lines.closed = true;
        drop(lines);
        self.lines.1.notify_waiters();
    }

    /// The number of lines that were written until now.
    pub fn end(&self) -> usize {
        let lines = self.lines();
        lines.dropped + lines.kept.len()
    }

    /// Lines from number `from` on, and whether there will be no more.
    pub fn after(&self, from: usize) -> (Vec<Line>, bool) {
        let lines = self.lines();
        let skip = from.saturating_sub(lines.dropped);
        (lines.kept.iter().skip(skip).cloned().collect(), lines.closed)
    }

    /// Lines from number `from` on, once there are some; `None` when the log has ended before.
    pub async fn wait(&self, from: usize) -> Option<Vec<Line>> {
        loop {
            // Created before the look, so that a write in between is not missed.
            let mut written = std::pin::pin!(self.lines.1.notified());
            written.as_mut().enable();
            match self.after(from) {
                (lines, _) if !lines.is_empty() => return Some(lines),
                (_, true) => return None,
                _ => written.await,
            }
        }
    }

    /// The last `bytes` bytes of all that was written: what a termination message falls back to.
    pub fn tail(&self, most_lines: usize, most_bytes: usize) -> String {
        let lines = self.lines();
        let skip = lines.kept.len().saturating_sub(most_lines);
        let text: Vec<u8> = lines.kept.iter().skip(skip).flat_map(|line| line.text.iter().copied()).collect();
        String::from_utf8_lossy(&text[text.len().saturating_sub(most_bytes)..]).into_owned()
    }
}

impl Lines {
    fn add(&mut self, line: Line) {
        self.bytes += line.text.len();
        self.kept.push_back(line);
        while self.bytes > MOST_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.text.len();
            self.dropped += 1;
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({} lines)", self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lines_are_split_stamped_and_followed() {
        let clock = Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
        let log = Log::new(clock);
        log.write(false, b"one\ntw");
        log.write(true, b"oops\n");
        log.write(false, b"o\nthree");
        let text =
            |lines: Vec<Line>| lines.into_iter().map(|line| String::from_utf8(line.text).unwrap()).collect::<Vec<_>>();
        assert_eq!(text(log.after(0).0), ["one\n", "oops\n", "two\n"]);
        let follower = tokio::spawn({
            let log = log.clone();
            async move { (log.wait(3).await, log.wait(4).await) }
        });
        tokio::task::yield_now().await;
        log.close();
        let (last, end) = follower.await.unwrap();
        assert_eq!(text(last.unwrap()), ["three"]);
        assert_eq!(end, None);
    }
}
