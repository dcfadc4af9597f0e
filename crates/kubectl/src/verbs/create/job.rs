//! `kubectl create job` (kubectl: pkg/cmd/create/create_job.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::resource::Builder;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "job",
    use_line: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    short: "Create a job with the specified name",
    long: "Create a job with the specified name.",
    example: "# A job
kubectl create job my-job --image=busybox

# With a command
kubectl create job my-job --image=busybox -- date

# What a cron job would run, now
kubectl create job test-job --from=cronjob/a-cronjob",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("image", "", "Image name to run."),
            Flag::string("from", "", "The name of the resource to create a Job from (only CronJob is supported)."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let (image, from, command) = (cx.flags.str("image"), cx.flags.str("from"), &cx.args[1..]);
    if image.is_empty() == from.is_empty() {
        return Err(Error::msg("either --image or --from must be specified"));
    }
    if !command.is_empty() && !from.is_empty() {
        return Err(Error::msg("cannot specify --from and command"));
    }
    let job = if from.is_empty() {
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"template": template(name, image, command, "Never")},
            "status": {},
        })
    } else {
        from_cron_job(cx, name, from).await?
    };
    generated::create(cx, "failed to create job:", job).await
}

/// A pod template with one container, as `create job` and `create cronjob` make it.
pub(super) fn template(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}})
}

async fn from_cron_job(cx: &Context, name: &str, from: &str) -> Result<Value> {
    let (namespace, _) = cx.namespace().await?;
    let found = Builder::new().namespace(&namespace, false).args(false, &[from.to_string()]).flatten().latest();
    let mut infos = found.find(cx).await?.infos()?;
    let (Some(info), true) = (infos.pop(), infos.is_empty()) else {
        return Err(Error::msg("from must be an existing cronjob"));
    };
    if (info.mapping.group.as_str(), info.mapping.kind.as_str()) != ("batch", "CronJob") {
        let kind = format!("*{}.{}", info.mapping.version, info.mapping.kind);
        return Err(Error::msg(format!("unknown object type {kind}")));
    }
    let template = &info.object["spec"]["jobTemplate"];
    let mut annotations = json!({"cronjob.kubernetes.io/instantiate": "manual"});
    for (key, value) in template["metadata"]["annotations"].as_object().into_iter().flatten() {
        annotations[key] = value.clone();
    }
    let owner = json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": info.object["metadata"]["name"],
        "uid": info.object["metadata"]["uid"],
        "controller": true,
    });
    let mut metadata = json!({"name": name, "annotations": annotations, "ownerReferences": [owner]});
    if template["metadata"]["labels"].is_object() {
        metadata["labels"] = template["metadata"]["labels"].clone();
    }
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": template["spec"],
        "status": {},
    }))
}
