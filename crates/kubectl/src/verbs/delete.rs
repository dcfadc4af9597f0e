//! `kubectl delete` (kubectl: pkg/cmd/delete/delete.go).

use super::raw;
use super::wait::{Patience, until_deleted};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::resource::{Builder, Errors, Found, Helper, Info};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

pub(super) static COMMAND: Command = Command {
    name: "delete",
    use_line: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    suggest_for: &["rm", "remove"],
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    long: "Delete resources by file names, stdin, resources and names, or by resources and label selector.\n\n Pods get time to end: their grace period. Set another with --grace-period, or use --now for one second. With --force the object is removed at once, without waiting for word that its processes have ended; use it only when you are sure that they have.\n\n The command waits until the objects are gone, unless --wait=false is given.\n\n No versions are compared: what someone else changes at the same moment is deleted too.",
    example: "# Delete what pod.json describes
kubectl delete -f ./pod.json

# Delete a pod and a service of one name
kubectl delete pod,service web

# Delete by label
kubectl delete pods,services -l app=web

# Delete a pod with hardly any grace
kubectl delete pod web --now

# Delete all pods
kubectl delete pods --all",
    flags,
    class: |parsed| Class::changes_unless_dry_run(parsed).interactive_if(parsed.values.bool("interactive")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("containing the resource to delete.");
    flags.extend([
        common::selector(),
        common::dry_run(),
        Flag::string("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
        Flag::bool("all", "Delete all resources, in the namespace of the specified resource types."),
        Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short('A'),
        Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation."),
        Flag::string("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.").no_opt("background"),
        Flag::bool("now", "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
        Flag::int("grace-period", "-1", "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion)."),
        Flag::duration("timeout", "0s", "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object"),
        Flag::bool("ignore-not-found", "Treat \"resource not found\" as a successful delete. Defaults to \"true\" when --all is specified."),
        Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers.").default("true"),
        Flag::string("output", "", "Output mode. Use \"-o name\" for shorter output (resource/name).").short('o'),
        Flag::string("raw", "", "Raw URI to DELETE to the server.  Uses the transport specified by the kubeconfig file."),
        Flag::bool("interactive", "If true, delete resource only when user confirms.").short('i'),
    ]);
    flags
}

/// The flags of verbs that delete in order to create anew (`NewDeleteFlags`).
pub(super) fn flags_of_replacing() -> Vec<Flag> {
    const KEPT: [&str; 4] = ["force", "cascade", "grace-period", "timeout"];
    let mut kept: Vec<Flag> = flags().into_iter().filter(|flag| KEPT.contains(&flag.name)).collect();
    kept.push(Flag::bool(
        "wait",
        "If true, wait for resources to be gone before returning. This waits for finalizers.",
    ));
    kept
}

/// How objects are deleted.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// `propagationPolicy`.
    pub propagation: &'static str,
    /// Seconds; negative leaves it to the object.
    pub grace_period: i64,
    /// Objects that are not there are no error.
    pub ignore_not_found: bool,
    /// A line for each.
    pub quiet: bool,
    /// Until the objects are gone.
    pub wait: bool,
    /// How long, if so; zero is a week.
    pub timeout: SignedDuration,
    /// Dry runs are said, and not waited for.
    pub dry_run: DryRun,
    /// `-o name`.
    pub only_names: bool,
    /// Objects without a namespace are warned about: `-n` was given.
    pub warn_cluster_scope: bool,
}

fn options(cx: &Context) -> Result<Options> {
    let flags = &cx.flags;
    let propagation = propagation(cx)?;
    let selects = flags.bool("all") || !flags.str("selector").is_empty() || !flags.str("field-selector").is_empty();
    let ignore_not_found = flags.bool("ignore-not-found") || (selects && !flags.changed("ignore-not-found"));
    let (mut grace_period, force) = (flags.int("grace-period"), flags.bool("force"));
    if flags.bool("now") {
        if grace_period != -1 {
            return Err(Error::msg("--now and --grace-period cannot be specified together"));
        }
        grace_period = 1;
    }
    if grace_period == 0 && !force {
        grace_period = 1;
    }
    if force && grace_period < 0 {
        grace_period = 0;
    }
    Ok(Options {
        propagation,
        grace_period,
        ignore_not_found,
        quiet: false,
        wait: flags.bool("wait"),
        timeout: flags.duration("timeout"),
        dry_run: DryRun::of(cx)?,
        only_names: flags.str("output") == "name",
        warn_cluster_scope: false,
    })
}

/// `--cascade` (`parseCascadingFlag`); booleans are old spellings.
pub(super) fn propagation(cx: &Context) -> Result<&'static str> {
    let given = cx.flags.str("cascade");
    let deprecated = |instead: &str| {
        writeln!(
            cx.err,
            "warning: --cascade={given} is deprecated (boolean value) and can be replaced with --cascade={instead}."
        )
    };
    match given {
        "background" => Ok("Background"),
        "foreground" => Ok("Foreground"),
        "orphan" => Ok("Orphan"),
        "1" | "t" | "T" | "TRUE" | "true" | "True" => {
            deprecated("background")?;
            Ok("Background")
        }
        "0" | "f" | "F" | "FALSE" | "false" | "False" => {
            deprecated("orphan")?;
            Ok("Orphan")
        }
        other => Err(Error::msg(format!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        ))),
    }
}

