//! What the subcommands of `create` have in common: a name, and an object made from flags.

use super::field_validation;
use crate::command::Context;
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::Helper;
use crate::verbs::last_applied::save_typed_config;
use serde_json::Value;

/// The flags that every subcommand has.
pub(super) fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend([
        common::dry_run(),
        common::field_manager("kubectl-create"),
        common::save_config(),
        common::validate(),
    ]);
    flags
}

/// The one NAME before `--` (`NameFromCommandArgs`).
pub(super) fn name(cx: &Context) -> Result<&str> {
    let count = cx.dash.unwrap_or(cx.args.len());
    match cx.args.first() {
        Some(name) if count == 1 => Ok(name),
        _ => Err(cx.usage_error(format!("exactly one NAME is required, got {count}"))),
    }
}

/// Creates an object, or prints what would be created. `failed` stands before the server's refusal; empty leaves that as
/// it is.
pub(super) async fn create(cx: &Context, failed: &str, mut object: Value) -> Result<()> {
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("created{}", dry_run.suffix())).typed().printer(cx).await?;
    let validation = field_validation(cx)?;
    let (namespace, enforce) = cx.namespace().await?;
    let text = |field: &str| object[field].as_str().unwrap_or_default().to_string();
    let (api_version, object_kind) = (text("apiVersion"), text("kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let mapping = cx.mapper().await?.kind(group, version, &object_kind).await?;
    let mapping =
        mapping.ok_or_else(|| Error::msg(format!("no matches for kind {object_kind:?} in version {api_version:?}")))?;
    if enforce && mapping.namespaced {
        object["metadata"]["namespace"] = Value::String(namespace.clone());
    }
    save_typed_config(cx.flags.bool("save-config"), &mut object);
    if dry_run != DryRun::Client {
        let helper = Helper::new(&cx.requests().await?, &mapping)
            .dry_run(dry_run)
            .field_manager(cx.flags.str("field-manager"))
            .field_validation(validation);
        let namespace = if mapping.namespaced { namespace.as_str() } else { "" };
        let explain = |error: Error| match error {
            Error::Output(_) => error,
            other if failed.is_empty() => other,
            other => Error::msg(format!("{failed} {other}")),
        };
        object = helper.create(namespace, &object).await.map_err(explain)?;
    }
    write!(cx.out, "{}", printer.print(object)?)?;
    Ok(())
}
