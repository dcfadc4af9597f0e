//! `kubectl diff` (kubectl: pkg/cmd/diff/diff.go).

mod folders;
mod mask;
mod merged;

use super::apply;
use super::prune::{self, Visited};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::mapper::Mapping;
use crate::printers::{omit_managed_fields, yaml};
use crate::resource::{Builder, Helper, Info};
use folders::Folders;
use serde_json::Value;
use std::sync::Arc;

/// How often an object that keeps changing is compared.
const TRIES: usize = 4;
/// `diff` says with 1 that there are differences; errors are more.
const ERROR_OFFSET: i32 = 1;

pub(super) static COMMAND: Command = Command {
    name: "diff",
    use_line: "diff -f FILENAME",
    short: "Diff the live version against a would-be applied version",
    long: "Show what apply would change: the objects of the server beside what they would become.\n\n The output is YAML. KUBECTL_EXTERNAL_DIFF names another program to compare with, which may have arguments: KUBECTL_EXTERNAL_DIFF=\"colordiff -N -u\". By default it is the \"diff\" of the path, with -u and -N.\n\n Exit status: 0 there are no differences; 1 there are differences; more than 1 kubectl or the program failed. The program is expected to keep to that.",
    example: "# What would change
kubectl diff -f pod.json

# From standard input
cat service.yaml | kubectl diff -f -",
    flags,
    run: Some(|cx| Box::pin(run(cx))),
    flag_error_offset: ERROR_OFFSET,
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("contains the configuration to diff");
    flags.extend([
        Flag::string_array("prune-allowlist", "Overwrite the default allowlist with <group/version/kind> for --prune"),
        Flag::bool("prune", "Include resources that would be deleted by pruning. Can be used with -l and default shows all resources would be pruned"),
        Flag::bool("show-managed-fields", "If true, include managed fields in the diff."),
        Flag::bool("show-secrets", "If true, do not mask secret values in the diff."),
        Flag::int("concurrency", "1", "Number of objects to process in parallel when diffing against the live version. Larger number = faster, but more memory, I/O and CPU over that shorter period of time."),
        Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
        Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
        common::field_manager("kubectl-client-side-apply"),
        common::selector(),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    match differ(cx).await {
        Ok(0) => Ok(()),
        Ok(_) => Err(Error::Exit { code: 1, message: String::new() }),
        Err(Error::Output(error)) => Err(Error::Output(error)),
        Err(error) => {
            let (message, code) = error.report();
            Err(Error::Exit { code: code + ERROR_OFFSET, message })
        }
    }
}

/// The exit code of the program that compares: 0 or 1.
async fn differ(cx: &Context) -> Result<i32> {
    let flags = &cx.flags;
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("Unexpected args: [{}]", cx.args.join(" "))));
    }
    if flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg("must specify one of -f and -k"));
    }
    if flags.bool("force-conflicts") && !flags.bool("server-side") {
        return Err(Error::msg("--force-conflicts only works with --server-side"));
    }
    let allowed = match flags.bool("prune") {
        true => Some(prune::parse(cx, flags.strings("prune-allowlist")).await?),
        false => None,
    };
    let folders = Folders::new(cx).await;
    let compared = match fill(cx, &folders, allowed.as_deref()).await {
        Ok(()) => folders.compare().await,
        Err(error) => Err(error),
    };
    folders.remove().await;
    compared
}

/// Writes both versions of all objects into their folders.
async fn fill(cx: &Context, folders: &Folders<'_>, allowed: Option<&[Arc<Mapping>]>) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .label_selector(cx.flags.str("selector"))
        .flatten()
        .find(cx)
        .await?;
    let mut visited = Visited::default();
    let mut outcome = Ok(());
    for info in found.items {
        outcome = match info {
            Ok(info) => both(cx, folders, info, &mut visited).await,
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            break;
        }
    }
    if let Some(allowed) = allowed {
        match pruned(cx, allowed, &visited).await {
            Ok(objects) => {
                for (mapping, object) in objects {
                    folders.live(&name_of(&mapping, &object), &yaml::to_string(&object)).await?;
                }
            }
            Err(error) => {
                let text = format!("pruning failed and could not be evaluated err: {error}");
                cx.klog_warning("diff.go:760", &text)?;
            }
        }
    }
    outcome
}

async fn pruned(cx: &Context, allowed: &[Arc<Mapping>], visited: &Visited) -> Result<Vec<(Arc<Mapping>, Value)>> {
    let (mut objects, requests) = (Vec::new(), cx.requests().await?);
    for (mapping, namespace) in prune::places(cx, allowed, visited).await? {
        let helper = Helper::new(&requests, &mapping);
        let found = prune::find(&helper, &namespace, cx.flags.str("selector"), visited).await;
        let found = found.map_err(|error| {
            let scope = if mapping.namespaced { "namespaced" } else { "nonNamespaced" };
            Error::msg(format!("error pruning {scope} object {}: {error}", mapping.gvk()))
        })?;
        objects.extend(found.into_iter().map(|object| (mapping.clone(), object)));
    }
    Ok(objects)
}

/// One object as it is and as it would be.
async fn both(cx: &Context, folders: &Folders<'_>, info: Info, visited: &mut Visited) -> Result<()> {
    let local = info.object.clone();
    let requests = cx.requests().await?;
    let mut live = info.clone();
    for attempt in 1..=TRIES {
        live = info.clone();
        match live.get(&requests, None, false).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => live.object = Value::Null,
            Err(error) => return Err(error),
        }
        let last = attempt == TRIES;
        if last {
            let text = format!("Object ({}: {}) keeps changing, diffing without lock", info.mapping.gvk(), info.name);
            cx.klog_warning("diff.go:723", &text)?;
        }
        visited.namespace_of(&live);
        visited.object(&live.object);
        match merged::merged(cx, &live, &local, last).await {
            Ok(merged) => {
                show(cx, folders, &live, merged).await?;
                break;
            }
            Err(error) if error.is_conflict() && !last => {}
            Err(error) => {
                apply::warn_if_deleting(cx, &live.object)?;
                return Err(error);
            }
        }
    }
    apply::warn_if_deleting(cx, &live.object)
}

/// Writes both versions down: without managed fields and secrets, unless they are asked for.
async fn show(cx: &Context, folders: &Folders<'_>, live: &Info, mut merged: Value) -> Result<()> {
    let mut object = live.object.clone();
    if !cx.flags.bool("show-managed-fields") {
        omit_managed_fields(&mut object);
        omit_managed_fields(&mut merged);
    }
    let is_secret = live.mapping.version == "v1" && live.mapping.kind == "Secret";
    let masked = is_secret && !cx.flags.bool("show-secrets");
    if masked {
        mask::mask(&mut object, &mut merged);
    }
    // A new object has no live version; of a masked one upstream writes its nil.
    let text = if object.is_null() && !masked { String::new() } else { yaml::to_string(&object) };
    let name = name_of(&live.mapping, &merged);
    folders.live(&name, &text).await?;
    folders.merged(&name, &yaml::to_string(&merged)).await
}

/// The name of an object's file.
fn name_of(mapping: &Mapping, object: &Value) -> String {
    let group = if mapping.group.is_empty() { String::new() } else { format!("{}.", mapping.group) };
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_string();
    format!("{group}{}.{}.{}.{}", mapping.version, mapping.kind, text("namespace"), text("name"))
}
