//! `kubectl rollout undo` (kubectl: pkg/cmd/rollout/rollout_undo.go, pkg/polymorphichelpers/rollback.go).

use super::revisions::{self, History, Purpose, REVISION, Revision};
use super::{find, finding};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Errors, Helper, Info};
use crate::text::quote;
use crate::verbs::describe::pod_template;
use crate::verbs::last_applied::LAST_APPLIED;

use apimachinery::meta;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "undo",
    use_line: "undo (TYPE NAME | TYPE/NAME) [flags]",
    short: "Undo a previous rollout",
    long: "Roll back to a previous rollout.",
    example: "# Back to the previous revision
kubectl rollout undo deployment/web

# Back to revision 3
kubectl rollout undo daemonset/agent --to-revision=3

# See whether the server would do it
kubectl rollout undo --dry-run=server deployment/web",
    flags: || {
        let mut flags = finding();
        flags.extend(common::output());
        flags.extend([
            common::dry_run(),
            Flag::int64("to-revision", "0", "The revision to rollback to. Default to 0 (last revision)."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

/// A Deployment's own annotations, which a ReplicaSet's do not replace.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

const HASH: &str = "pod-template-hash";

async fn run(cx: &Context) -> Result<()> {
    let dry_run = DryRun::of(cx)?;
    let mut errors = Errors::default();
    for info in find(cx).await?.items {
        let undone = match info {
            Ok(info) => undo(cx, info, dry_run).await,
            Err(error) => Err(error),
        };
        errors.keep(undone)?;
    }
    errors.finish()
}

async fn undo(cx: &Context, info: Info, dry_run: DryRun) -> Result<()> {
    if meta::annotation(&info.object, LAST_APPLIED).is_some() {
        let resource = info.object_name();
        cx.warn(&format!("resource {resource} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead."))?;
    }
    let word = roll_back(cx, &info, dry_run).await?;
    let mut printer = PrintFlags::of(cx, format!("{word}{}", dry_run.suffix())).printer(cx).await?;
    write!(cx.out, "{}", printer.print(info.object)?)?;
    Ok(())
}

/// Rolls back; what to say of it.
async fn roll_back(cx: &Context, info: &Info, dry_run: DryRun) -> Result<String> {
    let to = cx.flags.int("to-revision");
    let history = revisions::of(cx, info, Purpose::RollBack).await?;
    let deployment = info.mapping.kind == "Deployment";
    let revision = chosen(&history, to, deployment)?;
    if dry_run == DryRun::Client {
        let text = pod_template::plain(&revision.template(&history.owner)?);
        return Ok(if deployment { text } else { format!("will roll back to {text}") });
    }
    if history.owner["spec"]["paused"] == true {
        return Err(Error::msg(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let skipped = format!("skipped rollback (current template already matches revision {to})");
    let (patch, content_type) = if deployment {
        let mut template = revision.object["spec"]["template"].clone();
        meta::remove(&mut template, &["metadata", "labels", HASH]);
        let mut current = history.owner["spec"]["template"].clone();
        meta::remove(&mut current, &["metadata", "labels", HASH]);
        if template == current {
            return Ok(skipped);
        }
        let annotations = annotations(&history.owner, &revision.object);
        let patch = json!([
            {"op": "replace", "path": "/spec/template", "value": template},
            {"op": "replace", "path": "/metadata/annotations", "value": annotations},
        ]);
        (patch, "application/json-patch+json")
    } else {
        let mut template = history.owner["spec"]["template"].clone();
        template["$patch"] = json!("replace");
        if revision.object["data"] == json!({"spec": {"template": template}}) {
            return Ok(skipped);
        }
        (revision.object["data"].clone(), "application/strategic-merge-patch+json")
    };
    let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(dry_run);
    let patched = helper.patch(&info.namespace, &info.name, content_type, patch.to_string().into_bytes()).await;
    patched.map_err(|error| Error::msg(format!("failed restoring revision {to}: {error}")))?;
    Ok("rolled back".into())
}

/// The revision of that number; for 0 the one before the last.
fn chosen(history: &History, number: i64, deployment: bool) -> Result<&Revision> {
    let revisions = &history.revisions;
    if number != 0 {
        let found = revisions.iter().find(|revision| revision.number == number && number > 0);
        return found.ok_or_else(|| Error::msg(format!("unable to find specified revision {number} in history")));
    }
    let absent = || match deployment {
        true => Error::msg(format!("no rollout history found for deployment {}", quote(meta::name(&history.owner)))),
        false => Error::msg("no last revision to roll back to"),
    };
    let last = revisions.len().checked_sub(2).ok_or_else(absent)?;
    revisions.get(last).ok_or_else(absent)
}

fn annotations(deployment: &Value, replica_set: &Value) -> Map<String, Value> {
    let of = |object| meta::annotations(object).cloned().unwrap_or_default().into_iter();
    let kept = |key: &String| KEPT.contains(&key.as_str());
    of(deployment).filter(|(key, _)| kept(key)).chain(of(replica_set).filter(|(key, _)| !kept(key))).collect()
}
