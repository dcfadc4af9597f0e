//! `kubectl replace` (kubectl: pkg/cmd/replace/replace.go).

use super::create::field_validation;
use super::last_applied::save_config;
use super::wait::{Patience, until_deleted};
use super::{delete, raw, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Found, Helper, Info};
use jiff::SignedDuration;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "replace",
    use_line: "replace -f FILENAME",
    short: "Replace a resource by file name or stdin",
    long: "Replace a resource by file name or stdin.\n\n JSON and YAML formats are accepted. The whole specification of an object that exists must be given; it can be had with\n\n  $ kubectl get TYPE NAME -o yaml",
    example: "# Replace a pod
kubectl replace -f ./pod.json

# From standard input
cat pod.json | kubectl replace -f -

# Delete it and create it again
kubectl replace --force -f ./pod.json",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend(delete::flags_of_replacing());
    flags.extend([
        Flag::string_slice("filename", "The files, directories or URLs that contain the configurations to replace.").short('f'),
        Flag::string("kustomize", "", "Process a kustomization directory. This flag can't be used together with -f or -R.").short('k'),
        Flag::bool("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short('R'),
        record::flag(),
        common::validate(),
        common::save_config(),
        common::dry_run(),
        Flag::string("raw", "", "Raw URI to PUT to the server.  Uses the transport specified by the kubeconfig file."),
        common::field_manager("kubectl-replace"),
        common::subresource("If specified, replace will operate on the subresource of the requested object."),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let validation = field_validation(cx)?;
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("replaced{}", dry_run.suffix())).printer(cx).await?;
    let propagation = delete::propagation(cx)?;
    if flags.strings("filename").is_empty() && flags.str("kustomize").is_empty() {
        return Err(Error::msg("must specify one of -f and -k"));
    }
    // A grace period of nothing needs care: it becomes one second.
    let grace_period = if flags.int("grace-period") == 0 { 1 } else { flags.int("grace-period") };
    let force = flags.bool("force");
    let refuse = |text: &str| Err(Error::msg(text));
    if grace_period >= 0 && !force {
        return refuse("--grace-period must have --force specified");
    }
    if !flags.duration("timeout").is_zero() && !force {
        return refuse("--timeout must have --force specified");
    }
    if force && dry_run != DryRun::None {
        return refuse("--dry-run can not be used when --force is set");
    }
    if !flags.str("raw").is_empty() {
        raw::validate(cx)?;
        return raw::send(cx, http::Method::PUT).await;
    }
    if force {
        let options = delete::Options {
            propagation,
            grace_period,
            ignore_not_found: true,
            quiet: false,
            wait: flags.bool("wait") || flags.int("grace-period") == 0,
            timeout: flags.duration("timeout"),
            dry_run,
            only_names: flags.str("output") == "name",
            warn_cluster_scope: false,
        };
        remove(cx, &options).await?;
    }
    let found = find(cx, validation).await?;
    let (mut errors, mut count) = (Errors::default(), 0);
    for info in found.items {
        let written = match info {
            Ok(info) => write(cx, info, dry_run, validation, force).await,
            Err(error) => Err(error),
        };
        let printed = written.and_then(|object| {
            count += 1;
            Ok(write!(cx.out, "{}", printer.print(object)?)?)
        });
        errors.keep(printed)?;
    }
    errors.finish()?;
    if force && count == 0 {
        return refuse("no objects passed to replace");
    }
    Ok(())
}

async fn find(cx: &Context, validation: &str) -> Result<Found> {
    let (namespace, enforce) = cx.namespace().await?;
    Builder::new()
        .validate(validation != "Ignore")
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .subresource(cx.flags.str("subresource"))
        .flatten()
        .find(cx)
        .await
}

/// `--force`: deletes what the files name, and waits until it is gone.
async fn remove(cx: &Context, options: &delete::Options) -> Result<()> {
    const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
    let timeout = if options.timeout.is_zero() { PATIENCE } else { options.timeout };
    let infos = find(cx, "Ignore").await?.infos()?;
    let found = Found { items: infos.iter().cloned().map(Ok).collect(), ..Found::default() };
    delete::delete(cx, options, found).await?;
    let patience = Patience::of(timeout);
    for mut info in infos {
        until_deleted(cx, &mut info, None, patience).await?;
    }
    Ok(())
}

async fn write(cx: &Context, mut info: Info, dry_run: DryRun, validation: &str, anew: bool) -> Result<Value> {
    save_config(cx.flags.bool("save-config"), &mut info.object);
    record::record(cx, &mut info.object);
    if dry_run == DryRun::Client {
        return Ok(info.object);
    }
    let helper = Helper::new(&cx.requests().await?, &info.mapping)
        .dry_run(dry_run)
        .field_manager(cx.flags.str("field-manager"))
        .field_validation(validation);
    if anew {
        return helper.create(&info.namespace, &info.object).await;
    }
    let helper = helper.subresource(cx.flags.str("subresource"));
    let replaced = helper.replace_latest(&info.namespace, &info.name, &info.object).await;
    replaced.map_err(|error| error.with_source("replacing", &info.source))
}
