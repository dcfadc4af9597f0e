//! Apply by a three-way merge on this side (apply.go `applyOneObject`).

use super::patcher::{Failed, Patcher};
use super::{Options, describe, warn_if_deleting};
use crate::command::Context;
use crate::dry_run::DryRun;
use crate::error::Result;
use crate::resource::{Helper, Info};
use crate::verbs::change;
use crate::verbs::last_applied::{self, LAST_APPLIED};
use apimachinery::go;
use serde_json::Value;

pub(super) async fn apply(cx: &Context, options: &Options, info: &mut Info, helper: Helper) -> Result<&'static str> {
    // What is wanted, with itself as the annotation.
    let mut modified = info.object.clone();
    last_applied::annotate(&mut modified);
    let mut current = info.clone();
    match current.get(&cx.requests().await?, None, false).await.map(|()| current.object) {
        Ok(current) => info.object = current,
        Err(error) if error.is_not_found() => return create(options, info, modified, &helper).await,
        Err(error) => {
            let what = format!("retrieving current configuration of:\n{}\nfrom server for:", describe(info));
            return Err(error.with_source(&what, &info.source));
        }
    }
    if last_applied::original(&info.object).is_none() {
        cx.warn(&format!("resource {} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.", info.object_name()))?;
    }
    let patcher = Patcher { cx, patching: &options.patching, info, helper, modified };
    let (patch, object) = match patcher.patch().await {
        Ok(patched) => patched,
        Err(Failed { patch, error }) => {
            let patch = patch.map(|patch| go::json(&patch)).unwrap_or_default();
            let what = format!("applying patch:\n{patch}\nto:\n{}\nfor:", describe(info));
            return Err(error.with_source(&what, &info.source));
        }
    };
    info.refresh(object);
    warn_if_deleting(cx, &info.object)?;
    Ok(if change::is_empty(&patch) { "unchanged" } else { "configured" })
}

/// What is not there yet.
async fn create(options: &Options, info: &mut Info, mut wanted: Value, helper: &Helper) -> Result<&'static str> {
    prune_nulls(&mut wanted);
    info.object = wanted;
    if options.dry_run != DryRun::Client {
        let created = helper.create(&info.namespace, &info.object).await;
        info.refresh(created.map_err(|error| error.with_source("creating", &info.source))?);
    }
    Ok("created")
}

fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(prune_nulls),
        _ => {}
    }
}
