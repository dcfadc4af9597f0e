//! `kubectl cordon`, `kubectl uncordon` (kubectl: pkg/cmd/drain/drain.go, pkg/drain/cordon.go).

use super::change;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::common;
use crate::printers::name_of;
use crate::resource::{Builder, Helper, Info};
use crate::text::quote;
use apimachinery::meta;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "cordon",
    use_line: "cordon NODE",
    short: "Mark node as unschedulable",
    long: "Mark a node as unschedulable: no new pods are put on it.",
    example: "# No more pods for the node \"foo\"\nkubectl cordon foo",
    flags: || vec![common::selector(), common::dry_run()],
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, true))),
    ..Command::NEW
};

pub(super) static UNCORDON: Command = Command {
    name: "uncordon",
    use_line: "uncordon NODE",
    short: "Mark node as schedulable",
    long: "Mark a node as schedulable again.",
    example: "# Pods for the node \"foo\" again\nkubectl uncordon foo",
    flags: || vec![common::selector(), common::dry_run()],
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, false))),
    ..Command::NEW
};

async fn run(cx: &Context, desired: bool) -> Result<()> {
    let dry_run = validate(cx)?;
    let mut nodes = find(cx, 0).await?;
    cordon(cx, &mut nodes, desired, dry_run).await
}

/// Nodes are named or selected, not both.
pub(super) fn validate(cx: &Context) -> Result<DryRun> {
    if cx.args.is_empty() && !cx.flags.changed("selector") {
        return Err(cx.usage_error(format!("USAGE: {} [flags]", cx.command.use_line)));
    }
    if !cx.args.is_empty() && !cx.flags.str("selector").is_empty() {
        return Err(cx.usage_error("error: cannot specify both a node name and a --selector option"));
    }
    DryRun::of(cx)
}

/// The nodes that arguments or the selector mean.
pub(super) async fn find(cx: &Context, chunk: i64) -> Result<Vec<Info>> {
    let selector = cx.flags.str("selector");
    let mut args: Vec<String> =
        cx.args.iter().map(|name| if name.contains('/') { name.clone() } else { format!("nodes/{name}") }).collect();
    if !selector.is_empty() {
        args.push("nodes".into());
    }
    let (namespace, _) = cx.namespace().await?;
    let builder = Builder::new().namespace(&namespace, false).chunks_of(chunk).flatten();
    let nodes = builder.single_resource_type().label_selector(selector).args(false, &args).find(cx).await?.infos()?;
    for info in &nodes {
        let mapping = &info.mapping;
        if mapping.qualified() != "nodes" {
            let resource = format!("{}/{}, Resource={}", mapping.group, mapping.version, mapping.resource);
            return Err(Error::msg(format!("error: expected resource of type node, got {}", quote(&resource))));
        }
    }
    Ok(nodes)
}

/// Marks the nodes and says so. A node that cannot be marked is reported, and is no error in the end.
pub(super) async fn cordon(cx: &Context, nodes: &mut [Info], desired: bool, dry_run: DryRun) -> Result<()> {
    let verb = if desired { "cordon" } else { "uncordon" };
    for info in nodes {
        let mut operation = format!("{verb}ed");
        if meta::dig(&info.object, "spec.unschedulable").and_then(Value::as_bool).unwrap_or(false) == desired {
            operation = format!("already {operation}");
        } else if dry_run != DryRun::Client
            && let Err(error) = mark(cx, info, desired, dry_run).await
        {
            writeln!(cx.err, "error: unable to {verb} node {}: {error}", quote(&info.name))?;
            continue;
        }
        writeln!(cx.out, "{} {operation}{}", name_of(&info.object), dry_run.suffix())?;
    }
    Ok(())
}

async fn mark(cx: &Context, info: &Info, desired: bool, dry_run: DryRun) -> Result<()> {
    let mut after = info.object.clone();
    match desired {
        true => after["spec"]["unschedulable"] = json!(true),
        false => drop(meta::remove(&mut after, &["spec", "unschedulable"])),
    }
    let (patch, content_type) = change::between(&info.object, &after)?;
    let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(dry_run);
    helper.patch("", &info.name, content_type, patch.to_string().into_bytes()).await.map(drop)
}
