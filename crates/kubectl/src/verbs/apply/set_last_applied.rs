//! `kubectl apply set-last-applied` (kubectl: pkg/cmd/apply/apply_set_last_applied.go).

use super::describe;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Helper, Info};
use crate::verbs::last_applied::{self, LAST_APPLIED};
use apimachinery::go;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "set-last-applied",
    use_line: "set-last-applied -f FILENAME",
    short: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    long: "Set the last-applied-configuration annotation of an object to the contents of a file, as if the file had been applied, and change nothing else.",
    example: "# As if deploy.yaml had been applied
kubectl apply set-last-applied -f deploy.yaml

# Also where there is no annotation yet
kubectl apply set-last-applied -f deploy.yaml --create-annotation=true",
    flags: || {
        let mut flags = common::output();
        flags.extend([
            common::dry_run(),
            Flag::bool(
                "create-annotation",
                "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
            ),
            Flag::string_slice(
                "filename",
                "Filename, directory, or URL to files that contains the last-applied-configuration annotations",
            )
            .short('f'),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("configured{}", dry_run.suffix())).printer(cx).await?;
    let (namespace, enforce) = cx.namespace().await?;
    let mut builder = Builder::new().namespace(&namespace, enforce).flatten();
    builder = builder.filenames_only(cx.flags.strings("filename"));
    let mut changes = Vec::new();
    for info in builder.find(cx).await?.infos()? {
        if let Some(change) = change(cx, info).await? {
            changes.push(change);
        }
    }
    for (info, text) in changes {
        let object = if dry_run == DryRun::Client {
            info.object
        } else {
            let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}}).to_string();
            let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(dry_run);
            helper.patch(&info.namespace, &info.name, "application/merge-patch+json", patch.into_bytes()).await?
        };
        write!(cx.out, "{}", printer.print(object)?)?;
    }
    Ok(())
}

/// The object of the server and its new annotation, if that is another.
async fn change(cx: &Context, mut info: Info) -> Result<Option<(Info, String)>> {
    // As it stands in the file: not even upstream's empty map of annotations is added here.
    let wanted = format!("{}\n", go::json(&info.object));
    info.get(&cx.requests().await?, None, false).await.map_err(|error| match error.is_not_found() {
        true => error,
        false => {
            let what = format!("retrieving current configuration of:\n{}\nfrom server for:", describe(&info));
            error.with_source(&what, &info.source)
        }
    })?;
    match last_applied::original(&info.object) {
        None if !cx.flags.bool("create-annotation") => Err(Error::msg(format!(
            "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
            info.name
        ))),
        Some(text) if text == wanted => {
            writeln!(cx.out, "set-last-applied {}: no changes required.", info.name)?;
            Ok(None)
        }
        _ => Ok(Some((info, wanted))),
    }
}
