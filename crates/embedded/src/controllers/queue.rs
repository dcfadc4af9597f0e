//! The work queue of a controller: client-go `util/workqueue`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;

/// The first delay after a failure (`DefaultTypedControllerRateLimiter`); it doubles with each further one.
const BASE_DELAY: Duration = Duration::from_millis(5);
/// The longest delay after a failure.
const MAX_DELAY: Duration = Duration::from_secs(1000);

/// Keys that wait to be worked on: each at most once, in the order in which they came.
#[derive(Debug)]
pub struct WorkQueue<K> {
    clock: Clock,
    ready: VecDeque<K>,
    queued: BTreeSet<K>,
    waiting: BTreeMap<K, Timestamp>,
    failures: BTreeMap<K, u32>,
}

impl<K: Ord + Clone> WorkQueue<K> {
    /// An empty queue.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            ready: VecDeque::new(),
            queued: BTreeSet::new(),
            waiting: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Adds a key, unless it is there already.
    pub fn add(&mut self, key: K) {
        if self.queued.insert(key.clone()) {
            self.ready.push_back(key);
        }
    }

    /// Adds a key when `delay` is over; an earlier moment that it waits for already stays.
    pub fn add_after(&mut self, key: K, delay: Duration) {
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        let at = self.clock.now().saturating_add(delay).unwrap_or(Timestamp::MAX);
        let moment = self.waiting.entry(key).or_insert(at);
        *moment = at.min(*moment);
    }

    /// Adds a key that failed, later with each failure.
    pub fn add_rate_limited(&mut self, key: K) {
        let failures = self.failures.entry(key.clone()).or_insert(0);
        let delay = BASE_DELAY.saturating_mul(2u32.saturating_pow(*failures)).min(MAX_DELAY);
        *failures = failures.saturating_add(1);
        self.add_after(key, delay);
    }

    /// Forgets the failures of a key.
    pub fn forget(&mut self, key: &K) {
        self.failures.remove(key);
    }

    /// The next key that is due.
    pub fn pop(&mut self) -> Option<K> {
        let now = self.clock.now();
        if self.waiting.values().any(|at| *at <= now) {
            let mut due: Vec<(Timestamp, K)> =
                self.waiting.iter().filter(|(_, at)| **at <= now).map(|(key, at)| (*at, key.clone())).collect();
            due.sort();
            for (_, key) in due {
                self.waiting.remove(&key);
                self.add(key);
            }
        }
        let key = self.ready.pop_front()?;
        self.queued.remove(&key);
        Some(key)
    }

    /// Waits until a key is due. It may be cancelled at any time.
    pub async fn wait(&self) {
        if !self.ready.is_empty() {
            return;
        }
        match self.waiting.values().min() {
            None => std::future::pending().await,
            Some(at) => {
                let left = Duration::try_from(at.duration_since(self.clock.now())).unwrap_or_default();
                // Timers have a resolution of a millisecond: never wake before the moment.
                self.clock.sleep(left).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> WorkQueue<&'static str> {
        // Any moment will do.
        WorkQueue::new(Clock::starting_at(Timestamp::UNIX_EPOCH))
    }

    #[tokio::test(start_paused = true)]
    async fn keys_come_once_and_in_order() {
        let mut queue = queue();
        for key in ["b", "a", "b"] {
            queue.add(key);
        }
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some("b"), Some("a"), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_wait_twice_as_long_each_time() {
        let mut queue = queue();
        let start = queue.clock.now();
        let mut moments = Vec::new();
        for _ in 0..4 {
            queue.add_rate_limited("a");
            queue.wait().await;
            assert_eq!(queue.pop(), Some("a"));
            moments.push(queue.clock.now().duration_since(start).as_millis());
        }
        assert_eq!(moments, [5, 15, 35, 75]);
        queue.forget(&"a");
        queue.add_rate_limited("a");
        queue.wait().await;
        assert_eq!(queue.clock.now().duration_since(start).as_millis(), 80);
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_moment_wins() {
        let mut queue = queue();
        queue.add_after("a", Duration::from_secs(5));
        queue.add_after("a", Duration::from_secs(60));
        queue.wait().await;
        assert_eq!(queue.pop(), Some("a"));
        assert_eq!(queue.pop(), None);
    }
}
