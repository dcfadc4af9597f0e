//! How long to wait for an output that does not agree yet, and when to stop before the time is up.
//!
//! What `kubectl get` prints can only become true by a change that a watch shows. What a container prints (a page, a file of a
//! volume, a log) may change without one; it is asked again at growing intervals.

use super::observe::Observer;
use crate::diff;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Nothing moves any more: after this long without a change in a settled cluster, no change will come.
const QUIET: Duration = Duration::from_secs(3);
/// A container's answer that did not agree in a settled cluster gets this long: a proxy's rules follow endpoints.
const CONTAINER_QUIET: Duration = Duration::from_secs(15);
/// As above, where Pods mount ConfigMaps or Secrets: a kubelet renews them about once a minute.
const VOLUME_QUIET: Duration = Duration::from_secs(100);
/// First interval between two questions to a container; doubles up to [`LONGEST_INTERVAL`].
const FIRST_INTERVAL: Duration = Duration::from_millis(100);
const LONGEST_INTERVAL: Duration = Duration::from_secs(2);

/// What an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// On objects of the API alone.
    Api,
    /// On what runs in containers, or on the network.
    Container,
}

impl Source {
    /// By the command: what `kubectl` prints of objects, or anything else.
    pub fn of(command: &str) -> Source {
        const OF_OBJECTS: [&str; 8] =
            ["get", "describe", "api-resources", "version", "config", "auth", "explain", "events"];
        let mut words = command.split_whitespace();
        let plain = !command.contains(['|', ';', '\n', '`']) && !command.contains("$(") && !command.contains("&&");
        if plain && words.next() == Some("kubectl") && words.next().is_some_and(|verb| OF_OBJECTS.contains(&verb)) {
            Source::Api
        } else {
            Source::Container
        }
    }
}

/// What to do about an output that does not agree yet.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask again.
    Retry,
    /// It will not come: why, for a learner; empty where nothing is to be added to what was seen.
    GiveUp(String),
}

/// The patience with one output.
pub struct Patience<'a> {
    observer: &'a Observer,
    namespace: &'a str,
    source: Source,
    deadline: Instant,
    timeout: Duration,
    interval: Duration,
    quiet_since: Instant,
    /// Words of the expected text that say that a Pod in trouble is what the lesson wants to show.
    wants_trouble: bool,
}

/// States that a lesson about failure shows on purpose; where the expected text has one, trouble does not end the wait.
const TROUBLE: [&str; 12] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CrashLoopBackOff",
    "RunContainerError",
    "CreateContainerConfigError",
    "OOMKilled",
    "Error",
    "Pending",
    "FailedScheduling",
    "ProgressDeadlineExceeded",
];

impl<'a> Patience<'a> {
    /// Patience that ends after `timeout`, or earlier when the wait is hopeless.
    pub fn new(
        observer: &'a Observer,
        namespace: &'a str,
        source: Source,
        expected: Option<&str>,
        timeout: Duration,
    ) -> Patience<'a> {
        let now = Instant::now();
        let wants_trouble = expected.is_some_and(|text| TROUBLE.iter().any(|word| text.contains(word)));
        Patience {
            observer,
            namespace,
            source,
            deadline: now + timeout,
            timeout,
            interval: FIRST_INTERVAL,
            quiet_since: now,
            wants_trouble,
        }
    }

    /// Waits until it is worth to ask again. `seen` is the number of changes when the last answer was asked for;
    /// `waiting` hears what is waited for.
    pub async fn next(&mut self, seen: u64, mut waiting: impl FnMut(&str)) -> Next {
        if self.observer.count() > seen {
            self.quiet_since = Instant::now();
            return if Instant::now() < self.deadline { Next::Retry } else { self.out_of_time() };
        }
        let snapshot = self.observer.snapshot();
        if !self.wants_trouble
            && let Some(doom) = diff::doomed(&snapshot, Some(self.namespace))
        {
            return Next::GiveUp(doom.to_string());
        }
        let rest = diff::settled_snapshot(&snapshot, Some(self.namespace));
        let quiet = match (&rest, self.source) {
            (diff::Settled::Waiting(what), _) => {
                waiting(&what.join(", "));
                self.quiet_since = Instant::now();
                None
            }
            (diff::Settled::Yes, Source::Api) => Some(QUIET),
            (diff::Settled::Yes, Source::Container) if mounts_data(&snapshot) => Some(VOLUME_QUIET),
            (diff::Settled::Yes, Source::Container) => Some(CONTAINER_QUIET),
        };
        let give_up = quiet.map_or(self.deadline, |quiet| (self.quiet_since + quiet).min(self.deadline));
        let ask_again = async {
            match self.source {
                Source::Api => std::future::pending().await,
                Source::Container => sleep(self.interval).await,
            }
        };
        tokio::select! {
            biased;
            () = self.observer.changed(seen) => {
                self.quiet_since = Instant::now();
                Next::Retry
            }
            () = sleep_until(give_up) => {
                if give_up == self.deadline { self.out_of_time() } else { Next::GiveUp(String::new()) }
            }
            () = ask_again => {
                self.interval = (self.interval * 2).min(LONGEST_INTERVAL);
                Next::Retry
            }
        }
    }

    fn out_of_time(&self) -> Next {
        if self.timeout.is_zero() {
            return Next::GiveUp(String::new());
        }
        let seconds = self.timeout.as_secs();
        match diff::settled_snapshot(&self.observer.snapshot(), Some(self.namespace)) {
            diff::Settled::Waiting(what) => {
                Next::GiveUp(format!("after {seconds} s still waiting for {}", what.join(", ")))
            }
            diff::Settled::Yes => Next::GiveUp(format!("after {seconds} s it still does not agree")),
        }
    }
}

/// Whether a Pod mounts a ConfigMap or a Secret of the lesson's (not the token that every Pod has).
fn mounts_data(snapshot: &crate::snapshot::Snapshot) -> bool {
    snapshot.of_kind("Pod", None).any(|(_, pod)| {
        let volumes = pod["spec"]["volumes"].as_array();
        volumes.into_iter().flatten().any(|volume| {
            let name = volume["name"].as_str().unwrap_or_default();
            !name.starts_with("kube-api-access-")
                && ["configMap", "secret", "projected"].iter().any(|kind| volume.get(kind).is_some())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_reads_of_objects_wait_for_watches_alone() {
        assert_eq!(Source::of("kubectl get pods -o wide"), Source::Api);
        assert_eq!(Source::of("kubectl logs web"), Source::Container);
        assert_eq!(Source::of("kubectl get pods | grep web"), Source::Container);
        assert_eq!(Source::of("kubectl get pod $(cat name)"), Source::Container);
        assert_eq!(Source::of("curl http://demo"), Source::Container);
    }
}
