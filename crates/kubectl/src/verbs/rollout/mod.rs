//! `kubectl rollout` (kubectl: pkg/cmd/rollout).

mod history;
mod pause;
mod restart;
mod resume;
mod revisions;
mod status;
mod undo;

use super::change;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Found, Helper, Info};
use crate::text::quote;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "rollout",
    use_line: "rollout SUBCOMMAND",
    short: "Manage the rollout of a resource",
    long: "Manage the rollout of one or many resources.\n\nValid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets",
    example: "# Back to the previous deployment
kubectl rollout undo deployment/web

# How far a rollout is
kubectl rollout status deployment/web

# Restart a deployment
kubectl rollout restart deployment/web",
    subcommands: &[
        &history::COMMAND,
        &pause::COMMAND,
        &restart::COMMAND,
        &resume::COMMAND,
        &status::COMMAND,
        &undo::COMMAND,
    ],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run_to(&cx.out) })),
    ..Command::NEW
};

/// The flags that find objects.
fn finding() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to get from a server.");
    flags.push(common::selector());
    flags
}

/// The flags of what changes objects.
fn changing() -> Vec<Flag> {
    let mut flags = finding();
    flags.extend(common::output());
    flags.push(common::field_manager("kubectl-rollout"));
    flags
}

async fn find(cx: &Context) -> Result<Found> {
    if cx.args.is_empty() && cx.flags.strings("filename").is_empty() && cx.flags.str("kustomize").is_empty() {
        return Err(Error::msg("required resource not specified"));
    }
    let (namespace, enforce) = cx.namespace().await?;
    Builder::new()
        .namespace(&namespace, enforce)
        .label_selector(cx.flags.str("selector"))
        .filenames(&cx.flags)
        .args(true, &cx.args)
        .continue_on_error()
        .latest()
        .flatten()
        .find(cx)
        .await
}

/// `Deployment.apps`, `Pod`: Go's `GroupKind.String()`.
fn group_kind(info: &Info) -> String {
    let (kind, group) = (&info.mapping.kind, &info.mapping.group);
    if group.is_empty() { kind.clone() } else { format!("{kind}.{group}") }
}

/// Whether it is one of the kinds that pods are made by or that are pods: others are refused in other words.
fn is_workload(info: &Info) -> bool {
    matches!(
        (info.mapping.group.as_str(), info.mapping.kind.as_str()),
        ("apps", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet")
            | ("batch", "Job" | "CronJob")
            | ("", "Pod" | "ReplicationController")
    )
}

/// What `pause`, `restart` and `resume` do: a small change of each object.
struct Change {
    /// The word behind the name.
    done: &'static str,
    /// The changed object, or why it cannot be.
    apply: fn(&Context, &Info) -> Result<Value, String>,
    /// What is said where nothing changes; `Err` makes an error of it.
    unchanged: fn(&Info) -> Result<&'static str>,
}

async fn change_all(cx: &Context, change: &Change) -> Result<()> {
    let (infos, absent) = find(cx).await?.partition();
    if infos.is_empty() && absent.is_empty() {
        let (namespace, _) = cx.namespace().await?;
        writeln!(cx.err, "No resources found in {namespace} namespace.")?;
        return Ok(());
    }
    // Errors of finding stay together: beside others they are told in plain words.
    let mut errors: Vec<Error> = if absent.is_empty() { Vec::new() } else { vec![Error::Aggregate(absent)] };
    for info in infos {
        match change_one(cx, change, info).await {
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            Err(error) => errors.push(error),
            Ok(()) => {}
        }
    }
    Error::aggregate(errors)
}

async fn change_one(cx: &Context, change: &Change, mut info: Info) -> Result<()> {
    let refused = |why: String| Error::msg(format!("error: {} {} {why}", info.mapping.qualified(), quote(&info.name)));
    let changed = (change.apply)(cx, &info).map_err(refused)?;
    let (patch, content_type) = change::between(&info.object, &changed)?;
    let word = if change::is_empty(&patch) {
        (change.unchanged)(&info)?
    } else {
        let helper = Helper::new(&cx.requests().await?, &info.mapping).field_manager(cx.flags.str("field-manager"));
        let patched = helper.patch(&info.namespace, &info.name, content_type, patch.to_string().into_bytes()).await;
        info.refresh(patched.map_err(|error| Error::msg(format!("failed to patch: {error}")))?);
        change.done
    };
    write!(cx.out, "{}", PrintFlags::of(cx, word).printer(cx).await?.print(info.object)?)?;
    Ok(())
}
