//! CronJobs (kubernetes: pkg/registry/batch/cronjob, pkg/apis/batch/validation).

use apimachinery::{
    field::{FieldError, Path},
    names,
    selector::LabelSelector,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, VERBS, batch_spec,
    fields::{default, items, text},
    metadata_validation, pod_spec,
    printer::{age, name, or_none, since, workload_cells},
    strategy::Generation,
    workload_validation::not_negative,
};
use crate::controllers::cronjob::schedule::Schedule;

struct CronJobs;

pub(super) fn resource() -> Resource {
    Resource {
        group: "batch",
        version: "v1",
        kind: "CronJob",
        plural: "cronjobs",
        singular: "cronjob",
        short_names: &["cj"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[STATUS],
        strategy: &CronJobs,
    }
}

impl Strategy for CronJobs {
    fn set_defaults(&self, cron: &mut Value) {
        let spec = &mut cron["spec"];
        default(spec, "concurrencyPolicy", "Allow");
        default(spec, "suspend", false);
        default(spec, "successfulJobsHistoryLimit", 3);
        default(spec, "failedJobsHistoryLimit", 1);
        // The Job's own defaults are set when there is one.
        pod_spec::set_defaults(&mut spec["jobTemplate"]["spec"]["template"]["spec"]);
    }

    fn prepare_for_create(&self, _context: &Context<'_>, cron: &mut Value) -> Result<(), Status> {
        cron["status"] = json!({});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, cron: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(cron, names::is_dns1123_subdomain);
        let (spec, path) = (&cron["spec"], Path::new("spec"));
        let schedule = text(&spec["schedule"]);
        if schedule.is_empty() {
            errors.push(FieldError::required(&path.child("schedule"), ""));
        } else if let Err(why) = Schedule::parse(schedule) {
            errors.push(FieldError::invalid(&path.child("schedule"), schedule, why));
        }
        errors.extend(not_negative(&spec["startingDeadlineSeconds"], &path.child("startingDeadlineSeconds")));
        let policy = text(&spec["concurrencyPolicy"]);
        let policies = &["Allow", "Forbid", "Replace"];
        if !policies.contains(&policy) {
            errors.push(FieldError::not_supported(&path.child("concurrencyPolicy"), policy, policies));
        }
        let template = path.child("jobTemplate").child("spec");
        errors.extend(batch_spec::validate(&spec["jobTemplate"]["spec"], &LabelSelector::everything(), &template));
        for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
            errors.extend(not_negative(&spec[field], &path.child(field)));
        }
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

    fn cells(&self, cron: &Value, now: Timestamp) -> Vec<Value> {
        let (spec, status) = (&cron["spec"], &cron["status"]);
        let [containers, images, selector] = workload_cells(&spec["jobTemplate"]["spec"]);
        let last = match &status["lastScheduleTime"] {
            Value::Null => "<none>".to_owned(),
            at => since(at, now),
        };
        let suspended = if spec["suspend"] == true { "True" } else { "False" };
        vec![
            name(cron),
            spec["schedule"].clone(),
            or_none(&spec["timeZone"]),
            json!(suspended),
            json!(items(status, "active").count()),
            json!(last),
            age(cron, now),
            containers,
            images,
            selector,
        ]
    }
}
