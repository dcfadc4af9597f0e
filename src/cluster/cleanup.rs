//! Removes what runs left on a cluster that ended without the chance to do so.

use super::context::Context;
use super::error::ClusterError;
use super::leftovers::{self, Found};
use super::selection::Selection;

/// What became of a namespace that a run had made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleaned {
    /// It was removed.
    Removed {
        /// Its real name.
        namespace: String,
    },
    /// It may be of a run that goes on.
    Kept {
        /// Its real name.
        namespace: String,
        /// Why it was kept, and until when.
        reason: String,
    },
    /// It could not be removed.
    Failed {
        /// Its real name.
        namespace: String,
        /// What the cluster said.
        reason: String,
    },
}

/// Removes what has expired or whose process has ended on this machine; with `all` everything that any run made.
/// Only objects with this program's marks are looked at.
///
/// # Errors
/// The context is not allowed or not usable.
pub async fn cleanup(selection: &Selection, all: bool) -> Result<Vec<Cleaned>, ClusterError> {
    let context = Context::open(selection).await?;
    let unusable = |reason| ClusterError::Unusable { cluster: format!("context {:?}", context.name), reason };
    let mut cleaned = Vec::new();
    let now = jiff::Timestamp::now();
    for found in leftovers::find(&context.client, None).await.map_err(unusable)? {
        let namespace = found.name.clone();
        if !all && let Some(reason) = still_wanted(&found, now) {
            cleaned.push(Cleaned::Kept { namespace, reason });
            continue;
        }
        // Removes the run's other namespaces too; they are then gone when their turn comes.
        cleaned.push(match leftovers::remove(&context.client, &found.run).await {
            Ok(()) => Cleaned::Removed { namespace },
            Err(reason) => Cleaned::Failed { namespace, reason },
        });
    }
    Ok(cleaned)
}

/// Why a namespace is not removed yet.
fn still_wanted(found: &Found, now: jiff::Timestamp) -> Option<String> {
    let expires = found.expires.filter(|expires| *expires > now)?;
    if found.owner.as_deref().is_some_and(super::owner::has_ended) {
        return None;
    }
    Some(format!("its run may go on; it expires at {expires}, --all removes it now"))
}

#[cfg(test)]
mod tests {
    use super::{Found, still_wanted};

    fn found(expires: &str, owner: &str) -> Found {
        Found { name: "x".into(), run: "x".into(), expires: expires.parse().ok(), owner: Some(owner.into()) }
    }

    #[test]
    fn only_what_may_be_in_use_is_kept() {
        let now = "2026-05-05T12:00:00Z".parse().expect("a time");
        let myself = super::super::owner::this_process();
        assert!(still_wanted(&found("2026-05-05T13:00:00Z", &myself), now).is_some());
        assert!(still_wanted(&found("2026-05-05T13:00:00Z", "another-machine:1"), now).is_some());
        assert!(still_wanted(&found("2026-05-05T11:00:00Z", &myself), now).is_none());
        assert!(still_wanted(&found("never", &myself), now).is_none());
        let (host, _) = myself.rsplit_once(':').expect("host:pid");
        // Above every pid that Linux gives.
        assert!(still_wanted(&found("2026-05-05T13:00:00Z", &format!("{host}:999999999")), now).is_none());
    }
}
