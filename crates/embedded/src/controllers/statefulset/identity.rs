//! Which pod is which: statefulset/stateful_set_utils.go.

use serde_json::{Value, json};

use super::{Revision, Stateful, claims};
use crate::controllers::{
    object::{at, items, labels, map_mut, name, text},
    pod_control::pod_from_template,
};

/// The label with the name of the revision that a pod is made from.
const REVISION_LABEL: &str = "controller-revision-hash";
const NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
const INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

/// The number at the end of a pod's name.
pub fn ordinal(pod: &Value) -> Option<i64> {
    name(pod).rsplit_once('-')?.1.parse().ok()
}

/// Whether a pod's name is one of the set's.
pub fn is_member(set: &Value, pod: &Value) -> bool {
    ordinal(pod).is_some() && name(pod).rsplit_once('-').is_some_and(|(parent, _)| parent == name(set))
}

/// The name of the revision that a pod is made from.
pub fn pod_revision(pod: &Value) -> &str {
    labels(pod).get(REVISION_LABEL).and_then(Value::as_str).unwrap_or_default()
}

impl Stateful {
    /// The pod with a number, as it is to be created: `newVersionedStatefulSetPod`.
    pub(super) fn new_pod(&self, ordinal: i64) -> Value {
        let strategy = at(&self.set, "spec.updateStrategy");
        let rolling = &strategy["rollingUpdate"];
        let kept = if rolling.is_null() {
            let rolls = text(strategy, "type") == "RollingUpdate";
            if rolls { at(&self.set, "status.currentReplicas").as_i64().unwrap_or(0) } else { 0 }
        } else {
            rolling["partition"].as_i64().unwrap_or(0)
        };
        let revision = if ordinal < self.start + kept { &self.current } else { &self.update };
        self.pod_of(revision, ordinal)
    }

    fn pod_of(&self, revision: &Revision, ordinal: i64) -> Value {
        let mut pod = pod_from_template(&self.set, &revision.template);
        pod["metadata"]["name"] = json!(format!("{}-{ordinal}", name(&self.set)));
        pod["spec"]["hostname"] = pod["metadata"]["name"].clone();
        if !text(&self.set, "spec.serviceName").is_empty() {
            pod["spec"]["subdomain"] = at(&self.set, "spec.serviceName").clone();
        }
        self.identify(&mut pod, ordinal);
        map_mut(&mut pod, "metadata.labels").insert(REVISION_LABEL.to_owned(), json!(revision.name));
        let claims = claims::of_pod(&self.set, ordinal);
        if !claims.is_empty() {
            let named = |volume: &Value| claims.iter().any(|(volume_name, _)| volume["name"] == volume_name.as_str());
            let others = items(&pod, "spec.volumes").iter().filter(|volume| !named(volume)).cloned();
            let own = claims
                .iter()
                .map(|(volume, claim)| json!({"name": volume, "persistentVolumeClaim": {"claimName": name(claim)}}));
            pod["spec"]["volumes"] = own.chain(others).collect();
        }
        pod
    }

    /// `updateIdentity`.
    pub(super) fn identify(&self, pod: &mut Value, ordinal: i64) {
        let pod_name = format!("{}-{ordinal}", name(&self.set));
        let own = map_mut(pod, "metadata.labels");
        own.insert(NAME_LABEL.to_owned(), json!(pod_name));
        own.insert(INDEX_LABEL.to_owned(), json!(ordinal.to_string()));
    }

    /// `identityMatches`.
    pub(super) fn is_identified(&self, pod: &Value) -> bool {
        labels(pod).get(NAME_LABEL).is_some_and(|label| label == name(pod))
    }
}
