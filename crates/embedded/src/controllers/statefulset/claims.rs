//! The PersistentVolumeClaims of a StatefulSet's pods: statefulset/stateful_pod_control.go.

use serde_json::{Value, json};

use super::{Stateful, StatefulSetController, identity::ordinal};
use crate::controllers::{
    harness::Error,
    object::{at, deleting, items, map_mut, name, namespace, text, uid},
    owner::controller_reference,
};

const CLAIMS: &str = "persistentvolumeclaims";

/// The claims of the pod with a number, by the names of their volumes: `getPersistentVolumeClaims`.
pub fn of_pod(set: &Value, ordinal: i64) -> Vec<(String, Value)> {
    let claim = |template: &Value| {
        let volume = name(template).to_owned();
        let mut claim = template.clone();
        claim["apiVersion"] = json!("v1");
        claim["kind"] = json!("PersistentVolumeClaim");
        claim["metadata"]["name"] = json!(format!("{volume}-{}-{ordinal}", name(set)));
        claim["metadata"]["namespace"] = json!(namespace(set));
        let own = map_mut(&mut claim, "metadata.labels");
        own.extend(at(set, "spec.selector.matchLabels").as_object().cloned().unwrap_or_default());
        (volume, claim)
    };
    items(set, "spec.volumeClaimTemplates").iter().map(claim).collect()
}

impl StatefulSetController {
    /// Creates the claims of a pod that are not there.
    pub(super) fn create_claims(&self, set: &Value, pod: &Value) -> Result<(), Error> {
        for (_, claim) in of_pod(set, ordinal(pod).unwrap_or(0)) {
            let claim_name = name(&claim).to_owned();
            match self.api.get(CLAIMS, namespace(set), &claim_name) {
                Ok(there) if deleting(&there) => {
                    return Err(Error::Other(format!("pvc {claim_name} is being deleted")));
                }
                Ok(_) => {}
                Err(_) => {
                    let created = self.api.create(CLAIMS, namespace(set), claim);
                    let (pod, owner) = (name(pod), name(set));
                    match created {
                        Ok(_) => {
                            let message = format!("Create Claim {claim_name} Pod {pod} in StatefulSet {owner} success");
                            self.recorder.event(set, "Normal", "SuccessfulCreate", &message);
                        }
                        Err(status) => {
                            let message = format!(
                                "Create Claim {claim_name} for Pod {pod} in StatefulSet {owner} failed error: {status}"
                            );
                            self.recorder.event(set, "Warning", "FailedCreate", &message);
                            return Err(Error::Other(format!("failed to create PVC {claim_name}: {status}")));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes the claims of a pod belong to whom the retention policy wants: `UpdatePodClaimForRetentionPolicy`.
    pub(super) fn own_claims(&self, stateful: &Stateful, pod: &Value) -> Result<(), Error> {
        let set = &stateful.set;
        let Some(number) = ordinal(pod) else {
            return Ok(());
        };
        for (_, claim) in of_pod(set, number) {
            let Ok(there) = self.api.get(CLAIMS, namespace(set), name(&claim)) else {
                continue;
            };
            let wanted = stateful.claim_owners(&there, pod, number);
            if items(&there, "metadata.ownerReferences") == wanted {
                continue;
            }
            self.api.modify(CLAIMS, namespace(set), name(&there), |claim| {
                let metadata = map_mut(claim, "metadata");
                if wanted.is_empty() {
                    metadata.remove("ownerReferences");
                } else {
                    metadata.insert("ownerReferences".to_owned(), Value::Array(wanted.clone()));
                }
            })?;
        }
        Ok(())
    }

    /// Whether a claim still belongs to an earlier pod of this name, and will go with it: `PodClaimIsStale`.
    pub(super) fn has_stale_claim(&self, stateful: &Stateful, pod: &Value) -> bool {
        if text(&stateful.set, "spec.persistentVolumeClaimRetentionPolicy.whenScaled") != "Delete" {
            return false;
        }
        of_pod(&stateful.set, ordinal(pod).unwrap_or(0)).iter().any(|(_, claim)| {
            let there = self.api.get(CLAIMS, namespace(&stateful.set), name(claim));
            there.is_ok_and(|there| {
                items(&there, "metadata.ownerReferences")
                    .iter()
                    .any(|owner| owner["kind"] == "Pod" && owner["name"] == name(pod) && owner["uid"] != uid(pod))
            })
        })
    }
}

impl Stateful {
    /// The owners that a claim should have: `updateClaimOwnerRefForSetAndPod`.
    fn claim_owners(&self, claim: &Value, pod: &Value, ordinal: i64) -> Vec<Value> {
        let policy = at(&self.set, "spec.persistentVolumeClaimRetentionPolicy");
        let (when_deleted, when_scaled) =
            (text(policy, "whenDeleted") == "Delete", text(policy, "whenScaled") == "Delete");
        let ours =
            |owner: &Value| owner["uid"] == uid(&self.set) || owner["kind"] == "Pod" && owner["name"] == name(pod);
        let mut owners: Vec<Value> =
            items(claim, "metadata.ownerReferences").iter().filter(|owner| !ours(owner)).cloned().collect();
        let scaled_down = !self.in_range(ordinal);
        if when_scaled && scaled_down {
            let mut pod = pod.clone();
            pod["apiVersion"] = json!("v1");
            pod["kind"] = json!("Pod");
            owners.push(controller_reference(&pod));
        } else if when_deleted {
            owners.push(controller_reference(&self.set));
        }
        owners
    }
}
