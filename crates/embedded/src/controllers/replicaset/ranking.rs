//! Which pods go first when there are too many: `ActivePodsWithRanks` of pkg/controller/controller_utils.go.

use std::{cmp::Ordering, collections::BTreeMap};

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    controllers::{
        object::{annotation, created, text, uid},
        pod,
    },
    storage::Object,
};

/// The `surplus` pods of `pods` to delete; `related` are those that share a controller further up.
pub fn pods_to_delete(mut pods: Vec<Object>, related: &[Object], surplus: usize, now: Timestamp) -> Vec<Object> {
    if surplus < pods.len() {
        let mut on_node: BTreeMap<&str, usize> = BTreeMap::new();
        for pod in related.iter().filter(|pod| pod::is_active(pod)) {
            *on_node.entry(text(pod, "spec.nodeName")).or_default() += 1;
        }
        let rank = |pod: &Value| on_node.get(text(pod, "spec.nodeName")).copied().unwrap_or(0);
        pods.sort_by(|a, b| compare(a, b, (rank(a), rank(b)), now));
    }
    pods.truncate(surplus);
    pods
}

/// `Less`: the pod that should go first is the smaller one.
fn compare(a: &Value, b: &Value, ranks: (usize, usize), now: Timestamp) -> Ordering {
    let unassigned = |pod: &Value| text(pod, "spec.nodeName").is_empty();
    unassigned(b)
        .cmp(&unassigned(a))
        .then_with(|| phase_order(a).cmp(&phase_order(b)))
        .then_with(|| pod::is_ready(a).cmp(&pod::is_ready(b)))
        .then_with(|| deletion_cost(a).cmp(&deletion_cost(b)))
        .then_with(|| ranks.1.cmp(&ranks.0))
        .then_with(|| match (pod::ready_since(a), pod::ready_since(b)) {
            (Some(one), Some(other)) if one != other => younger(one, other, now).then_with(|| uid(a).cmp(uid(b))),
            _ => Ordering::Equal,
        })
        .then_with(|| pod::most_restarts(b).cmp(&pod::most_restarts(a)))
        .then_with(|| match (created(a), created(b)) {
            (one, other) if one != other => younger(one, other, now).then_with(|| uid(a).cmp(uid(b))),
            _ => Ordering::Equal,
        })
}

fn phase_order(pod: &Value) -> u8 {
    match pod::phase(pod) {
        "Pending" => 0,
        "Unknown" => 1,
        "Running" => 2,
        _ => 0,
    }
}

fn deletion_cost(pod: &Value) -> i64 {
    annotation(pod, "controller.kubernetes.io/pod-deletion-cost").and_then(|cost| cost.parse().ok()).unwrap_or(0)
}

/// Ages are compared on a logarithmic scale: `logarithmicRankDiff`.
fn younger(one: Timestamp, other: Timestamp, now: Timestamp) -> Ordering {
    let rank = |since: Timestamp| {
        let age = now.duration_since(since).as_nanos();
        u128::try_from(age).ok().filter(|age| *age > 0).map_or(-1, |age| i64::from(age.ilog2()))
    };
    rank(one).cmp(&rank(other))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::controllers::object::name;
    use serde_json::json;

    fn pod(name: &str, node: &str, phase: &str, ready: Option<&str>) -> Object {
        let conditions = ready.map(|since| json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}]));
        Arc::new(json!({
            "metadata": {"name": name, "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": node}, "status": {"phase": phase, "conditions": conditions},
        }))
    }

    fn order(pods: Vec<Object>) -> Vec<String> {
        // Any moment after the pods began.
        let now = "2026-01-01T01:00:00Z".parse().unwrap();
        let surplus = pods.len() - 1;
        let related = pods.clone();
        pods_to_delete(pods, &related, surplus, now).iter().map(|pod| name(pod).to_owned()).collect()
    }

    #[test]
    fn pods_that_are_of_least_use_go_first() {
        let pods = vec![
            pod("ready", "n1", "Running", Some("2026-01-01T00:10:00Z")),
            pod("running", "n1", "Running", None),
            pod("pending", "n1", "Pending", None),
            pod("unassigned", "", "Pending", None),
        ];
        assert_eq!(order(pods), ["unassigned", "pending", "running"]);
    }

    #[test]
    fn the_youngest_of_equals_goes_first() {
        let pods = vec![
            pod("old", "n1", "Running", Some("2026-01-01T00:00:00Z")),
            pod("new", "n1", "Running", Some("2026-01-01T00:59:00Z")),
        ];
        assert_eq!(order(pods), ["new"]);
    }

    #[test]
    fn crowded_nodes_are_thinned_first() {
        let pods = vec![
            pod("alone", "n2", "Running", Some("2026-01-01T00:59:00Z")),
            pod("crowded-a", "n1", "Running", Some("2026-01-01T00:00:00Z")),
            pod("crowded-b", "n1", "Running", Some("2026-01-01T00:00:00Z")),
        ];
        assert_eq!(order(pods), ["crowded-a", "crowded-b"]);
    }
}
