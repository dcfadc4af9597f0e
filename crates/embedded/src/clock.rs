//! The only source of time in the crate.
//!
//! It stands on tokio's clock: on a paused runtime (`start_paused`) that is a virtual one, which skips idle time by itself;
//! on any other it is the real one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// What time it is in the cluster. Cheap to clone; clones agree.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
    real: bool,
}

impl Clock {
    /// A clock that shows `origin` now, and runs as tokio's clock does. Call it on the runtime that the cluster runs on.
    pub fn starting_at(origin: Timestamp) -> Self {
        Self { origin, started: Instant::now(), real: false }
    }

    /// A clock that shows the host's time now, and runs as tokio's clock does.
    pub fn real() -> Self {
        Self { real: true, ..Self::starting_at(Timestamp::now()) }
    }

    /// Whether it shows the host's time: somebody may be waiting.
    pub fn is_real(&self) -> bool {
        self.real
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        self.origin.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// Waits for `duration` of this clock.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    /// Now as `metav1.Time` prints it: UTC, whole seconds.
    pub fn rfc3339(&self) -> String {
        rfc3339(self.now())
    }

    /// Now as `metav1.MicroTime` prints it: UTC, six digits of a second.
    pub fn rfc3339_micro(&self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    }
}

/// A moment as `metav1.Time` prints it: UTC, whole seconds.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_skipped_and_seen() {
        let clock = Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
        clock.sleep(Duration::from_millis(90_500)).await;
        assert_eq!(clock.rfc3339(), "2026-01-01T00:01:30Z");
        assert_eq!(clock.rfc3339_micro(), "2026-01-01T00:01:30.500000Z");
    }
}
