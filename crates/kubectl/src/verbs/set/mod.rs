//! `kubectl set` (kubectl: pkg/cmd/set).

mod env;
mod image;
mod references;
mod resources;
mod selector;
mod serviceaccount;
mod subject;

use super::{change, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::{PrintFlags, typed};
use crate::resource::{Builder, Helper, Info};
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "set",
    use_line: "set SUBCOMMAND",
    short: "Set specific features on objects",
    long: "Configure application resources.\n\n These commands change parts of existing objects.",
    subcommands: &[
        &env::COMMAND,
        &image::COMMAND,
        &resources::COMMAND,
        &selector::COMMAND,
        &serviceaccount::COMMAND,
        &subject::COMMAND,
    ],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async move { cx.default_subcommand_run() })),
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
    flags.push(record::flag());
    flags.extend(scope(what));
    flags
}

/// `--all` and `--local`.
fn scope(what: &str) -> [Flag; 2] {
    [
        Flag::bool("all", "Select all resources, in the namespace of the specified resource types"),
        Flag::bool("local", format!("If true, set {what} will NOT contact api-server but run locally.")),
    ]
}

/// Finds the objects that are to be changed: on the server, or with `--local` in files only.
async fn find(cx: &Context, resources: &[String], selector: &str) -> Result<Vec<Info>> {
    if cx.flags.bool("local") && !resources.is_empty() {
        cx.namespace().await?;
        return Err(Error::local_resource());
    }
    find_any(cx, resources, selector).await
}

/// As [`find`], but what is named besides files is passed over with `--local`.
async fn find_any(cx: &Context, resources: &[String], selector: &str) -> Result<Vec<Info>> {
    let (namespace, enforce) = cx.namespace().await?;
    let builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(&cx.flags).flatten();
    let builder = if cx.flags.bool("local") {
        builder.local(true)
    } else {
        builder.label_selector(selector).args(cx.flags.bool("all"), resources).latest()
    };
    let (mut infos, errors) = builder.find(cx).await?.partition();
    Error::aggregate(errors)?;
    infos.iter_mut().for_each(|info| typed::canonical(&mut info.object));
    Ok(infos)
}

/// `--local` and `--dry-run=server` do not go together.
fn validate_local(cx: &Context) -> Result<()> {
    if cx.flags.bool("local") && DryRun::of(cx)? == DryRun::Server {
        return Err(Error::msg("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
    }
    Ok(())
}

/// `--all` and `--selector` do not go together.
fn validate_selector(cx: &Context) -> Result<()> {
    if cx.flags.bool("all") && !cx.flags.str("selector").is_empty() {
        return Err(Error::msg("cannot set --all and --selector at the same time"));
    }
    Ok(())
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
        let operation = format!("{}{}", self.done, dry_run.suffix());
        let mut printer = PrintFlags::of(cx, operation).typed().printer(cx).await?;
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

/// The pod spec of an object.
fn pod_spec_of<'a>(info: &Info, object: &'a mut Value) -> Result<Option<&'a mut Value>, String> {
    Ok(pod_spec(info)?.iter().try_fold(object, |value, key| value.get_mut(*key)))
}

/// The containers of an object's pods: `containers`, then `initContainers`.
fn containers<'a>(info: &Info, object: &'a mut Value) -> Result<Vec<&'a mut Value>, String> {
    let spec = pod_spec_of(info, object)?;
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

/// [`containers`] whose names match `--containers`.
fn selected_containers<'a>(info: &Info, object: &'a mut Value, pattern: &str) -> Result<Vec<&'a mut Value>, String> {
    let matches = |container: &&mut Value| matches(container["name"].as_str().unwrap_or_default(), pattern);
    Ok(containers(info, object)?.into_iter().filter(matches).collect())
}

/// Whether a name matches a pattern with `*`, in upstream's own, not quite greedy way (set/helper.go `selectString`).
fn matches(name: &str, pattern: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if !pattern.contains('*') {
        return name == pattern;
    }
    let mut position = 0;
    let parts: Vec<&str> = pattern.split('*').collect();
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let Some(next) = name.get(position..).and_then(|rest| rest.find(part)) else { return false };
        let first_elsewhere = index == 0 && position != 0;
        let last_elsewhere = index == parts.len() - 1 && name.len() != part.len() + next;
        if next < position || first_elsewhere || last_elsewhere {
            return false;
        }
        position = next;
    }
    true
}

#[cfg(test)]
mod tests {
    #[test]
    fn wildcards() {
        for (name, pattern, expected) in
            [("web", "*", true), ("web", "we", false), ("web", "we*", true), ("web", "*eb", true), ("web", "x*", false)]
        {
            assert_eq!(super::matches(name, pattern), expected, "{name} {pattern}");
        }
    }
}