fn validate(cx: &Context, options: &Options) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: String| Err(Error::msg(text));
    let output = flags.str("output");
    if !output.is_empty() && output != "name" {
        return refuse(format!("unexpected -o output mode: {output}. We only support '-o name'"));
    }
    if flags.bool("all") && !flags.str("selector").is_empty() {
        return refuse("cannot set --all and --selector at the same time".into());
    }
    if flags.bool("all") && !flags.str("field-selector").is_empty() {
        return refuse("cannot set --all and --field-selector at the same time".into());
    }
    match options.grace_period {
        0 => cx.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.")?,
        1.. if flags.bool("force") => {
            return refuse("--force and --grace-period greater than 0 cannot be specified together".into());
        }
        _ => {}
    }
    if flags.str("raw").is_empty() {
        return Ok(());
    }
    if flags.bool("interactive") {
        return refuse("--interactive can not be used with --raw".into());
    }
    raw::validate(cx)
}

async fn run(cx: &Context) -> Result<()> {
    let mut options = options(cx)?;
    if !cx.flags.str("raw").is_empty() {
        validate(cx, &options)?;
        return raw::send(cx, http::Method::DELETE).await;
    }
    let everywhere = cx.flags.bool("all-namespaces");
    let (_, enforce) = cx.namespace().await?;
    options.warn_cluster_scope = enforce && !everywhere;
    let mut found = find(cx).await?;
    validate(cx, &options)?;
    if cx.flags.bool("interactive") && !confirmed(cx, &options, &mut found).await? {
        return Ok(());
    }
    delete(cx, &options, found).await
}

async fn find(cx: &Context) -> Result<Found> {
    let (namespace, enforce) = cx.namespace().await?;
    let flags = &cx.flags;
    Builder::new()
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(flags)
        .label_selector(flags.str("selector"))
        .field_selector(flags.str("field-selector"))
        .select_all(flags.bool("all"))
        .all_namespaces(flags.bool("all-namespaces"))
        .args(false, &cx.args)
        .no_object()
        .flatten()
        .find(cx)
        .await
}

