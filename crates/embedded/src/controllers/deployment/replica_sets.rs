//! What a Deployment reads from its ReplicaSets and writes on them: deployment/util/deployment_util.go.

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::{
    controllers::object::{annotation, at, count, created, int, map_mut, name, semantically_equal, uid},
    storage::Object,
};

/// The label that tells the ReplicaSets of a Deployment apart.
pub const HASH_LABEL: &str = "pod-template-hash";
/// The number of a template among all that the Deployment has had.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// Earlier numbers of a template that was returned to.
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// The Deployment's replicas when the ReplicaSet was last scaled.
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// The Deployment's replicas and its surge when the ReplicaSet was last scaled.
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";

/// The longest history of revisions, in characters.
const MAX_HISTORY_LENGTH: usize = 2000;

/// Annotations of a Deployment that its ReplicaSets do not get.
const NOT_COPIED: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

/// `spec.replicas`, which is 1 when it is not set.
pub fn replicas(object: &Value) -> i64 {
    int(object, "spec.replicas").unwrap_or(1)
}

/// Older ones first, then by name.
pub fn by_age(one: &Value, other: &Value) -> Ordering {
    created(one).cmp(&created(other)).then_with(|| name(one).cmp(name(other)))
}

/// The oldest ReplicaSet that has the Deployment's template.
pub fn find_new(deployment: &Value, replica_sets: &[Object]) -> Option<Object> {
    let template = at(deployment, "spec.template");
    let same =
        replica_sets.iter().filter(|replica_set| equal_ignoring_hash(template, at(replica_set, "spec.template")));
    same.min_by(|one, other| by_age(one, other)).cloned()
}

/// All ReplicaSets but the new one.
pub fn find_old(new: Option<&Object>, replica_sets: &[Object]) -> Vec<Object> {
    let is_new = |replica_set: &Object| new.is_some_and(|new| uid(new) == uid(replica_set));
    replica_sets.iter().filter(|replica_set| !is_new(replica_set)).cloned().collect()
}

/// Whether two templates differ in the hash at most.
pub fn equal_ignoring_hash(one: &Value, other: &Value) -> bool {
    let without = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
            labels.remove(HASH_LABEL);
        }
        template
    };
    semantically_equal(&without(one), &without(other))
}

/// Those that have pods, or should.
pub fn active(replica_sets: &[Object]) -> Vec<Object> {
    replica_sets.iter().filter(|replica_set| replicas(replica_set) > 0).cloned().collect()
}

/// The sum of a number in all ReplicaSets.
pub fn sum(replica_sets: &[Object], path: &str) -> i64 {
    replica_sets.iter().map(|replica_set| count(replica_set, path)).sum()
}

/// The revision of a ReplicaSet; 0 without one, `None` when it is no number.
pub fn revision(replica_set: &Value) -> Option<i64> {
    annotation(replica_set, REVISION).map_or(Some(0), |text| text.parse().ok())
}

/// The highest revision.
pub fn max_revision(replica_sets: &[Object]) -> i64 {
    replica_sets.iter().filter_map(|replica_set| revision(replica_set)).fold(0, i64::max)
}

/// The number in an annotation; `None` when there is none that is in range.
pub fn number_annotation(replica_set: &Value, key: &str) -> Option<i64> {
    annotation(replica_set, key)?.parse().ok().filter(|number| (0..=i64::from(i32::MAX)).contains(number))
}

/// Records the Deployment's size; true when that changed anything.
pub fn set_replicas_annotations(replica_set: &mut Value, desired: i64, max: i64) -> bool {
    let annotations = map_mut(replica_set, "metadata.annotations");
    let mut changed = false;
    for (key, number) in [(DESIRED_REPLICAS, desired), (MAX_REPLICAS, max)] {
        let value = json!(number.to_string());
        if annotations.get(key) != Some(&value) {
            annotations.insert(key.to_owned(), value);
            changed = true;
        }
    }
    changed
}

