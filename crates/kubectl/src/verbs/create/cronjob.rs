//! `kubectl create cronjob` (kubectl: pkg/cmd/create/create_cronjob.go).

use super::{generated, job};
use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::flags::Flag;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "cronjob",
    use_line: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
    bare_use_line: false,
    aliases: &["cj"],
    short: "Create a cron job with the specified name",
    long: "Create a cron job with the specified name.",
    example: "# A job every minute
kubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\"

# With a command
kubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\" -- date",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("image", "", "Image name to run.").required(),
            Flag::string("schedule", "", "A schedule in the Cron format the job should be run with.").required(),
            Flag::string("restart", "", "job's restart policy. supported values: OnFailure, Never"),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let restart = if cx.flags.str("restart").is_empty() { "OnFailure" } else { cx.flags.str("restart") };
    let template = job::template(name, cx.flags.str("image"), &cx.args[1..], restart);
    let cron_job = json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {
            "schedule": cx.flags.str("schedule"),
            "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}},
        },
        "status": {},
    });
    generated::create(cx, "failed to create cronjob:", cron_job).await
}
