//! What an object would become (diff.go `InfoObject.Merged`).

use super::apply;
use crate::command::Context;
use crate::dry_run::DryRun;
use crate::error::Result;
use crate::resource::{Helper, Info};
use crate::verbs::apply::{Patcher, Patching};
use crate::verbs::last_applied;
use apimachinery::meta;
use serde_json::Value;

/// Asks the server, in a dry run. `live` is without an object where there is none; `unlocked` patches it even if it was
/// changed meanwhile.
pub(super) async fn merged(cx: &Context, live: &Info, local: &Value, unlocked: bool) -> Result<Value> {
    let flags = &cx.flags;
    let server_side = flags.bool("server-side");
    let manager = match server_side && !flags.changed("field-manager") {
        true => apply::MANAGER,
        false => flags.str("field-manager"),
    };
    let helper = Helper::new(&cx.requests().await?, &live.mapping).dry_run(DryRun::Server).field_manager(manager);
    if server_side {
        return helper.apply(&live.namespace, &live.name, local, flags.bool("force-conflicts")).await;
    }
    if live.object.is_null() {
        return helper.create(&live.namespace, local).await;
    }
    let modified = last_applied::without(local);
    let resource_version = if unlocked { String::new() } else { meta::resource_version(&live.object).to_string() };
    let patching = Patching { overwrite: true, openapi: true, locally: false, force: None, resource_version };
    let patcher = Patcher { cx, patching: &patching, info: live, helper, modified };
    patcher.patch().await.map(|(_, object)| object).map_err(|failed| failed.error)
}
