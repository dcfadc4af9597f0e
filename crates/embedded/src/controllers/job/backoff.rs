//! How long a Job waits after failures: job/backoff_utils.go.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{
    controllers::object::{condition, count, created, items, time},
    storage::Object,
};

/// The wait after the first failure; it doubles with each further one.
const FIRST: Duration = Duration::from_secs(10);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(600);

/// A Job's failures since its last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    last_failure: Option<Timestamp>,
}

impl Backoff {
    /// With pods that ended since the last look: `newBackoffRecord`.
    pub fn after(mut self, succeeded: &[Object], failed: &[Object]) -> Self {
        let latest = |pods: &[Object]| pods.iter().map(|pod| finished_at(pod)).max();
        let last_success = latest(succeeded);
        if last_success.is_some() {
            self = Self::default();
        }
        let later =
            failed.iter().map(|pod| finished_at(pod)).filter(|at| last_success.is_none_or(|success| *at > success));
        for at in later {
            self.failures += 1;
            self.last_failure = self.last_failure.max(Some(at));
        }
        self
    }

    /// How long to wait still.
    pub fn remaining(&self, now: Timestamp) -> Duration {
        self.last_failure.map_or(Duration::ZERO, |last| remaining(self.failures, last, now))
    }
}

/// How long to wait still after so many failures, the last of them at `last`.
pub fn remaining(failures: u32, last: Timestamp, now: Timestamp) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let wait = FIRST.saturating_mul(2u32.saturating_pow(failures - 1)).min(LONGEST);
    let elapsed = Duration::try_from(now.duration_since(last)).unwrap_or_default();
    wait.saturating_sub(elapsed)
}

/// When a pod ended: `getFinishedTime`.
pub fn finished_at(pod: &Value) -> Timestamp {
    let sidecars: Vec<&Value> = items(pod, "spec.initContainers")
        .iter()
        .filter(|container| container["restartPolicy"] == "Always")
        .map(|container| &container["name"])
        .collect();
    let init = items(pod, "status.initContainerStatuses").iter().filter(|status| sidecars.contains(&&status["name"]));
    let ends: Vec<Option<Timestamp>> = items(pod, "status.containerStatuses")
        .iter()
        .chain(init)
        .map(|status| time(status, "state.terminated.finishedAt"))
        .collect();
    let of_containers = ends.iter().copied().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
    let unready = condition(pod, "Ready").filter(|condition| condition["status"] == "False");
    let of_deletion = || {
        let grace = SignedDuration::from_secs(count(pod, "metadata.deletionGracePeriodSeconds"));
        time(pod, "metadata.deletionTimestamp").map(|at| at - grace)
    };
    of_containers.or_else(|| time(unready?, "lastTransitionTime")).or_else(of_deletion).unwrap_or_else(|| created(pod))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use serde_json::json;

    #[test]
    fn the_wait_doubles_until_something_succeeds() {
        let ended = |at: &str| {
            Arc::new(json!({"status": {"containerStatuses": [{"state": {"terminated": {"finishedAt": at}}}]}}))
        };
        let now: Timestamp = "2026-01-01T00:01:00Z".parse().unwrap();
        let one = Backoff::default().after(&[], &[ended("2026-01-01T00:01:00Z")]);
        assert_eq!(one.remaining(now), Duration::from_secs(10));
        let two = one.after(&[], &[ended("2026-01-01T00:01:00Z")]);
        assert_eq!(two.remaining(now), Duration::from_secs(20));
        let success = two.after(&[ended("2026-01-01T00:02:00Z")], &[]);
        assert_eq!(success.remaining(now), Duration::ZERO);
    }
}
