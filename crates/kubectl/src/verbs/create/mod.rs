//! `kubectl create` (kubectl: pkg/cmd/create/create.go): from files, and one subcommand a kind.

mod bindings;
mod clusterrole;
mod configmap;
mod cronjob;
mod deployment;
mod generated;
mod ingress;
mod job;
mod name_hash;
mod namespace;
mod pdb;
mod priorityclass;
mod quota;
mod role;
mod secret;
mod service;
mod serviceaccount;
mod sources;
mod token;

use super::edit::{Mode, Session};
use super::last_applied::save_config;
use super::{raw, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info};
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "create",
    use_line: "create -f FILENAME",
    short: "Create a resource from a file or from stdin",
    long: "Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.",
    example: "# Create what pod.json describes
kubectl create -f ./pod.json

# Create from standard input
cat pod.json | kubectl create -f -",
    flags,
    subcommands: &[
        &clusterrole::COMMAND,
        &bindings::CLUSTER_ROLE_BINDING,
        &configmap::COMMAND,
        &cronjob::COMMAND,
        &deployment::COMMAND,
        &ingress::COMMAND,
        &job::COMMAND,
        &namespace::COMMAND,
        &pdb::COMMAND,
        &priorityclass::COMMAND,
        &quota::COMMAND,
        &role::COMMAND,
        &bindings::ROLE_BINDING,
        &secret::COMMAND,
        &service::COMMAND,
        &serviceaccount::COMMAND,
        &token::COMMAND,
    ],
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("to use to create the resource");
    flags.extend(common::output());
    flags.extend([
        record::flag(),
        common::dry_run(),
        Flag::bool("edit", "Edit the API resource before creating"),
        Flag::bool(
            "windows-line-endings",
            "Only relevant if --edit=true. Defaults to the line ending native to your platform.",
        ),
        common::field_manager("kubectl-create"),
        common::save_config(),
        common::selector(),
        common::validate(),
        Flag::string("raw", "", "Raw URI to POST to the server.  Uses the transport specified by the kubeconfig file."),
    ]);
    flags
}

/// `--validate` as the server's `fieldValidation` (`cmdutil.GetValidationDirective`).
pub(crate) fn field_validation(cx: &Context) -> Result<&'static str> {
    match cx.flags.str("validate") {
        "strict" | "true" | "True" | "TRUE" | "t" | "T" | "1" => Ok("Strict"),
        "warn" => Ok("Warn"),
        "ignore" | "false" | "False" | "FALSE" | "f" | "F" | "0" => Ok("Ignore"),
        other => Err(Error::msg(format!(
            "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
        ))),
    }
}

async fn run(cx: &Context) -> Result<()> {
    if !cx.args.is_empty() {
        return Err(cx.usage_error(format!("Unexpected args: [{}]", cx.args.join(" "))));
    }
    let dry_run = DryRun::of(cx)?;
    let validation = field_validation(cx)?;
    let mut printer = PrintFlags::of(cx, format!("created{}", dry_run.suffix())).printer(cx).await?;
    let (files, kustomize) = (cx.flags.strings("filename"), cx.flags.str("kustomize"));
    if files.is_empty() && kustomize.is_empty() {
        return Err(Error::msg("must specify one of -f and -k"));
    }
    if !cx.flags.str("raw").is_empty() {
        if cx.flags.bool("edit") {
            return Err(Error::msg("--raw and --edit are mutually exclusive"));
        }
        raw::validate(cx)?;
        if !cx.flags.str("selector").is_empty() {
            return Err(Error::msg("--raw and --selector (-l) are mutually exclusive"));
        }
        return raw::send(cx, http::Method::POST).await;
    }
    if cx.flags.bool("edit") {
        return edit(cx, validation).await;
    }
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .validate(validation != "Ignore")
        .label_selector(cx.flags.str("selector"))
        .flatten()
        .find(cx)
        .await?;
    let (mut count, mut errors) = (0, Errors::default());
    for info in found.items {
        let created = match info {
            Ok(info) => create(cx, info, dry_run, validation).await,
            Err(error) => Err(error),
        };
        let printed = created.and_then(|object| {
            count += 1;
            Ok(write!(cx.out, "{}", printer.print(object)?)?)
        });
        errors.keep(printed)?;
    }
    errors.finish()?;
    if count == 0 {
        return Err(Error::msg("no objects passed to create"));
    }
    Ok(())
}

/// `--edit`: every object is edited by itself, and created then.
async fn edit(cx: &Context, validation: &'static str) -> Result<()> {
    let (namespace, enforce) = cx.namespace().await?;
    let builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(&cx.flags).flatten();
    let found = builder.find(cx).await?;
    let session = Session {
        cx,
        mode: Mode::BeforeCreate,
        namespace,
        validation,
        annotate: cx.flags.bool("save-config"),
        output_patch: false,
        subresource: String::new(),
    };
    let mut errors = Errors::default();
    for info in found.items {
        let edited = match info {
            Ok(info) => session.edit(vec![info]).await,
            Err(error) => Err(error),
        };
        errors.keep(edited)?;
    }
    errors.finish()
}

async fn create(cx: &Context, mut info: Info, dry_run: DryRun, validation: &str) -> Result<Value> {
    save_config(cx.flags.bool("save-config"), &mut info.object);
    record::record(cx, &mut info.object);
    if dry_run != DryRun::Client {
        let helper = Helper::new(&cx.requests().await?, &info.mapping)
            .dry_run(dry_run)
            .field_manager(cx.flags.str("field-manager"))
            .field_validation(validation);
        let created = helper.create(&info.namespace, &info.object).await;
        info.refresh(created.map_err(|error| error.with_source("creating", &info.source))?);
    }
    Ok(info.object)
}
