//! DaemonSets (kubernetes: pkg/registry/apps/daemonset, pkg/apis/apps/v1/defaults.go).

use apimachinery::{
    field::{FieldError, Path},
    names,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, VERBS,
    fields::{default, text},
    metadata_validation, pod_spec,
    printer::{age, format_labels, name, number, workload_cells},
    strategy::Generation,
    workload_validation as workload,
};

/// The annotation that counts templates, as the field of an older version did.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

struct DaemonSets;

pub(super) fn resource() -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind: "DaemonSet",
        plural: "daemonsets",
        singular: "daemonset",
        short_names: &["ds"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[STATUS],
        strategy: &DaemonSets,
    }
}

impl Strategy for DaemonSets {
    fn set_defaults(&self, set: &mut Value) {
        let spec = &mut set["spec"];
        default(spec, "revisionHistoryLimit", 10);
        let strategy = &mut spec["updateStrategy"];
        if text(&strategy["type"]).is_empty() {
            strategy["type"] = json!("RollingUpdate");
        }
        if strategy["type"] == "RollingUpdate" {
            default(&mut strategy["rollingUpdate"], "maxUnavailable", 1);
            default(&mut strategy["rollingUpdate"], "maxSurge", 0);
        }
        pod_spec::set_defaults(&mut spec["template"]["spec"]);
    }

    fn prepare_for_create(&self, _context: &Context<'_>, set: &mut Value) -> Result<(), Status> {
        set["metadata"]["annotations"][TEMPLATE_GENERATION] = json!("1");
        set["status"] = json!({
            "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0,
        });
        Ok(())
    }

    fn prepare_for_update(&self, _context: &Context<'_>, new: &mut Value, old: &Value) -> Result<(), Status> {
        let known = text(&old["metadata"]["annotations"][TEMPLATE_GENERATION]).parse::<i64>().unwrap_or(0);
        let changed = new["spec"]["template"] != old["spec"]["template"];
        let number = if changed { known + 1 } else { known };
        new["metadata"]["annotations"][TEMPLATE_GENERATION] = json!(number.to_string());
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
        errors.extend(workload::same_selector(new, old));
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
        let mut cells = vec![
            name(set),
            number(&status["desiredNumberScheduled"]),
            number(&status["currentNumberScheduled"]),
            number(&status["numberReady"]),
            number(&status["updatedNumberScheduled"]),
            number(&status["numberAvailable"]),
            json!(format_labels(&spec["template"]["spec"]["nodeSelector"])),
            age(set, now),
        ];
        cells.extend(workload_cells(spec));
        cells
    }
}

fn validate_spec(spec: &Value) -> Vec<FieldError> {
    let mut errors = workload::validate_spec(spec);
    let path = Path::new("spec").child("updateStrategy").child("type");
    let kind = text(&spec["updateStrategy"]["type"]);
    let kinds = &["OnDelete", "RollingUpdate"];
    if !kinds.contains(&kind) {
        errors.push(FieldError::not_supported(&path, kind, kinds));
    }
    errors
}
