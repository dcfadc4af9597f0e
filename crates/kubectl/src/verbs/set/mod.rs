//! `kubectl set` (kubectl: pkg/cmd/set).

mod image;

use super::{change, record};
use crate::command::{Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Helper, Info};
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "set",
    use_line: "set SUBCOMMAND",
    short: "Set specific features on objects",
    long: "Configure application resources.\n\n These commands change parts of existing objects.",
    subcommands: &[&image::COMMAND],
    ..Command::NEW
};

/// The flags of every subcommand.
fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend([common::dry_run(), common::field_manager("kubectl-set")]);
    flags
}

/// The flags of those that find objects with pod templates; `what` is the subcommand.
fn finding(what: &str) -> Vec<Flag> {
    let mut flags = flags();
    flags.extend(common::filename("identifying the resource to get from a server."));
    flags.extend([
        record::flag(),
        Flag::bool("all", "Select all resources, in the namespace of the specified resource types"),
        Flag::bool("local", format!("If true, set {what} will NOT contact api-server but run locally.")),
    ]);
    flags
}

/// Finds the objects that are to be changed: on the server, or with `--local` in files only.
async fn find(cx: &Context, resources: &[String], selector: &str) -> Result<Vec<Info>> {
    let (namespace, enforce) = cx.namespace().await?;
    let builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(&cx.flags).flatten();
    let builder = if cx.flags.bool("local") {
        if !resources.is_empty() {
            return Err(Error::local_resource());
        }
        builder.local(true)
    } else {
        builder.label_selector(selector).args(cx.flags.bool("all"), resources).latest()
    };
    let (infos, errors) = builder.find(cx).await?.partition();
    Error::aggregate(errors)?;
    Ok(infos)
}

/// What became of an object: changed, left alone, or why it cannot be changed.
type Outcome = Result<Option<Value>, String>;

/// How changes are brought to the server.
struct Update {
    /// The word behind the name.
    done: &'static str,
    /// What stands before the server's refusal.
    failed: &'static str,
    /// Objects that did not change are sent and printed too.
    even_unchanged: bool,
}

impl Update {
    /// Sends what changed and prints it; errors of before are reported with those of here.
    async fn run(&self, cx: &Context, changes: Vec<(Info, Outcome)>, mut errors: Vec<Error>) -> Result<()> {
        let dry_run = DryRun::of(cx)?;
        let mut printer = PrintFlags::of(cx, format!("{}{}", self.done, dry_run.suffix())).printer(cx).await?;
        for (info, outcome) in changes {
            let after = match outcome {
                Ok(Some(after)) => after,
                Ok(None) => continue,
                Err(why) => {
                    errors.push(Error::msg(format!("error: {} {why}\n", name(cx, &info))));
                    continue;
                }
            };
            let (patch, content_type) = change::between(&info.object, &after)?;
            if change::is_empty(&patch) && !self.even_unchanged {
                continue;
            }
            let object = if cx.flags.bool("local") || dry_run == DryRun::Client {
                after
            } else {
                let helper = Helper::new(&cx.requests().await?, &info.mapping)
                    .dry_run(dry_run)
                    .field_manager(cx.flags.str("field-manager"));
                let body = patch.to_string().into_bytes();
                match helper.patch(&info.namespace, &info.name, content_type, body).await {
                    Ok(object) => object,
                    Err(error) => {
                        errors.push(Error::msg(format!("{} {error}", self.failed)));
                        continue;
                    }
                }
            };
            write!(cx.out, "{}", printer.print(object)?)?;
        }
        Error::aggregate(errors)
    }
}

/// How an error names the object: with `--local` its resource is not known.
fn name(cx: &Context, info: &Info) -> String {
    match cx.flags.bool("local") {
        true => format!("{}/{}", info.mapping.kind.to_lowercase(), info.name),
        false => info.object_name(),
    }
}

/// Where an object has its pod spec (kubectl: pkg/polymorphichelpers/updatepodspec.go).
fn pod_spec(info: &Info) -> Result<&'static [&'static str], String> {
    let mapping = &info.mapping;
    match (mapping.group.as_str(), mapping.kind.as_str()) {
        ("", "Pod") => Ok(&["spec"]),
        ("", "ReplicationController")
        | ("apps", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet")
        | ("batch", "Job") => Ok(&["spec", "template", "spec"]),
        ("batch", "CronJob") => Ok(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ => {
            let kind = format!("*{}.{}", mapping.version, mapping.kind);
            Err(format!("the object is not a pod or does not have a pod template: {kind}"))
        }
    }
}

/// The containers of an object's pods: `containers`, then `initContainers`.
fn containers<'a>(info: &Info, object: &'a mut Value) -> Result<Vec<&'a mut Value>, String> {
    let spec = pod_spec(info)?.iter().try_fold(object, |value, key| value.get_mut(*key));
    let (mut containers, mut init) = (Vec::new(), Vec::new());
    for (key, value) in spec.and_then(Value::as_object_mut).into_iter().flatten() {
        match (key.as_str(), value.as_array_mut()) {
            ("containers", Some(list)) => containers.extend(list),
            ("initContainers", Some(list)) => init.extend(list),
            _ => {}
        }
    }
    containers.extend(init);
    Ok(containers)
}
