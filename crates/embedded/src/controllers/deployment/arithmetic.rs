//! How many replicas each ReplicaSet may have: deployment/util/deployment_util.go.

use serde_json::Value;

use super::replica_sets::{MAX_REPLICAS, number_annotation, replicas, sum};
use crate::{
    controllers::object::{at, count, text},
    storage::Object,
};

/// Whether the strategy is RollingUpdate.
pub fn is_rolling(deployment: &Value) -> bool {
    text(deployment, "spec.strategy.type") == "RollingUpdate"
}

/// A number, or a percentage of `total`; anything else is 0: `intstr.GetScaledValueFromIntOrPercent`.
pub fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<i64>().ok());
    match (value.as_i64(), percent) {
        (Some(number), _) => number,
        (None, Some(percent)) if round_up => (percent * total + 99).div_euclid(100),
        (None, Some(percent)) => (percent * total).div_euclid(100),
        (None, None) => 0,
    }
}

/// The surge and the unavailability for `desired` replicas, never both zero: `ResolveFenceposts`.
fn fenceposts(deployment: &Value) -> (i64, i64) {
    let rolling = at(deployment, "spec.strategy.rollingUpdate");
    let desired = replicas(deployment);
    let surge = scaled(&rolling["maxSurge"], desired, true);
    let unavailable = scaled(&rolling["maxUnavailable"], desired, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

/// How many pods there may be beyond the desired ones.
pub fn max_surge(deployment: &Value) -> i64 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

/// How many of the desired pods may be unavailable.
pub fn max_unavailable(deployment: &Value) -> i64 {
    let desired = replicas(deployment);
    if is_rolling(deployment) && desired > 0 { fenceposts(deployment).1.min(desired) } else { 0 }
}

/// How many replicas the new ReplicaSet should have: `NewRSNewReplicas`.
pub fn new_replicas(deployment: &Value, all: &[Object], new: i64) -> i64 {
    let desired = replicas(deployment);
    if !is_rolling(deployment) {
        return desired;
    }
    let surge = scaled(at(deployment, "spec.strategy.rollingUpdate.maxSurge"), desired, true);
    let room = desired + surge - sum(all, "spec.replicas");
    if room <= 0 { new } else { new + room.min(desired - new) }
}

/// The share of `to_add` replicas that a ReplicaSet gets, when `added` are given away already: `GetReplicaSetProportion`.
pub fn proportion(replica_set: &Value, deployment: &Value, to_add: i64, added: i64) -> i64 {
    if replicas(replica_set) == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(replica_set, deployment);
    let allowed = to_add - added;
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

/// `getReplicaSetFraction`.
fn fraction(replica_set: &Value, deployment: &Value) -> i64 {
    let size = replicas(replica_set);
    if replicas(deployment) == 0 {
        return -size;
    }
    let max_after = replicas(deployment) + max_surge(deployment);
    let max_before = number_annotation(replica_set, MAX_REPLICAS)
        .filter(|max| *max != 0)
        .unwrap_or_else(|| count(deployment, "status.replicas"));
    if max_before == 0 {
        return 0;
    }
    let new_size = (size * max_after) as f64 / max_before as f64;
    new_size.round() as i64 - size
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use serde_json::json;

    fn deployment(replicas: i64, surge: Value, unavailable: Value) -> Value {
        json!({"spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}}})
    }

    #[test]
    fn percentages_round_the_surge_up_and_the_unavailability_down() {
        for (replicas, surge, unavailable, expected) in [
            (2, json!("0%"), json!("1%"), (0, 1)),
            (2, json!("1%"), json!("25%"), (1, 0)),
            (3, json!("25%"), json!("25%"), (1, 0)),
            (4, json!("25%"), json!("25%"), (1, 1)),
            (10, json!(3), json!(2), (3, 2)),
            (1, json!(0), json!(0), (0, 1)),
        ] {
            let deployment = deployment(replicas, surge, unavailable);
            assert_eq!((max_surge(&deployment), max_unavailable(&deployment)), expected, "{deployment}");
        }
    }

    #[test]
    fn the_new_replica_set_grows_into_the_surge() {
        let deployment = deployment(3, json!("25%"), json!("25%"));
        let set = |replicas| Arc::new(json!({"spec": {"replicas": replicas}}));
        assert_eq!(new_replicas(&deployment, &[set(3), set(0)], 0), 1);
        assert_eq!(new_replicas(&deployment, &[set(3), set(1)], 1), 1);
        assert_eq!(new_replicas(&deployment, &[set(0), set(0)], 0), 3);
    }

    #[test]
    fn replicas_are_added_in_proportion() {
        let deployment = deployment(15, json!(3), json!(2));
        let set =
            |replicas: i64| json!({"metadata": {"annotations": {MAX_REPLICAS: "13"}}, "spec": {"replicas": replicas}});
        // The example of the Kubernetes documentation: 8 old and 5 new pods, scaled from 10 to 15, get 3 and 2 more.
        assert_eq!(proportion(&set(8), &deployment, 5, 0), 3);
        assert_eq!(proportion(&set(5), &deployment, 5, 3), 2);
    }
}
