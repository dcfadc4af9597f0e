//! How long things take on a node: the one place for it.

use std::time::Duration;

use crate::clock::Clock;

/// Durations of a node's work.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// To ask a registry for an image.
    pub resolve: Duration,
    /// To pull a megabyte.
    pub megabyte: Duration,
    /// To set up the volumes of a Pod.
    pub volumes: Duration,
    /// To make a Pod's sandbox with its network.
    pub sandbox: Duration,
    /// To create and start a container.
    pub start: Duration,
    /// Until the end of a container is noticed (pleg: the relist period is a second).
    pub notice: Duration,
    /// Until a worker looks again at a Pod that it could not start (kubelet: backOffPeriod is 10 s, with jitter).
    pub retry: Duration,
}

impl Timing {
    /// As on a small machine with a fast line: where idle time costs nothing.
    pub const NATURAL: Self = Self {
        resolve: Duration::from_millis(210),
        megabyte: Duration::from_millis(18),
        volumes: Duration::from_millis(60),
        sandbox: Duration::from_millis(200),
        start: Duration::from_millis(120),
        notice: Duration::from_millis(600),
        retry: Duration::from_secs(12),
    };
    /// Where a person waits.
    pub const QUICK: Self = Self {
        resolve: Duration::from_millis(30),
        megabyte: Duration::from_micros(500),
        volumes: Duration::from_millis(10),
        sandbox: Duration::from_millis(20),
        start: Duration::from_millis(20),
        notice: Duration::from_millis(60),
        retry: Duration::from_secs(12),
    };

    /// The durations that fit a clock.
    pub fn of(clock: &Clock) -> Self {
        if clock.is_real() { Self::QUICK } else { Self::NATURAL }
    }
}

/// First delay after a container ended or an image was refused, and the most (kubelet: initialBackOff, MaxContainerBackOff, maxImageBackOff).
pub const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
/// See [`FIRST_BACK_OFF`].
pub const MOST_BACK_OFF: Duration = Duration::from_secs(300);
/// A delay is forgotten when nothing failed for this long (client-go: flowcontrol.Backoff, twice the most).
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);
