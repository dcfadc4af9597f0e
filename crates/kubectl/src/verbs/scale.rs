//! `kubectl scale` (kubectl: pkg/cmd/scale/scale.go, pkg/scale/scale.go).

use super::{change, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Helper, Info, Until};
use crate::text::quote;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) static COMMAND: Command = Command {
    name: "scale",
    use_line: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    short: "Set a new size for a deployment, replica set, or replication controller",
    long: "Set a new size for a deployment, replica set, replication controller, or stateful set.\n\n With --current-replicas or --resource-version the size is only set if the object is as you say.",
    example: "# Three replicas of a replica set
kubectl scale --replicas=3 rs/foo

# What foo.yaml names
kubectl scale --replicas=3 -f foo.yaml

# Only if there are two now
kubectl scale --current-replicas=2 --replicas=3 deployment/mysql

# Several at once
kubectl scale --replicas=5 rc/example1 rc/example2",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to set a new size");
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::dry_run(),
        common::selector(),
        Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
        Flag::string("resource-version", "", "Precondition for resource version. Requires that the current resource version match this value in order to scale."),
        Flag::int("current-replicas", "-1", "Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition."),
        Flag::int("replicas", "0", "The new desired number of replicas. Required.").required(),
        Flag::duration("timeout", "0s", "The length of time to wait before giving up on a scale operation, zero means don't wait. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h)."),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("scaled{}", dry_run.suffix())).printer(cx).await?;
    let replicas = flags.int("replicas");
    if replicas < 0 {
        return Err(Error::msg("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    if flags.int("current-replicas") < -1 {
        return Err(Error::msg("The --current-replicas must specify an integer of -1 or greater"));
    }
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(flags)
        .args(flags.bool("all"), &cx.args)
        .flatten()
        .label_selector(flags.str("selector"))
        .find(cx)
        .await?;
    let (infos, errors) = found.partition();
    if !flags.str("resource-version").is_empty() && infos.len() > 1 {
        return Err(Error::msg("cannot use --resource-version with multiple resources"));
    }
    if infos.is_empty() {
        Error::aggregate(errors)?;
        return Err(Error::msg("no objects passed to scale"));
    }
    for mut info in infos {
        let size = match dry_run {
            DryRun::Client => replicas,
            _ => scale(cx, &info, replicas, dry_run).await?,
        };
        // Where other kinds keep their size is not known.
        if ["", "apps"].contains(&info.mapping.group.as_str()) {
            info.object["spec"]["replicas"] = json!(size);
        }
        if dry_run == DryRun::None {
            note_cause(cx, &info).await?;
        }
        write!(cx.out, "{}", printer.print(info.object)?)?;
    }
    Error::aggregate(errors)
}

/// Annotates the object with the command (`--record`). That it cannot be is no error.
async fn note_cause(cx: &Context, info: &Info) -> Result<()> {
    let mut object = info.object.clone();
    record::record(cx, &mut object);
    let (patch, content_type) = change::between(&info.object, &object)?;
    if !change::is_empty(&patch) {
        let helper = Helper::new(&cx.requests().await?, &info.mapping);
        let _ = helper.patch(&info.namespace, &info.name, content_type, patch.to_string().into_bytes()).await;
    }
    Ok(())
}

/// Sets the size, again if someone else changed the object meanwhile, and waits if asked to.
async fn scale(cx: &Context, info: &Info, replicas: i64, dry_run: DryRun) -> Result<i64> {
    const INTERVAL: Duration = Duration::from_secs(1);
    const PATIENCE: Duration = Duration::from_secs(5 * 60);
    let tries = async {
        loop {
            match scale_once(cx, info, replicas, dry_run).await {
                Err(error) if error.is_conflict() => tokio::time::sleep(INTERVAL).await,
                done => return done,
            }
        }
    };
    let expired = |_| Error::msg("context deadline exceeded");
    let scale = tokio::time::timeout(PATIENCE, tries).await.map_err(expired)??;
    let timeout = Duration::try_from(cx.flags.duration("timeout")).unwrap_or_default();
    if !timeout.is_zero() && dry_run == DryRun::None {
        let expired = |_| Error::msg(format!("timed out waiting for {} to be synced", quote(&info.name)));
        tokio::time::timeout(timeout, reached(cx, info, replicas)).await.map_err(expired)??;
    }
    Ok(scale["spec"]["replicas"].as_i64().unwrap_or_default())
}

async fn scale_once(cx: &Context, info: &Info, replicas: i64, dry_run: DryRun) -> Result<Value> {
    let helper = Helper::new(&cx.requests().await?, &info.mapping).subresource("scale").dry_run(dry_run);
    let (namespace, name) = (info.namespace.as_str(), info.name.as_str());
    let (size, version) = (cx.flags.int("current-replicas"), cx.flags.str("resource-version"));
    if size == -1 && version.is_empty() {
        let patch = json!({"spec": {"replicas": replicas}}).to_string().into_bytes();
        return helper.patch(namespace, name, "application/merge-patch+json", patch).await;
    }
    let mut scale = helper.get(namespace, name).await?;
    let was = scale["spec"]["replicas"].as_i64().unwrap_or_default();
    if size != -1 && was != size {
        return Err(Error::msg(format!("Expected replicas to be {size}, was {was}")));
    }
    let was = scale["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    if !version.is_empty() && was != version {
        return Err(Error::msg(format!("Expected resource version to be {version}, was {was}")));
    }
    scale["spec"]["replicas"] = json!(replicas);
    helper.replace(namespace, name, &scale).await
}

/// Until there are as many replicas as were asked for, or someone else asked for another number.
async fn reached(cx: &Context, info: &Info, replicas: i64) -> Result<()> {
    let requests = cx.requests().await?;
    let helper = Helper::new(&requests, &info.mapping).subresource("scale");
    let mut until = Until::start(&requests, &info.mapping, &info.namespace, &info.name).await?;
    loop {
        let scale = helper.get(&info.namespace, &info.name).await?;
        let count = |part: &str| scale[part]["replicas"].as_i64().unwrap_or_default();
        if count("spec") != replicas || count("status") == replicas {
            return Ok(());
        }
        until.next().await?;
    }
}
