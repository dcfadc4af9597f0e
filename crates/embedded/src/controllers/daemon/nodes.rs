//! Which nodes a DaemonSet's pods belong on: daemon/daemon_controller.go and daemon/util.

use serde_json::{Value, json};

use crate::{
    controllers::object::{at, flag, items, set, text},
    scheduler::filters::{required_affinity_matches, untolerated},
};

/// Taints that no pod of a DaemonSet minds.
const TOLERATED: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Adds the tolerations that every pod of a DaemonSet has: `AddOrUpdateDaemonPodTolerations`.
pub fn tolerate_everything(spec: &mut Value) {
    let network = flag(spec, "hostNetwork").then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    let mut tolerations = spec["tolerations"].as_array().cloned().unwrap_or_default();
    for (key, effect) in TOLERATED.iter().copied().chain(network) {
        let toleration = json!({"key": key, "operator": "Exists", "effect": effect});
        let same =
            |other: &Value| ["key", "operator", "effect"].into_iter().all(|field| other[field] == toleration[field]);
        match tolerations.iter_mut().find(|other| same(other)) {
            Some(known) => *known = toleration,
            None => tolerations.push(toleration),
        }
    }
    spec["tolerations"] = Value::Array(tolerations);
}

/// Makes a pod run on one node only: `ReplaceDaemonSetPodNodeNameNodeAffinity`.
pub fn pin(spec: &mut Value, node: &str) {
    let term = json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]);
    set(spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms", term);
}

/// The node that a pod runs on, or is meant for: `GetTargetNodeName`.
pub fn target_node(pod: &Value) -> Option<&str> {
    let bound = text(pod, "spec.nodeName");
    if !bound.is_empty() {
        return Some(bound);
    }
    let required = at(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    let fields = items(required, "nodeSelectorTerms").iter().flat_map(|term| items(term, "matchFields"));
    let mut named = fields.filter(|field| field["key"] == "metadata.name" && field["operator"] == "In");
    named.find_map(|field| items(field, "values").first()?.as_str())
}

/// Whether a pod should be started on a node, and whether one that is there may stay: `NodeShouldRunDaemonPod`.
pub fn should_run(node: &Value, daemon: &Value) -> (bool, bool) {
    let mut pod = json!({"spec": at(daemon, "spec.template.spec")});
    tolerate_everything(&mut pod["spec"]);
    let wanted = text(&pod, "spec.nodeName");
    if !wanted.is_empty() && wanted != crate::controllers::object::name(node) || !required_affinity_matches(&pod, node)
    {
        return (false, false);
    }
    if untolerated(&pod, node, &["NoSchedule", "NoExecute"]).is_some() {
        return (false, untolerated(&pod, node, &["NoExecute"]).is_none());
    }
    (true, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_run_where_they_are_selected_and_tolerate_what_is_there() {
        let daemon = json!({"spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}});
        let node = |labels: Value, taints: Value| json!({"metadata": {"name": "n", "labels": labels}, "spec": {"taints": taints}});
        let taint = |key: &str, effect: &str| json!([{"key": key, "effect": effect}]);
        let ssd = json!({"disk": "ssd"});
        assert_eq!(should_run(&node(ssd.clone(), json!([])), &daemon), (true, true));
        assert_eq!(should_run(&node(json!({}), json!([])), &daemon), (false, false));
        let cordoned = taint("node.kubernetes.io/unschedulable", "NoSchedule");
        assert_eq!(should_run(&node(ssd.clone(), cordoned), &daemon), (true, true));
        assert_eq!(should_run(&node(ssd.clone(), taint("x", "NoSchedule")), &daemon), (false, true));
        assert_eq!(should_run(&node(ssd, taint("x", "NoExecute")), &daemon), (false, false));
    }
}
