//! The new ReplicaSet of a Deployment and its revision: deployment/sync.go, `getAllReplicaSetsAndSyncRevision`.

use serde_json::{Value, json};

use super::{
    DeploymentController, REPLICA_SETS, RESOURCE,
    arithmetic::{max_surge, new_replicas},
    hash::template_hash,
    replica_sets::{
        HASH_LABEL, REVISION, equal_ignoring_hash, find_new, find_old, max_revision, replicas, set_new_annotations,
        set_replicas_annotations,
    },
    status::{get_condition, new_condition, progress_deadline, set_condition},
};
use crate::{
    apiserver::Status,
    controllers::{
        harness::Error,
        object::{annotation, at, count, int, map_mut, name, namespace, set},
        owner::{controller_reference, is_controlled_by},
        pod_control::{NAMESPACE_TERMINATING, has_cause},
    },
    storage::Object,
};

/// The longest name of a ReplicaSet.
const MAX_NAME_LENGTH: usize = 253;

impl DeploymentController {
    /// The ReplicaSet of the Deployment's template, and all others. A missing one is created where `create` says so.
    pub(super) fn sync_revision(
        &self,
        deployment: &mut Value,
        replica_sets: &[Object],
        create: bool,
    ) -> Result<(Option<Object>, Vec<Object>), Error> {
        let new = find_new(deployment, replica_sets);
        let old = find_old(new.as_ref(), replica_sets);
        let revision = max_revision(&old) + 1;
        let new = match new {
            Some(existing) => Some(self.sync_existing(deployment, &existing, revision)?),
            None if create => Some(self.create_new(deployment, &old, revision)?),
            None => None,
        };
        Ok((new, old))
    }

    fn sync_existing(&self, deployment: &mut Value, existing: &Object, revision: i64) -> Result<Object, Error> {
        let mut copy = Value::clone(existing);
        let annotations_changed = set_new_annotations(deployment, &mut copy, revision);
        let min_ready = count(deployment, "spec.minReadySeconds");
        if annotations_changed || count(&copy, "spec.minReadySeconds") != min_ready {
            set(&mut copy, "spec.minReadySeconds", json!(min_ready));
            return Ok(self.api.update(REPLICA_SETS, copy)?);
        }
        let mut changed = set_revision(deployment, annotation(existing, REVISION).unwrap_or_default());
        if progress_deadline(deployment).is_some() && get_condition(at(deployment, "status"), "Progressing").is_none() {
            let message = format!("Found new replica set \"{}\"", name(existing));
            self.set_progressing(deployment, "True", "FoundNewReplicaSet", &message);
            changed = true;
        }
        if changed {
            self.update_status(deployment)?;
        }
        Ok(existing.clone())
    }

    fn create_new(&self, deployment: &mut Value, old: &[Object], revision: i64) -> Result<Object, Error> {
        let (replica_set, size) = new_replica_set(deployment, old, revision);
        let new_name = name(&replica_set).to_owned();
        let (created, already_there) = match self.api.create(REPLICA_SETS, namespace(deployment), replica_set) {
            Ok(created) => (created, false),
            Err(status) if status.is_already_exists() => (self.on_collision(deployment, &new_name, status)?, true),
            Err(status) => return Err(self.on_refusal(deployment, &new_name, status)),
        };
        if !already_there && size > 0 {
            let message = format!("Scaled up replica set {new_name} from 0 to {size}");
            self.recorder.event(deployment, "Normal", "ScalingReplicaSet", &message);
        }
        let mut changed = set_revision(deployment, &revision.to_string());
        if !already_there && progress_deadline(deployment).is_some() {
            let message = format!("Created new replica set \"{new_name}\"");
            self.set_progressing(deployment, "True", "NewReplicaSetCreated", &message);
            changed = true;
        }
        if changed {
            self.update_status(deployment)?;
        }
        Ok(created)
    }

    /// The ReplicaSet that has the name already, if it is the right one. Otherwise two templates have the same hash: it is counted,
    /// and the next hash will be another one.
    fn on_collision(&self, deployment: &mut Value, taken: &str, status: Status) -> Result<Object, Error> {
        let existing = self.api.get(REPLICA_SETS, namespace(deployment), taken)?;
        let same = equal_ignoring_hash(at(deployment, "spec.template"), at(&existing, "spec.template"));
        if same && is_controlled_by(&existing, deployment) {
            return Ok(existing);
        }
        let collisions = count(deployment, "status.collisionCount") + 1;
        set(deployment, "status.collisionCount", json!(collisions));
        // The creation is tried again in any case.
        let _ = self.api.update_status(RESOURCE, deployment.clone());
        Err(status.into())
    }

    fn on_refusal(&self, deployment: &mut Value, refused: &str, status: Status) -> Error {
        if !has_cause(&status, NAMESPACE_TERMINATING) {
            let message = format!("Failed to create new replica set \"{refused}\": {status}");
            if progress_deadline(deployment).is_some() {
                self.set_progressing(deployment, "False", "ReplicaSetCreateError", &message);
                // That the ReplicaSet was refused matters more than that this was.
                let _ = self.api.update_status(RESOURCE, deployment.clone());
            }
            self.recorder.event(deployment, "Warning", "ReplicaSetCreateError", &message);
        }
        status.into()
    }

    fn set_progressing(&self, deployment: &mut Value, status: &str, reason: &str, message: &str) {
        let condition = new_condition("Progressing", status, reason, message, self.api.clock().now());
        if !deployment["status"].is_object() {
            deployment["status"] = json!({});
        }
        set_condition(&mut deployment["status"], condition);
    }
}

/// Records the revision on the Deployment; true when it was another one.
fn set_revision(deployment: &mut Value, revision: &str) -> bool {
    let annotations = map_mut(deployment, "metadata.annotations");
    annotations.insert(REVISION.to_owned(), json!(revision)) != Some(json!(revision))
}

/// The ReplicaSet of the Deployment's template, and how many replicas it begins with.
fn new_replica_set(deployment: &Value, old: &[Object], revision: i64) -> (Value, i64) {
    let mut template = at(deployment, "spec.template").clone();
    let hash = template_hash(&template, int(deployment, "status.collisionCount"));
    map_mut(&mut template, "metadata.labels").insert(HASH_LABEL.to_owned(), json!(hash));
    let mut selector = at(deployment, "spec.selector").clone();
    map_mut(&mut selector, "matchLabels").insert(HASH_LABEL.to_owned(), json!(hash));
    let size = new_replicas(deployment, old, 0);
    let mut spec = json!({"replicas": size, "selector": selector, "template": template});
    let min_ready = count(deployment, "spec.minReadySeconds");
    if min_ready > 0 {
        spec["minReadySeconds"] = json!(min_ready);
    }
    let mut replica_set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": replica_set_name(name(deployment), &hash), "namespace": namespace(deployment),
            "ownerReferences": [controller_reference(deployment)], "labels": at(&spec, "template.metadata.labels"),
        },
        "spec": spec,
    });
    set_new_annotations(deployment, &mut replica_set, revision);
    set_replicas_annotations(&mut replica_set, replicas(deployment), replicas(deployment) + max_surge(deployment));
    (replica_set, size)
}

/// `generateReplicaSetName`.
fn replica_set_name(deployment: &str, hash: &str) -> String {
    let longest = MAX_NAME_LENGTH - 1 - hash.len();
    format!("{}-{hash}", deployment.get(..longest).unwrap_or(deployment))
}