/// Shows what was found and asks; `false` if nothing is to be done, which has been said then.
async fn confirmed(cx: &Context, options: &Options, found: &mut Found) -> Result<bool> {
    let (infos, mut errors) = std::mem::take(found).partition();
    errors.retain(|error| !(options.ignore_not_found && error.is_not_found()));
    Error::aggregate(errors)?;
    if infos.is_empty() {
        writeln!(cx.out, "No resources found")?;
        return Ok(false);
    }
    writeln!(cx.out, "You are about to delete the following {} resource(s):", infos.len())?;
    for info in &infos {
        writeln!(cx.out, "{}", info.kind_name())?;
    }
    write!(cx.out, "Do you want to continue? (y/N): ")?;
    let mut stdin = cx.take_stdin();
    let mut line = Vec::new();
    while let Ok(byte) = stdin.read_u8().await {
        if byte == b'\n' {
            break;
        }
        line.push(byte);
    }
    found.items = infos.into_iter().map(Ok).collect();
    if String::from_utf8_lossy(&line).trim().eq_ignore_ascii_case("y") {
        return Ok(true);
    }
    writeln!(cx.out, "deletion is cancelled")?;
    Ok(false)
}

/// Deletes what was found, says so, and waits if asked to (`DeleteResult`).
pub(super) async fn delete(cx: &Context, options: &Options, found: Found) -> Result<()> {
    let (mut errors, mut deleted) = (Errors::default(), Vec::new());
    let mut warn = options.warn_cluster_scope;
    for info in found.items {
        let done = match info {
            Ok(info) => {
                if warn && !info.mapping.namespaced {
                    cx.warn("deleting cluster-scoped resources, not scoped to the provided namespace")?;
                    warn = false;
                }
                let uid = delete_one(cx, options, &info).await;
                deleted.push((info, uid.as_ref().ok().cloned().flatten()));
                uid.map(drop)
            }
            Err(error) => Err(error),
        };
        match done {
            Err(error) if options.ignore_not_found && error.is_not_found() => {}
            done => errors.keep(done)?,
        }
    }
    errors.finish()?;
    if deleted.is_empty() {
        writeln!(cx.out, "No resources found")?;
        return Ok(());
    }
    if !options.wait || options.dry_run != DryRun::None {
        return Ok(());
    }
    let timeout = if options.timeout.is_zero() { -SignedDuration::from_secs(1) } else { options.timeout };
    let patience = Patience::of(timeout);
    for (mut info, uid) in deleted {
        match until_deleted(cx, &mut info, uid.as_deref(), patience).await {
            // Who may not look need not wait.
            Err(Error::Api(error)) if ["Forbidden", "MethodNotAllowed"].contains(&error.reason()) => return Ok(()),
            waited => waited?,
        }
    }
    Ok(())
}

/// Deletes one object; its uid, if the server tells it.
async fn delete_one(cx: &Context, options: &Options, info: &Info) -> Result<Option<String>> {
    if options.dry_run == DryRun::Client {
        say(cx, options, info)?;
        return Ok(None);
    }
    let body = body(options.propagation, options.grace_period);
    let helper = Helper::new(&cx.requests().await?, &info.mapping).dry_run(options.dry_run);
    let answer = helper.delete(&info.namespace, &info.name, body).await;
    let answer = answer.map_err(|error| error.with_source("deleting", &info.source))?;
    say(cx, options, info)?;
    let uid = if answer["kind"] == "Status" { &answer["details"]["uid"] } else { &answer["metadata"]["uid"] };
    Ok(uid.as_str().map(String::from))
}

/// `DeleteOptions`; a negative grace period leaves it to the object.
pub(super) fn body(propagation: &str, grace_period: i64) -> Value {
    let mut body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation});
    if grace_period >= 0 {
        body["gracePeriodSeconds"] = json!(grace_period);
    }
    body
}

fn say(cx: &Context, options: &Options, info: &Info) -> Result<()> {
    if options.quiet {
        return Ok(());
    }
    if options.only_names {
        writeln!(cx.out, "{}", info.kind_name())?;
        return Ok(());
    }
    let deleted = if options.grace_period == 0 { "force deleted" } else { "deleted" };
    let place = if info.mapping.namespaced { format!(" from {} namespace", info.namespace) } else { String::new() };
    let dry_run = options.dry_run.suffix();
    writeln!(cx.out, "{} \"{}\" {deleted}{place}{dry_run}", info.mapping.kind_prefix(), info.name)?;
    Ok(())
}
