//! Closed world: what a step changed beyond what its commands and claims explain. What Kubernetes itself keeps busy is
//! in `noise.yaml`, each row with its reason; what an explained object brings along (a Deployment its ReplicaSet and
//! Pods) is explained by its owner.

use super::{History, fields::field_changes};
use crate::snapshot::{ObjectKey, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A row of `noise.yaml`.
#[derive(Debug, Deserialize)]
struct Noise {
    kind: String,
    name: Option<String>,
    namespace: Option<String>,
    path: Option<String>,
    /// Why it is noise: for the reader of the file, and required of whoever adds a row.
    #[allow(dead_code)]
    reason: String,
}

static NOISE: LazyLock<Vec<Noise>> = LazyLock::new(|| {
    // Compiled in, and parsed by a test: it cannot fail for a user.
    serde_yaml::from_str(include_str!("noise.yaml")).expect("noise.yaml is well-formed")
});

/// Is this object as a whole what Kubernetes keeps busy by itself, or what every namespace has?
pub fn is_noise(key: &ObjectKey) -> bool {
    NOISE.iter().any(|n| {
        n.path.is_none()
            && n.kind == key.kind
            && n.name.as_ref().is_none_or(|name| *name == key.name)
            && n.namespace.as_ref().is_none_or(|ns| key.namespace.as_ref() == Some(ns))
    })
}

/// Is this path of objects of the kind kept busy by Kubernetes itself?
pub(super) fn is_noise_path(kind: &str, path: &str) -> bool {
    NOISE.iter().any(|n| {
        (n.kind == "*" || n.kind == kind)
            && n.path.as_ref().is_some_and(|p| {
                path.strip_prefix(p.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
    })
}

/// What a step is known to have done.
#[derive(Debug, Clone, Default)]
pub struct Explained {
    /// Objects that the commands' own output names (`service/demo patched`) or that a proved claim is about.
    pub objects: BTreeSet<ObjectKey>,
    /// Are changes of objects without a namespace the lesson's own? True on a cluster that nobody else uses.
    pub cluster_scoped: bool,
}

/// A change that nothing explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnlistedChange {
    /// `ConfigMap/x`
    pub object: String,
    /// `created`, `deleted`, `modified` or `recreated`
    pub change: &'static str,
    /// The fields that differ, where it was modified.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// What the step left behind in the namespace beyond what is explained, ordered by object. An object that came and
/// went within the step is not left behind.
pub fn unlisted(history: &History, explained: &Explained, namespace: &str) -> Vec<UnlistedChange> {
    let (before, after) = (history.before(), history.after());
    let keys: BTreeSet<&ObjectKey> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
    let ours = |key: &ObjectKey| match &key.namespace {
        Some(ns) => ns == namespace,
        None => explained.cluster_scoped,
    };
    let mut changes = Vec::new();
    for key in keys.into_iter().filter(|key| ours(key) && !is_noise(key)) {
        let (was, is) = (before.get(key), after.get(key));
        let uid = |o: &Value| o["metadata"]["uid"].as_str().map(str::to_owned);
        let (change, fields) = match (was, is) {
            (None, Some(_)) => ("created", vec![]),
            (Some(_), None) => ("deleted", vec![]),
            (Some(a), Some(b)) if uid(a) != uid(b) => ("recreated", vec![]),
            (Some(a), Some(b)) => match field_changes(&key.kind, a, b) {
                fields if fields.is_empty() => continue,
                fields => ("modified", fields.into_iter().map(|f| f.path).collect()),
            },
            (None, None) => continue,
        };
        let is_explained = [(was, before), (is, after)]
            .into_iter()
            .filter_map(|(object, snapshot)| Some((object?, snapshot)))
            .any(|(object, snapshot)| explains(explained, key, object, snapshot, history));
        if !is_explained {
            changes.push(UnlistedChange { object: key.to_string(), change, fields });
        }
    }
    changes
}

/// Is the object explained: by itself, by an owner, by its namespace, or by the Pod that claims it?
fn explains(explained: &Explained, key: &ObjectKey, object: &Value, snapshot: &Snapshot, history: &History) -> bool {
    let known = |k: &ObjectKey| explained.objects.contains(k);
    let by_owner = || {
        let owners = snapshot.owner_chain(object);
        // An owner may be gone by now (a cascading delete): then the state before, or in between, still knows it.
        owners.iter().any(|uid| {
            let found = snapshot.by_uid(uid).or_else(|| history.before().by_uid(uid));
            found.is_some_and(|(k, _)| known(k))
                || history.events().iter().any(|e| e.object["metadata"]["uid"] == uid.as_str() && known(&e.key))
        })
    };
    let by_namespace = || {
        let namespace = key.namespace.as_deref();
        namespace.is_some_and(|ns| explained.objects.iter().any(|k| k.kind == "Namespace" && k.name == ns))
    };
    known(key) || by_owner() || by_namespace() || by_volume(explained, key, snapshot)
}

/// A claim that a StatefulSet's template made is not owned by it (unless its retention policy says so), but it is used
/// by a Pod of it.
fn by_volume(explained: &Explained, key: &ObjectKey, snapshot: &Snapshot) -> bool {
    let is_known = |uid: &String| snapshot.by_uid(uid).is_some_and(|(k, _)| explained.objects.contains(k));
    key.kind == "PersistentVolumeClaim"
        && snapshot.of_kind("Pod", key.namespace.as_deref()).any(|(pod_key, pod)| {
            let volumes = pod["spec"]["volumes"].as_array();
            let uses =
                volumes.into_iter().flatten().any(|v| v["persistentVolumeClaim"]["claimName"] == key.name.as_str());
            uses && (explained.objects.contains(pod_key) || snapshot.owner_chain(pod).iter().any(is_known))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Change, ChangeKind};
    use jiff::Timestamp;
    use serde_json::json;

    fn object(kind: &str, name: &str, uid: &str, more: Value) -> Value {
        let mut o = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "n", "uid": uid, "resourceVersion": "1"}});
        for (k, v) in more.as_object().unwrap() {
            match k.as_str() {
                "owner" => o["metadata"]["ownerReferences"] = json!([{"uid": v}]),
                _ => o[k] = v.clone(),
            }
        }
        o
    }

    fn added(o: Value) -> Change {
        Change::new(Timestamp::UNIX_EPOCH, ChangeKind::Added, o).unwrap()
    }

    #[test]
    fn an_extra_service_is_listed_and_a_deployments_pods_are_not() {
        let history = History::new(
            Snapshot::default(),
            vec![
                added(object("Deployment", "web", "d", json!({}))),
                added(object("ReplicaSet", "web-1", "r", json!({"owner": "d"}))),
                added(object("Pod", "web-1-x", "p", json!({"owner": "r"}))),
                added(object("Service", "extra", "s", json!({}))),
                added(object("Event", "e", "e", json!({}))),
            ],
        );
        let mut explained = Explained::default();
        explained.objects.insert(ObjectKey::of(&object("Deployment", "web", "d", json!({}))).unwrap());
        let listed = unlisted(&history, &explained, "n");
        assert_eq!(listed, [UnlistedChange { object: "Service/extra".into(), change: "created", fields: vec![] }]);
    }

    #[test]
    fn a_modified_object_lists_its_fields_and_status_alone_is_nothing() {
        let before = Snapshot::from_objects([
            object("Service", "a", "1", json!({"spec": {"type": "ClusterIP"}})),
            object("Service", "b", "2", json!({"status": {"x": 1}})),
        ]);
        let mut a = added(object("Service", "a", "1", json!({"spec": {"type": "NodePort"}})));
        let mut b = added(object("Service", "b", "2", json!({"status": {"x": 2}})));
        (a.kind, b.kind) = (ChangeKind::Modified, ChangeKind::Modified);
        let listed = unlisted(&History::new(before, vec![a, b]), &Explained::default(), "n");
        let wanted =
            UnlistedChange { object: "Service/a".into(), change: "modified", fields: vec![".spec.type".into()] };
        assert_eq!(listed, [wanted]);
    }

    #[test]
    fn every_row_of_noise_has_a_reason() {
        assert!(NOISE.iter().all(|n| n.reason.len() > 5));
        assert!(is_noise_path("Service", ".metadata.managedFields[0].time"));
        assert!(!is_noise_path("Service", ".metadata.generationX"));
    }
}
