//! ReplicaSets (kubernetes: pkg/registry/apps/replicaset, pkg/apis/apps/v1/defaults.go).

use apimachinery::{field::FieldError, names, status::Status};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, SCALE, STATUS, Strategy, VERBS,
    fields::default,
    metadata_validation, pod_spec,
    printer::{age, name, number, workload_cells},
    strategy::Generation,
    workload_validation as workload,
};

struct ReplicaSets;

pub(super) fn resource() -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind: "ReplicaSet",
        plural: "replicasets",
        singular: "replicaset",
        short_names: &["rs"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[SCALE, STATUS],
        strategy: &ReplicaSets,
    }
}

impl Strategy for ReplicaSets {
    fn set_defaults(&self, set: &mut Value) {
        default(&mut set["spec"], "replicas", 1);
        pod_spec::set_defaults(&mut set["spec"]["template"]["spec"]);
    }

    fn prepare_for_create(&self, _context: &Context<'_>, set: &mut Value) -> Result<(), Status> {
        set["status"] = json!({"replicas": 0});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, set: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(set, names::is_dns1123_subdomain);
        errors.extend(workload::validate_spec(&set["spec"]));
        errors
    }

    fn validate_update(&self, _context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(workload::validate_spec(&new["spec"]));
        errors.extend(workload::same_selector(new, old));
        errors
    }

    fn has_status(&self) -> bool {
        true
    }

    fn generation(&self) -> Generation {
        Generation::Spec
    }

    fn selectable_fields(&self, set: &Value) -> Vec<(&'static str, String)> {
        vec![("status.replicas", number(&set["status"]["replicas"]).to_string())]
    }

    fn cells(&self, set: &Value, now: Timestamp) -> Vec<Value> {
        let (spec, status) = (&set["spec"], &set["status"]);
        let mut cells = vec![
            name(set),
            number(&spec["replicas"]),
            number(&status["replicas"]),
            number(&status["readyReplicas"]),
            age(set, now),
        ];
        cells.extend(workload_cells(spec));
        cells
    }
}
