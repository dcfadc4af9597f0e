//! TaintToleration: nodes with taints get the pods that tolerate them.

use serde_json::Value;

use super::{Cycle, Rejection};
use crate::{
    controllers::object::{items, text},
    scheduler::snapshot::NodeInfo,
};

/// Rejects a node with a taint that keeps the pod away.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    match untolerated(cycle.pod, &node.node, &["NoSchedule", "NoExecute"]) {
        None => Ok(()),
        Some(_) => Err(Rejection::unresolvable("node(s) had untolerated taint(s)")),
    }
}

/// The first taint of a node, among those with one of these effects, that a pod does not tolerate.
pub fn untolerated<'a>(pod: &Value, node: &'a Value, effects: &[&str]) -> Option<&'a Value> {
    let tolerations = items(pod, "spec.tolerations");
    items(node, "spec.taints").iter().find(|taint| {
        effects.contains(&text(taint, "effect")) && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
    })
}

/// Whether a toleration is for a taint: `Toleration.ToleratesTaint`.
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let (effect, key) = (text(toleration, "effect"), text(toleration, "key"));
    if !effect.is_empty() && effect != text(taint, "effect") || !key.is_empty() && key != text(taint, "key") {
        return false;
    }
    let number = |value: &Value| text(value, "value").parse::<i64>().ok();
    match text(toleration, "operator") {
        "Exists" => true,
        "" | "Equal" => text(toleration, "value") == text(taint, "value"),
        "Lt" => number(taint).zip(number(toleration)).is_some_and(|(taint, bound)| taint < bound),
        "Gt" => number(taint).zip(number(toleration)).is_some_and(|(taint, bound)| taint > bound),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tolerations_are_for_taints_of_their_key_value_and_effect() {
        let taint = json!({"key": "gpu", "value": "yes", "effect": "NoSchedule"});
        assert!(tolerates(&json!({"key": "gpu", "value": "yes"}), &taint));
        assert!(tolerates(&json!({"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}), &taint));
        assert!(tolerates(&json!({"operator": "Exists"}), &taint));
        assert!(!tolerates(&json!({"key": "gpu", "value": "no"}), &taint));
        assert!(!tolerates(&json!({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}), &taint));
    }
}
