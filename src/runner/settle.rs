//! After a step's last command: wait until the cluster has come to rest, or until it is clear that it will not.

use super::observe::{Mark, Observer};
use super::run::NAMESPACE;
use crate::diff::{self, Settled};
use anyhow::Result;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How the wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing is under way any more.
    Settled,
    /// It did not, or never will: why.
    Not(String),
}

/// Waits for rest after what began at `mark`, at most `timeout`. `waiting` hears what is waited for, when that changes.
///
/// # Errors
/// Where the cluster no longer answers.
pub async fn settle(
    observer: &Observer,
    mark: &Mark,
    timeout: Duration,
    mut waiting: impl FnMut(&str),
) -> Result<Rest> {
    let deadline = Instant::now() + timeout;
    let mut said = String::new();
    loop {
        let seen = observer.count();
        let snapshot = observer.snapshot();
        match diff::settled(&observer.since(mark), Some(NAMESPACE)) {
            Settled::Yes => {
                observer.catch_up().await?;
                if observer.count() == seen {
                    return Ok(Rest::Settled);
                }
                continue;
            }
            Settled::Waiting(what) => {
                let what = what.join(", ");
                if let Some(doom) = diff::doomed(&snapshot, Some(NAMESPACE)) {
                    observer.catch_up().await?;
                    return Ok(Rest::Not(doom.to_string()));
                }
                if said != what {
                    waiting(&what);
                    said = what;
                }
            }
        }
        if timeout_at(deadline, observer.changed(seen)).await.is_err() {
            return Ok(Rest::Not(format!("after {} s still waiting: {said}", timeout.as_secs())));
        }
    }
}
