//! ReplicationControllers (kubernetes: pkg/registry/core/replicationcontroller, pkg/apis/core/v1/defaults.go).

use apimachinery::{
    field::{FieldError, Path},
    names,
    selector::LabelSelector,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, SCALE, STATUS, Strategy, VERBS,
    fields::default,
    metadata_validation, pod_spec,
    printer::{age, format_labels, name, number, workload_cells},
    strategy::Generation,
    workload_validation as workload,
};

struct ReplicationControllers;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "ReplicationController",
        plural: "replicationcontrollers",
        singular: "replicationcontroller",
        short_names: &["rc"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[SCALE, STATUS],
        strategy: &ReplicationControllers,
    }
}

impl Strategy for ReplicationControllers {
    fn set_defaults(&self, controller: &mut Value) {
        let labels = controller["spec"]["template"]["metadata"]["labels"].clone();
        if labels.as_object().is_some_and(|labels| !labels.is_empty()) {
            // What is not said follows from the template.
            if controller["spec"]["selector"].as_object().is_none_or(serde_json::Map::is_empty) {
                controller["spec"]["selector"] = labels.clone();
            }
            if controller["metadata"]["labels"].as_object().is_none_or(serde_json::Map::is_empty) {
                controller["metadata"]["labels"] = labels;
            }
        }
        default(&mut controller["spec"], "replicas", 1);
        pod_spec::set_defaults(&mut controller["spec"]["template"]["spec"]);
    }

    fn prepare_for_create(&self, _context: &Context<'_>, controller: &mut Value) -> Result<(), Status> {
        controller["status"] = json!({"replicas": 0});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, controller: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(controller, names::is_dns1123_subdomain);
        let (spec, path) = (&controller["spec"], Path::new("spec"));
        for field in ["minReadySeconds", "replicas"] {
            errors.extend(workload::not_negative(&spec[field], &path.child(field)));
        }
        let selector = &spec["selector"];
        if selector.as_object().is_none_or(serde_json::Map::is_empty) {
            errors.push(FieldError::required(&path.child("selector"), ""));
        }
        let selector = LabelSelector::from_map(selector);
        errors.extend(workload::validate_template(&spec["template"], &selector, &path.child("template")));
        errors
    }

    fn validate_update(&self, context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(self.validate(context, new));
        errors
    }

    fn has_status(&self) -> bool {
        true
    }

    fn generation(&self) -> Generation {
        Generation::Spec
    }

    fn orphans_dependents(&self) -> bool {
        true
    }

    fn selectable_fields(&self, controller: &Value) -> Vec<(&'static str, String)> {
        vec![("status.replicas", number(&controller["status"]["replicas"]).to_string())]
    }

    fn cells(&self, controller: &Value, now: Timestamp) -> Vec<Value> {
        let (spec, status) = (&controller["spec"], &controller["status"]);
        let [containers, images, _] = workload_cells(spec);
        vec![
            name(controller),
            number(&spec["replicas"]),
            number(&status["replicas"]),
            number(&status["readyReplicas"]),
            age(controller, now),
            containers,
            images,
            json!(format_labels(&spec["selector"])),
        ]
    }
}
