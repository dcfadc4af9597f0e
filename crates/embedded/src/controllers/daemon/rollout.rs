//! The rolling update of a DaemonSet: daemon/update.go.

use serde_json::Value;

use super::{Daemon, DaemonSetController, nodes::should_run};
use crate::{
    controllers::{
        harness::Error,
        object::{deleting, name},
    },
    storage::Object,
};

/// The pods on a node: from the new template, from an old one.
struct OnNode<'a> {
    node: &'a str,
    new: Option<&'a Object>,
    old: Option<&'a Object>,
}

impl DaemonSetController {
    /// One step of the update.
    pub(super) fn roll(&self, daemon: &Daemon) -> Result<(), Error> {
        let wanted: Vec<&str> =
            daemon.nodes.iter().filter(|node| should_run(node, &daemon.set).0).map(|node| name(node)).collect();
        let surge = daemon.bound("maxSurge", wanted.len());
        let mut unavailable = daemon.bound("maxUnavailable", wanted.len());
        if !wanted.is_empty() && unavailable == 0 && surge == 0 {
            unavailable = 1;
        }
        let mut nodes: Vec<&str> = daemon.pods.keys().map(String::as_str).chain(wanted.iter().copied()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        if surge == 0 {
            self.replace(daemon, &nodes, unavailable)
        } else {
            self.surge(daemon, &nodes, surge, wanted.len())
        }
    }

    /// Deletes old pods, and lets the new ones come: never more unavailable than allowed.
    fn replace(&self, daemon: &Daemon, nodes: &[&str], max_unavailable: i64) -> Result<(), Error> {
        let (mut unavailable, mut useless, mut candidates) = (0, Vec::new(), Vec::new());
        for node in nodes {
            match on_node(daemon, node) {
                Some(OnNode { new: Some(new), old: None, .. }) => {
                    unavailable += i64::from(!daemon.is_available(new, &self.api));
                }
                Some(OnNode { new: None, old: Some(old), .. }) => {
                    if !daemon.is_available(old, &self.api) {
                        useless.push(old.clone());
                        unavailable += 1;
                    } else if unavailable < max_unavailable {
                        candidates.push(old.clone());
                    }
                }
                _ => unavailable += 1,
            }
        }
        let room = usize::try_from(max_unavailable - unavailable).unwrap_or(0);
        useless.extend(candidates.into_iter().take(room));
        self.sync_nodes(daemon, &[], &useless)
    }

    /// Creates new pods beside the old ones, and deletes an old one when the new one is available.
    fn surge(&self, daemon: &Daemon, nodes: &[&str], max_surge: i64, desired: usize) -> Result<(), Error> {
        let available = |pod: &Value| daemon.is_available(pod, &self.api);
        let belongs = |node: &str| daemon.nodes.iter().any(|it| name(it) == node && should_run(it, &daemon.set).0);
        let (mut surging, mut up) = (0, 0);
        let (mut delete, mut misplaced, mut now, mut candidates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for node in nodes {
            let Some(OnNode { node, new, old }) = on_node(daemon, node) else {
                surging += 1;
                continue;
            };
            up += i64::from(old.or(new).is_some_and(|pod| available(pod)));
            match (new, old) {
                (_, None) => {}
                (None, Some(old)) if !available(old) => {
                    if belongs(node) {
                        now.push(node.to_owned());
                    } else {
                        delete.push(old.clone());
                    }
                }
                (None, Some(old)) if !belongs(node) => misplaced.push(old.clone()),
                (None, Some(_)) if surging < max_surge => candidates.push(node.to_owned()),
                (None, Some(_)) => {}
                (Some(new), Some(_)) if !available(new) => surging += 1,
                (Some(_), Some(old)) => delete.push(old.clone()),
            }
        }
        let spare = usize::try_from(up - i64::try_from(desired).unwrap_or(i64::MAX)).unwrap_or(0);
        delete.extend(misplaced.into_iter().take(spare));
        now.extend(candidates.into_iter().take(usize::try_from(max_surge - surging).unwrap_or(0)));
        self.sync_nodes(daemon, &now, &delete)
    }
}

/// `findUpdatedPodsOnNode`: `None` where there are too many.
fn on_node<'a>(daemon: &'a Daemon, node: &'a str) -> Option<OnNode<'a>> {
    let mut found = OnNode { node, new: None, old: None };
    for pod in daemon.on(node).iter().filter(|pod| !deleting(pod)) {
        let place = if daemon.is_updated(pod) { &mut found.new } else { &mut found.old };
        if place.replace(pod).is_some() {
            return None;
        }
    }
    Some(found)
}
