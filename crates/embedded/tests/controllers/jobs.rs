//! Jobs on a virtual clock.

use serde_json::{Value, json};

use crate::support::World;

fn job(image: &str, spec: Value) -> Value {
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "work", "namespace": "default"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": image}]}}},
    });
    for (field, value) in spec.as_object().unwrap() {
        job["spec"][field] = value.clone();
    }
    job
}

async fn after(seconds: u64, image: &str, spec: Value) -> (World, Value) {
    let world = World::start().await;
    world.api.create("jobs.batch", "default", job(image, spec)).unwrap();
    world.api.clock().sleep(std::time::Duration::from_secs(seconds)).await;
    let job = world.api.get("jobs.batch", "default", "work").unwrap();
    (world, Value::clone(&job))
}

fn conditions(job: &Value) -> Vec<(&str, &str)> {
    let conditions = job["status"]["conditions"].as_array().unwrap();
    conditions.iter().map(|it| (it["type"].as_str().unwrap(), it["reason"].as_str().unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_job_is_complete_when_its_pod_succeeded() {
    let (world, job) = after(10, "succeeds", json!({})).await;
    assert_eq!(conditions(&job), [("SuccessCriteriaMet", "CompletionsReached"), ("Complete", "CompletionsReached")]);
    let status = job["status"].as_object().unwrap();
    let keys: Vec<&str> = status.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["completionTime", "conditions", "ready", "startTime", "succeeded", "terminating", "uncountedTerminatedPods"]
    );
    assert_eq!((&status["succeeded"], &status["uncountedTerminatedPods"]), (&json!(1), &json!({})));
    assert_eq!(world.messages("Completed"), ["Job completed"]);
    let pod = world.api.get("pods", "default", &world.names("pods")[0]).unwrap();
    assert!(pod["metadata"]["finalizers"].is_null());
}

#[tokio::test(start_paused = true)]
async fn a_job_gives_up_after_its_backoff_limit() {
    let (_, job) = after(15, "fails", json!({"backoffLimit": 2})).await;
    assert_eq!(job["status"]["failed"], 2, "{job:#}");
    let (world, job) = after(60, "fails", json!({"backoffLimit": 2})).await;
    assert_eq!(conditions(&job), [("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]);
    assert_eq!(job["status"]["failed"], 3);
    assert_eq!(world.messages("BackoffLimitExceeded"), ["Job has reached the specified backoff limit"]);
}

#[tokio::test(start_paused = true)]
async fn the_pods_of_an_indexed_job_are_numbered() {
    let (world, job) =
        after(20, "succeeds", json!({"completionMode": "Indexed", "completions": 3, "parallelism": 2})).await;
    assert_eq!((&job["status"]["completedIndexes"], &job["status"]["succeeded"]), (&json!("0-2"), &json!(3)));
    let names: Vec<String> = world.names("pods").iter().map(|name| name[..7].to_owned()).collect();
    assert_eq!(names, ["work-0-", "work-1-", "work-2-"]);
    let pod = world.api.get("pods", "default", &world.names("pods")[1]).unwrap();
    assert_eq!(pod["spec"]["hostname"], "work-1");
    assert_eq!(pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"], "1");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_too_long_is_ended() {
    let (world, job) = after(40, "runs", json!({"activeDeadlineSeconds": 30})).await;
    assert_eq!(conditions(&job), [("FailureTarget", "DeadlineExceeded"), ("Failed", "DeadlineExceeded")]);
    assert!(world.names("pods").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_suspended_job_has_no_pods_until_it_is_resumed() {
    let (world, job) = after(10, "runs", json!({"suspend": true, "parallelism": 2})).await;
    assert_eq!(conditions(&job), [("Suspended", "JobSuspended")]);
    assert!(world.names("pods").is_empty() && job["status"]["startTime"].is_null());
    world.api.modify("jobs.batch", "default", "work", |job| job["spec"]["suspend"] = json!(false)).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods").len(), 2);
    assert_eq!(world.messages("Resumed"), ["Job resumed"]);
}
