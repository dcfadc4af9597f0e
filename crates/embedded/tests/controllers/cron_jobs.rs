//! CronJobs.

use serde_json::{Value, json};

use crate::support::World;

fn cron(schedule: &str, image: &str) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick", "namespace": "default"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "c", "image": image}]}}}}},
    })
}

#[tokio::test(start_paused = true)]
async fn a_job_is_made_at_each_moment_and_old_ones_are_removed() {
    let world = World::start().await;
    world.api.create("cronjobs.batch", "default", cron("* * * * *", "succeeds")).unwrap();
    world.api.clock().sleep(std::time::Duration::from_secs(5 * 60 + 30)).await;
    let first = 29_453_760 + 1;
    let expected: Vec<String> = (first + 2..first + 5).map(|minute| format!("tick-{minute}")).collect();
    assert_eq!(world.names("jobs.batch"), expected);
    let tick = world.api.get("cronjobs.batch", "default", "tick").unwrap();
    assert_eq!(tick["status"]["lastScheduleTime"], "2026-01-01T00:05:00Z");
    assert_eq!(world.messages("SuccessfulDelete").len(), 2);
    assert_eq!(world.messages("SawCompletedJob")[0], format!("Saw completed job: tick-{first}, condition: Complete"));
    let job = world.api.get("jobs.batch", "default", &expected[2]).unwrap();
    assert_eq!(
        job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"],
        "2026-01-01T00:05:00Z"
    );
}

#[tokio::test(start_paused = true)]
async fn forbidden_and_replaced_jobs_do_not_overlap() {
    for (policy, reason) in [("Forbid", "JobAlreadyActive"), ("Replace", "SuccessfulDelete")] {
        let world = World::start().await;
        let mut tick = cron("* * * * *", "runs");
        tick["spec"]["concurrencyPolicy"] = json!(policy);
        world.api.create("cronjobs.batch", "default", tick).unwrap();
        world.api.clock().sleep(std::time::Duration::from_secs(150)).await;
        assert_eq!(world.names("jobs.batch").len(), 1, "{policy}");
        assert_eq!(world.names("pods").len(), 1, "{policy}");
        assert_eq!(world.messages(reason).len(), 1, "{policy}");
    }
}
