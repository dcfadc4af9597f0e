//! `kubectl rollout history` (kubectl: pkg/cmd/rollout/rollout_history.go, pkg/polymorphichelpers/history.go).

use super::revisions::{self, History, Purpose};
use super::{find, finding};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::printers::tabwriter::TabWriter;
use crate::resource::{Errors, Info};
use crate::verbs::describe::pod_template;

pub(super) static COMMAND: Command = Command {
    name: "history",
    use_line: "history (TYPE NAME | TYPE/NAME) [flags]",
    short: "View rollout history",
    long: "View previous rollout revisions and configurations.",
    example: "# The revisions of a deployment
kubectl rollout history deployment/web

# What a daemon set was in revision 3
kubectl rollout history daemonset/agent --revision=3",
    flags: || {
        let mut flags = finding();
        flags.extend(common::output());
        flags.push(Flag::int64("revision", "0", "See the details, including podTemplate of the revision specified"));
        flags
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let revision = cx.flags.int("revision");
    if revision < 0 && !cx.args.is_empty() {
        return Err(Error::msg(format!("revision must be a positive integer: {revision}")));
    }
    let found = find(cx).await?;
    let mut errors = Errors::default();
    // With --template alone the object itself is printed, not its revisions.
    let as_objects = !cx.flags.str("output").is_empty();
    let mut printer = PrintFlags::of(cx, "").typed().printer(cx).await?;
    for info in found.items {
        let info = match info {
            Ok(info) => info,
            Err(error) => {
                errors.keep(Err(error))?;
                continue;
            }
        };
        let history = match revisions::of(cx, &info, Purpose::View).await {
            Ok(history) => history,
            Err(error) => {
                errors.keep(Err(error))?;
                continue;
            }
        };
        let shown = if as_objects {
            objects(&history, revision).and_then(|objects| {
                for object in objects {
                    write!(cx.out, "{}", printer.print(object)?)?;
                }
                Ok(())
            })
        } else {
            overview(cx, info, &history, revision).await
        };
        errors.keep(shown)?;
    }
    errors.finish()
}

fn missing() -> Error {
    Error::msg("unable to find the specified revision")
}

/// The revisions themselves, for `-o`.
fn objects(history: &History, number: i64) -> Result<Vec<serde_json::Value>> {
    if number == 0 {
        return history.revisions.iter().map(|revision| revision.restored(&history.owner)).collect();
    }
    let revision = history.revisions.iter().rfind(|revision| revision.number == number).ok_or_else(missing)?;
    Ok(vec![revision.restored(&history.owner)?])
}

async fn overview(cx: &Context, info: Info, history: &History, number: i64) -> Result<()> {
    let mut with = String::new();
    let text = if history.revisions.is_empty() {
        "No rollout history found.".to_string()
    } else if number > 0 {
        with = format!("with revision #{number}");
        let revision = history.revisions.iter().rfind(|revision| revision.number == number).ok_or_else(missing)?;
        pod_template::plain(&revision.template_with_cause(&history.owner)?)
    } else {
        let mut table = TabWriter::new(0, 2);
        table.write("REVISION\tCHANGE-CAUSE\n");
        for revision in &history.revisions {
            table.write(&format!("{}\t{}\n", revision.number, revision.change_cause()));
        }
        table.flush()
    };
    let mut printer = PrintFlags::of(cx, format!("{with}\n{text}")).printer(cx).await?;
    write!(cx.out, "{}", printer.print(info.object)?)?;
    Ok(())
}
