//! Why a pod fits nowhere, in the words of FailedScheduling: pkg/scheduler/framework/types.go, `FitError`.

use std::collections::{BTreeMap, BTreeSet};

use super::filters::Rejection;

/// Why a pod fits nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The message of the event and of the condition.
    pub message: String,
    /// The plugins that rejected nodes: what they look at decides when it is worth to try again.
    pub plugins: BTreeSet<&'static str>,
}

impl Failure {
    /// The cluster has no nodes.
    pub fn no_nodes() -> Self {
        Self { message: "no nodes available to schedule pods".to_owned(), plugins: BTreeSet::new() }
    }

    /// Something keeps the pod from all nodes alike.
    pub fn before_filters(nodes: usize, reason: &str) -> Self {
        // What follows the reason is the word of upstream's preemption, which knows none of the nodes.
        let message = format!("0/{nodes} nodes are available: {reason}. not found");
        Self { message, plugins: BTreeSet::from(["VolumeBinding"]) }
    }

    /// Every node was rejected. `never_preempts` is the pod's preemptionPolicy.
    pub fn of_filters(rejections: Vec<Rejection>, never_preempts: bool) -> Self {
        let nodes = rejections.len();
        let reasons = histogram(rejections.iter().flat_map(|rejection| rejection.reasons.iter().map(String::as_str)));
        let preemption = if never_preempts {
            "not eligible due to preemptionPolicy=Never.".to_owned()
        } else {
            let of = |rejection: &Rejection| {
                if rejection.resolvable {
                    "No preemption victims found for incoming pod"
                } else {
                    "Preemption is not helpful for scheduling"
                }
            };
            format!("0/{nodes} nodes are available: {}.", histogram(rejections.iter().map(of)))
        };
        Self {
            message: format!("0/{nodes} nodes are available: {reasons}. preemption: {preemption}"),
            plugins: rejections.iter().map(|rejection| rejection.plugin).collect(),
        }
    }
}

/// Reasons with how often they were given, sorted as text.
fn histogram<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut texts: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_real_scheduler() {
        let rejection = |reasons: &[&str], resolvable| Rejection {
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            resolvable,
            plugin: "NodeResourcesFit",
        };
        assert_eq!(
            Failure::of_filters(vec![rejection(&["Insufficient cpu"], false)], false).message,
            "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: \
             1 Preemption is not helpful for scheduling."
        );
        assert_eq!(
            Failure::of_filters(
                vec![
                    rejection(&["node(s) didn't match pod anti-affinity rules"], true),
                    rejection(&["Insufficient memory", "Insufficient cpu"], false),
                ],
                false
            )
            .message,
            "0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) didn't match pod anti-affinity rules. \
             preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, \
             1 Preemption is not helpful for scheduling."
        );
        assert_eq!(
            Failure::before_filters(1, "persistentvolumeclaim \"nope\" not found").message,
            "0/1 nodes are available: persistentvolumeclaim \"nope\" not found. not found"
        );
    }
}
