//! `kubectl set serviceaccount` (kubectl: pkg/cmd/set/set_serviceaccount.go).

use super::{Outcome, Update, find_any, finding, pod_spec_of, validate_local};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::printers::PrintFlags;
use crate::resource::Info;
use crate::verbs::record;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "serviceaccount",
    use_line: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    aliases: &["sa"],
    short: "Update the service account of a resource",
    long: "Update the service account of pod templates.\n\n Possible resources (case insensitive) can be:\n\n replicationcontroller (rc), deployment (deploy), daemonset (ds), job, replicaset (rs), statefulset",
    example: "# The service account of a deployment's pods
kubectl set serviceaccount deployment nginx-deployment serviceaccount1

# See what would become of a file, without asking the server
kubectl set sa -f nginx-deployment.yaml serviceaccount1 --local --dry-run=client -o yaml",
    flags: || finding("serviceaccount"),
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    validate_local(cx)?;
    PrintFlags::of(cx, "").printer(cx).await?;
    cx.namespace().await?;
    let Some((account, resources)) = cx.args.split_last() else {
        return Err(Error::msg("serviceaccount is required"));
    };
    let resources = if cx.flags.bool("local") { &[] } else { resources };
    let infos = find_any(cx, resources, "").await?;
    let changes = infos.into_iter().map(|info| {
        let outcome = set(cx, &info, account);
        (info, outcome)
    });
    let changes = changes.collect();
    let update =
        Update { done: "serviceaccount updated", failed: "failed to patch ServiceAccountName", even_unchanged: true };
    update.run(cx, changes, Vec::new()).await
}

fn set(cx: &Context, info: &Info, account: &str) -> Outcome {
    let mut object = info.object.clone();
    if let Some(spec) = pod_spec_of(info, &mut object)? {
        spec["serviceAccountName"] = json!(account);
    }
    record::record(cx, &mut object);
    Ok(Some(object))
}
