//! Jobs (kubernetes: pkg/registry/batch/job).

use apimachinery::{
    duration::human_duration,
    field::{FieldError, Path},
    names,
    selector::LabelSelector,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, VERBS, batch_spec,
    fields::items,
    metadata_validation,
    printer::{age, name, number, workload_cells},
    strategy::Generation,
};

const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

struct Jobs;

pub(super) fn resource() -> Resource {
    Resource {
        group: "batch",
        version: "v1",
        kind: "Job",
        plural: "jobs",
        singular: "job",
        short_names: &[],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[STATUS],
        strategy: &Jobs,
    }
}

impl Strategy for Jobs {
    fn set_defaults(&self, job: &mut Value) {
        batch_spec::set_defaults(&mut job["spec"]);
        let labels = job["spec"]["template"]["metadata"]["labels"].clone();
        if job["metadata"]["labels"].is_null() && !labels.is_null() {
            job["metadata"]["labels"] = labels;
        }
    }

    fn prepare_for_create(&self, _context: &Context<'_>, job: &mut Value) -> Result<(), Status> {
        let had_labels = !job["metadata"]["labels"].is_null();
        if job["spec"]["manualSelector"] != true {
            generate_selector(job);
        }
        if !had_labels {
            job["metadata"]["labels"] = job["spec"]["template"]["metadata"]["labels"].clone();
        }
        job["status"] = json!({});
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, job: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(job, names::is_dns1123_subdomain);
        let (spec, path) = (&job["spec"], Path::new("spec"));
        if spec["selector"].is_null() {
            errors.push(FieldError::required(&path.child("selector"), ""));
        }
        let selector = LabelSelector::from_json(&spec["selector"]).unwrap_or_default();
        errors.extend(batch_spec::validate(spec, &selector, &path));
        errors
    }

    fn validate_update(&self, context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(self.validate(context, new));
        let path = Path::new("spec");
        let indexed = old["spec"]["completionMode"] == "Indexed";
        let resized = new["spec"]["completions"] == new["spec"]["parallelism"];
        for field in
            ["completions", "selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"]
        {
            let (new, old) = (&new["spec"][field], &old["spec"][field]);
            let elastic = field == "completions" && indexed && resized;
            if new != old && !elastic {
                errors.push(FieldError::invalid(&path.child(field), new.clone(), "field is immutable"));
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

    fn orphans_dependents(&self) -> bool {
        true
    }

    fn selectable_fields(&self, job: &Value) -> Vec<(&'static str, String)> {
        vec![("status.successful", number(&job["status"]["succeeded"]).to_string())]
    }

    fn cells(&self, job: &Value, now: Timestamp) -> Vec<Value> {
        let [containers, images, selector] = workload_cells(&job["spec"]);
        vec![
            name(job),
            json!(status_word(job)),
            json!(completions(job)),
            json!(duration(&job["status"], now)),
            age(job, now),
            containers,
            images,
            selector,
        ]
    }
}

/// `generateSelector`: the pods of a Job are known by the Job's uid.
fn generate_selector(job: &mut Value) {
    let (uid, name) = (job["metadata"]["uid"].clone(), job["metadata"]["name"].clone());
    let labels = &mut job["spec"]["template"]["metadata"]["labels"];
    for (key, value) in
        [("job-name", &name), ("batch.kubernetes.io/job-name", &name), ("controller-uid", &uid), (CONTROLLER_UID, &uid)]
    {
        if labels[key].is_null() {
            labels[key] = value.clone();
        }
    }
    let wanted = &mut job["spec"]["selector"]["matchLabels"];
    if wanted[CONTROLLER_UID].is_null() {
        wanted[CONTROLLER_UID] = uid;
    }
}

fn has_condition(job: &Value, kind: &str) -> bool {
    items(&job["status"], "conditions").any(|condition| condition["type"] == kind && condition["status"] == "True")
}

fn status_word(job: &Value) -> &'static str {
    let deleted = !job["metadata"]["deletionTimestamp"].is_null();
    let words: [(&'static str, bool); 6] = [
        ("Complete", has_condition(job, "Complete")),
        ("Failed", has_condition(job, "Failed")),
        ("Terminating", deleted),
        ("Suspended", has_condition(job, "Suspended")),
        ("FailureTarget", has_condition(job, "FailureTarget")),
        ("SuccessCriteriaMet", has_condition(job, "SuccessCriteriaMet")),
    ];
    words.into_iter().find(|(_, holds)| *holds).map_or("Running", |(word, _)| word)
}

fn completions(job: &Value) -> String {
    let succeeded = job["status"]["succeeded"].as_i64().unwrap_or(0);
    match (job["spec"]["completions"].as_i64(), job["spec"]["parallelism"].as_i64()) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, Some(parallelism)) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn duration(status: &Value, now: Timestamp) -> String {
    let time = |field: &str| status[field].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    time("startTime")
        .map_or_else(String::new, |start| human_duration(time("completionTime").unwrap_or(now).duration_since(start)))
}
