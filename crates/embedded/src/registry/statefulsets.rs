//! StatefulSets (kubernetes: pkg/registry/apps/statefulset, pkg/apis/apps/v1/defaults.go).

use apimachinery::{
    field::{FieldError, Path},
    names,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, SCALE, STATUS, Strategy, VERBS,
    fields::{default, items_mut, text},
    metadata_validation, pod_spec,
    printer::{age, name, number, workload_cells},
    strategy::Generation,
    workload_validation as workload,
};

struct StatefulSets;

pub(super) fn resource() -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind: "StatefulSet",
        plural: "statefulsets",
        singular: "statefulset",
        short_names: &["sts"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[SCALE, STATUS],
        strategy: &StatefulSets,
    }
}

/// Fields of the spec that may change.
const MUTABLE: &[&str] = &[
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

impl Strategy for StatefulSets {
    fn set_defaults(&self, set: &mut Value) {
        let spec = &mut set["spec"];
        default(spec, "podManagementPolicy", "OrderedReady");
        default(spec, "replicas", 1);
        default(spec, "revisionHistoryLimit", 10);
        let strategy = &mut spec["updateStrategy"];
        if text(&strategy["type"]).is_empty() {
            strategy["type"] = json!("RollingUpdate");
        }
        if strategy["type"] == "RollingUpdate" {
            default(&mut strategy["rollingUpdate"], "partition", 0);
            default(&mut strategy["rollingUpdate"], "maxUnavailable", 1);
        }
        let retention = &mut spec["persistentVolumeClaimRetentionPolicy"];
        default(retention, "whenDeleted", "Retain");
        default(retention, "whenScaled", "Retain");
        pod_spec::set_defaults(&mut spec["template"]["spec"]);
        for claim in items_mut(spec, "volumeClaimTemplates") {
            claim["apiVersion"] = json!("v1");
            claim["kind"] = json!("PersistentVolumeClaim");
            default(&mut claim["spec"], "volumeMode", "Filesystem");
            default(&mut claim["status"], "phase", "Pending");
        }
    }

    fn prepare_for_create(&self, _context: &Context<'_>, set: &mut Value) -> Result<(), Status> {
        set["status"] = json!({"replicas": 0, "availableReplicas": 0});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, set: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(set, names::is_dns1123_subdomain);
        errors.extend(validate_spec(&set["spec"]));
        errors
    }

    fn validate_update(&self, _context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(validate_spec(&new["spec"]));
        let fixed = |spec: &Value| {
            let mut spec = spec.clone();
            if let Some(fields) = spec.as_object_mut() {
                fields.retain(|field, _| !MUTABLE.contains(&field.as_str()));
            }
            spec
        };
        let (fixed_new, fixed_old) = (fixed(&new["spec"]), fixed(&old["spec"]));
        for field in fixed_new.as_object().into_iter().flatten().map(|(field, _)| field.clone()) {
            if fixed_new[&field] != fixed_old[&field] {
                let path = Path::new("spec").child(&field);
                errors.push(FieldError::invalid(&path, fixed_new[&field].clone(), "field is immutable"));
            }
        }
        errors
    }

    fn has_status(&self) -> bool {
        true
    }

    fn generation(&self) -> Generation {
        Generation::Spec
    }

    fn cells(&self, set: &Value, now: Timestamp) -> Vec<Value> {
        let (spec, status) = (&set["spec"], &set["status"]);
        let [containers, images, _] = workload_cells(spec);
        let ready = format!("{}/{}", number(&status["readyReplicas"]), number(&spec["replicas"]));
        vec![name(set), json!(ready), age(set, now), containers, images]
    }
}

fn validate_spec(spec: &Value) -> Vec<FieldError> {
    let mut errors = workload::validate_spec(spec);
    let path = Path::new("spec");
    let policy = text(&spec["podManagementPolicy"]);
    if !matches!(policy, "OrderedReady" | "Parallel") {
        let detail = "must be 'OrderedReady' or 'Parallel'";
        errors.push(FieldError::invalid(&path.child("podManagementPolicy"), policy, detail));
    }
    let kind = text(&spec["updateStrategy"]["type"]);
    if !matches!(kind, "RollingUpdate" | "OnDelete") {
        let detail = "must be 'RollingUpdate' or 'OnDelete'";
        errors.push(FieldError::invalid(&path.child("updateStrategy"), spec["updateStrategy"].clone(), detail));
    }
    errors
}
