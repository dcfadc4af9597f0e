//! `kubectl drain` (kubectl: pkg/cmd/drain/drain.go, pkg/drain).

mod evict;
mod filters;

use super::cordon;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::name_of;
use crate::text::quote;
use apimachinery::selector::LabelSelector;

pub(super) static COMMAND: Command = Command {
    name: "drain",
    use_line: "drain NODE",
    short: "Drain node in preparation for maintenance",
    long: "Empty a node before maintenance.\n\n The node is marked unschedulable, and its pods are evicted, which respects PodDisruptionBudgets; on servers without the eviction API they are deleted. Mirror pods stay: the API server cannot delete them. Pods of daemon sets stay as well, since they would come back at once, and drain does not begin without --ignore-daemonsets where there are some. Pods that no controller would make anew are only deleted with --force, and so are pods whose controller is gone.\n\n 'drain' waits until the pods have terminated. Do not work on the machine before the command is done. With uncordon the node is schedulable again.",
    example: "# Even if there are pods that nobody will make anew
kubectl drain foo --force

# Only pods that will be made anew, with a quarter of an hour to end
kubectl drain foo --grace-period=900",
    flags: || {
        vec![
            common::chunk_size(),
            common::dry_run(),
            common::selector(),
            Flag::bool("force", "Continue even if there are pods that do not declare a controller."),
            Flag::bool("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
            Flag::bool(
                "delete-emptydir-data",
                "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).",
            ),
            Flag::int(
                "grace-period",
                "-1",
                "Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.",
            ),
            Flag::duration("timeout", "0s", "The length of time to wait before giving up, zero means infinite"),
            Flag::string("pod-selector", "", "Label selector to filter pods on the node"),
            Flag::bool(
                "disable-eviction",
                "Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.",
            ),
            Flag::int(
                "skip-wait-for-delete-timeout",
                "0",
                "If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds must be greater than 0 to skip.",
            ),
        ]
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let dry_run = cordon::validate(cx)?;
    cx.connection().await?;
    if LabelSelector::parse(cx.flags.str("pod-selector")).is_err() {
        return Err(Error::msg("--pod-selector=<pod_selector> must be a valid label selector"));
    }
    let mut nodes = cordon::find(cx, cx.flags.int("chunk-size")).await?;
    cordon::cordon(cx, &mut nodes, true, dry_run).await?;
    let (mut fatal, mut remaining) = (Vec::new(), Vec::new());
    for info in &nodes {
        match drain(cx, &info.name, dry_run).await {
            Ok(()) => writeln!(cx.out, "{} drained{}", name_of(&info.object), dry_run.suffix())?,
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            Err(error) => {
                let name = quote(&info.name);
                writeln!(cx.err, "error: unable to drain node {name} due to error: {error}, continuing command...")?;
                fatal.push(error);
                remaining.push(&info.name);
            }
        }
    }
    if fatal.is_empty() {
        return Ok(());
    }
    writeln!(cx.err, "There are pending nodes to be drained:")?;
    for name in remaining {
        writeln!(cx.err, " {name}")?;
    }
    Err(Error::Aggregate(fatal))
}

/// Empties one node (`deleteOrEvictPodsSimple`).
async fn drain(cx: &Context, node: &str, dry_run: DryRun) -> Result<()> {
    let list = filters::list(cx, node).await?;
    list.check()?;
    let warnings = list.warnings();
    if !warnings.is_empty() {
        cx.warn(&warnings)?;
    }
    let pods = list.pods();
    if dry_run == DryRun::Client {
        for pod in &pods {
            writeln!(cx.out, "evicting pod {}/{} (dry run)", pod.namespace, pod.name)?;
        }
        return Ok(());
    }
    let Err(error) = evict::all(cx, &pods, dry_run).await else { return Ok(()) };
    let failed = match filters::list(cx, node).await {
        Ok(list) => {
            let pending = list.pods();
            if !pending.is_empty() {
                writeln!(cx.err, "There are pending pods in node {} when an error occurred: {error}", quote(node))?;
            }
            for pod in pending {
                writeln!(cx.err, "pod/{}", pod.name)?;
            }
            list.check()
        }
        Err(error) => Err(error),
    };
    if let Err(failed) = failed {
        write!(cx.err, "Following errors occurred while getting the list of pods to delete:\n{failed}")?;
    }
    Err(error)
}
