//! Deployments (kubernetes: pkg/registry/apps/deployment, pkg/apis/apps/v1/defaults.go).

use apimachinery::{
    field::{FieldError, Path},
    names,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, SCALE, STATUS, Strategy, VERBS,
    fields::{default, text},
    metadata_validation, pod_spec,
    printer::{age, name, number, workload_cells},
    strategy::Generation,
    workload_validation as workload,
};

struct Deployments;

pub(super) fn resource() -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind: "Deployment",
        plural: "deployments",
        singular: "deployment",
        short_names: &["deploy"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[SCALE, STATUS],
        strategy: &Deployments,
    }
}

impl Strategy for Deployments {
    fn set_defaults(&self, deployment: &mut Value) {
        let spec = &mut deployment["spec"];
        default(spec, "replicas", 1);
        let strategy = &mut spec["strategy"];
        if text(&strategy["type"]).is_empty() {
            strategy["type"] = json!("RollingUpdate");
        }
        if strategy["type"] == "RollingUpdate" {
            default(&mut strategy["rollingUpdate"], "maxUnavailable", "25%");
            default(&mut strategy["rollingUpdate"], "maxSurge", "25%");
        }
        default(spec, "revisionHistoryLimit", 10);
        default(spec, "progressDeadlineSeconds", 600);
        pod_spec::set_defaults(&mut spec["template"]["spec"]);
    }

    fn prepare_for_create(&self, _context: &Context<'_>, deployment: &mut Value) -> Result<(), Status> {
        deployment["status"] = json!({});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, deployment: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(deployment, names::is_dns1123_subdomain);
        errors.extend(validate_spec(&deployment["spec"]));
        errors
    }

    fn validate_update(&self, _context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(validate_spec(&new["spec"]));
        errors.extend(workload::same_selector(new, old));
        errors
    }

    fn has_status(&self) -> bool {
        true
    }

    fn generation(&self) -> Generation {
        Generation::SpecAndAnnotations
    }

    fn cells(&self, deployment: &Value, now: Timestamp) -> Vec<Value> {
        let (spec, status) = (&deployment["spec"], &deployment["status"]);
        let mut cells = vec![
            name(deployment),
            json!(format!("{}/{}", number(&status["readyReplicas"]), number(&spec["replicas"]))),
            number(&status["updatedReplicas"]),
            number(&status["availableReplicas"]),
            age(deployment, now),
        ];
        cells.extend(workload_cells(spec));
        cells
    }
}

fn validate_spec(spec: &Value) -> Vec<FieldError> {
    let mut errors = workload::validate_spec(spec);
    let path = Path::new("spec");
    validate_strategy(&spec["strategy"], &path.child("strategy"), &mut errors);
    let (deadline, ready) = (&spec["progressDeadlineSeconds"], spec["minReadySeconds"].as_i64().unwrap_or(0));
    if deadline.as_i64().is_some_and(|deadline| deadline <= ready) {
        let detail = "must be greater than minReadySeconds";
        errors.push(FieldError::invalid(&path.child("progressDeadlineSeconds"), deadline.clone(), detail));
    }
    errors
}

fn validate_strategy(strategy: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let rolling = &strategy["rollingUpdate"];
    match text(&strategy["type"]) {
        "Recreate" => {
            if !rolling.is_null() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                errors.push(FieldError::forbidden(&path.child("rollingUpdate"), detail));
            }
        }
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            for field in ["maxUnavailable", "maxSurge"] {
                positive_int_or_percent(&rolling[field], &path.child(field), errors);
            }
            if amount(&rolling["maxUnavailable"]) == Some(0) && amount(&rolling["maxSurge"]) == Some(0) {
                let value = rolling["maxUnavailable"].clone();
                let detail = "may not be 0 when `maxSurge` is 0";
                errors.push(FieldError::invalid(&path.child("maxUnavailable"), value, detail));
            }
        }
        _ => errors.push(FieldError::not_supported(path, strategy.clone(), &["Recreate", "RollingUpdate"])),
    }
}

fn amount(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.strip_suffix('%')?.parse().ok())
}

fn positive_int_or_percent(value: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    match value.as_str() {
        Some(percent) => {
            let messages = names::is_valid_percent(percent);
            errors.extend(messages.into_iter().map(|m| FieldError::invalid(path, percent, m)));
        }
        None => errors.extend(workload::not_negative(value, path)),
    }
}
