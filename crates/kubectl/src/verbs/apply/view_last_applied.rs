//! `kubectl apply view-last-applied` (kubectl: pkg/cmd/apply/apply_view_last_applied.go).

use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::yaml;
use crate::resource::Builder;
use crate::verbs::last_applied;
use apimachinery::go;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "view-last-applied",
    use_line: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    long: "View what was last applied to an object, from its annotation.\n\n It is printed as YAML, or as JSON with -o.",
    example: "# What was last applied to a deployment
kubectl apply view-last-applied deployment/web

# By file, in JSON
kubectl apply view-last-applied -f deploy.yaml -o json",
    flags: || {
        let mut flags = common::filename("that contains the last-applied-configuration annotations");
        flags.extend([
            common::selector(),
            Flag::string("output", "yaml", "Output format. Must be one of (yaml, json)").short('o'),
            Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
        ]);
        flags
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let infos = Builder::new()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .args(enforce, &cx.args)
        .select_all(cx.flags.bool("all"))
        .label_selector(cx.flags.str("selector"))
        .latest()
        .flatten()
        .find(cx)
        .await?
        .infos()?;
    // Objects without the annotation are passed over: upstream means to refuse them, and does not.
    for text in infos.iter().filter_map(|info| last_applied::original(&info.object)) {
        let parsed: Value = serde_json::from_str(text).map_err(|error| Error::msg(error.to_string()))?;
        match cx.flags.str("output") {
            "json" => writeln!(cx.out, "{}", go::json_indent(&parsed, "  "))?,
            "yaml" => write!(cx.out, "{}", yaml::to_string(&parsed))?,
            other => {
                let text = format!("Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json");
                return Err(cx.usage_error(text));
            }
        }
    }
    Ok(())
}