/// Whether the recorded size is another one.
pub fn replicas_annotations_differ(replica_set: &Value, desired: i64, max: i64) -> bool {
    annotation(replica_set, DESIRED_REPLICAS) != Some(&desired.to_string())
        || annotation(replica_set, MAX_REPLICAS) != Some(&max.to_string())
}

/// Copies annotations to the new ReplicaSet and gives it its revision; true when that changed anything:
/// `SetNewReplicaSetAnnotations`.
pub fn set_new_annotations(deployment: &Value, replica_set: &mut Value, new_revision: i64) -> bool {
    let mut changed = false;
    let annotations = map_mut(replica_set, "metadata.annotations");
    for (key, value) in at(deployment, "metadata.annotations").as_object().into_iter().flatten() {
        if !NOT_COPIED.contains(&key.as_str()) && annotations.get(key) != Some(value) {
            annotations.insert(key.clone(), value.clone());
            changed = true;
        }
    }
    let old = annotations.get(REVISION).and_then(Value::as_str).map(str::to_owned);
    let old_number: i64 = match old.as_deref() {
        None | Some("") => 0,
        Some(text) => match text.parse() {
            Ok(number) => number,
            Err(_) => return false,
        },
    };
    if old_number >= new_revision {
        return changed;
    }
    annotations.insert(REVISION.to_owned(), json!(new_revision.to_string()));
    if let Some(old) = old {
        let history = annotations.get(REVISION_HISTORY).and_then(Value::as_str).unwrap_or_default();
        if let Some(history) = append_to_history(history, &old) {
            annotations.insert(REVISION_HISTORY.to_owned(), json!(history));
        }
    }
    true
}

/// The history with one more revision, without its oldest ones when it is too long; `None` when even that does not fit.
fn append_to_history(history: &str, revision: &str) -> Option<String> {
    if history.is_empty() {
        return Some(revision.to_owned());
    }
    let mut rest = history;
    while rest.len() + 1 + revision.len() > MAX_HISTORY_LENGTH {
        rest = rest.split_once(',').map_or("", |(_, rest)| rest);
        if rest.is_empty() {
            return (revision.len() <= MAX_HISTORY_LENGTH).then(|| revision.to_owned());
        }
    }
    Some(format!("{rest},{revision}"))
}

/// Whether the Deployment and the ReplicaSet agree that it holds all replicas, and all are available.
pub fn is_saturated(deployment: &Value, replica_set: Option<&Object>) -> bool {
    let wanted = replicas(deployment);
    replica_set.is_some_and(|replica_set| {
        replicas(replica_set) == wanted
            && annotation(replica_set, DESIRED_REPLICAS) == Some(&wanted.to_string())
            && count(replica_set, "status.availableReplicas") == wanted
    })
}

/// The only active ReplicaSet, the newest one if none is, `None` if several are.
pub fn find_active_or_latest(new: Option<&Object>, old: &[Object]) -> Option<Object> {
    let all: Vec<Object> = old.iter().chain(new).cloned().collect();
    match active(&all).as_slice() {
        [] => new.or_else(|| old.iter().max_by(|one, other| by_age(one, other))).cloned(),
        [one] => Some(one.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returning_to_a_template_keeps_its_earlier_revisions() {
        let deployment = json!({"metadata": {"annotations": {"note": "x", REVISION: "3"}}});
        let mut replica_set = json!({"metadata": {"annotations": {REVISION: "1"}}});
        assert!(set_new_annotations(&deployment, &mut replica_set, 4));
        assert_eq!(replica_set["metadata"]["annotations"], json!({"note": "x", REVISION: "4", REVISION_HISTORY: "1"}));
        assert!(!set_new_annotations(&deployment, &mut replica_set, 4));
        assert!(set_new_annotations(&deployment, &mut replica_set, 6));
        assert_eq!(replica_set["metadata"]["annotations"][REVISION_HISTORY], "1,4");
    }

    #[test]
    fn a_long_history_loses_its_oldest_revisions() {
        let long = vec!["12345"; 333].join(",");
        let history = append_to_history(&long, "99999").unwrap();
        assert!(history.len() <= MAX_HISTORY_LENGTH && history.ends_with(",99999"), "{}", history.len());
    }
}
