//! `--server-side` (apply.go `applyOneObject`, client-go: util/csaupgrade).

use super::{Options, managers, warn_if_deleting};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::resource::{Helper, Info};
use crate::verbs::last_applied;
use apimachinery::meta;
use serde_json::{Value, json};

/// The field manager of server-side apply, unless `--field-manager` names another.
pub(in crate::verbs) const MANAGER: &str = "kubectl";

const CONFLICT: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

pub(super) async fn apply(cx: &Context, options: &Options, info: &mut Info, helper: Helper) -> Result<&'static str> {
    let wanted = info.object.clone();
    let force = options.force_conflicts;
    let helper = helper.subresource(cx.flags.str("subresource"));
    let applied =
        helper.apply(&info.namespace, &info.name, &wanted, force).await.map_err(|error| match error.api() {
            Some(api) if api.code() == 415 => {
                Error::msg(format!("Server-side apply not available on the server: ({error})"))
            }
            Some(_) if error.is_conflict() => Error::msg(format!("{error}\n{CONFLICT}")),
            _ => error,
        })?;
    info.refresh(applied);
    let ours = options.field_manager.as_str();
    if let Err(error) = keep_annotation(info, &helper, ours).await {
        cx.warn(&format!("failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply. This is non-fatal and will be retried next time you apply. Error: {error}"))?;
    } else {
        match migrate(info, &helper, ours).await {
            Err(error) => cx.warn(&format!("server rejected managed fields migration to Server-Side Apply. This is non-fatal and will be retried next time you apply. Error: {error}"))?,
            Ok(false) => {}
            Ok(true) => match helper.apply(&info.namespace, &info.name, &wanted, force).await {
                Ok(object) => info.refresh(object),
                Err(error) => cx.warn(&format!("failed to re-apply configuration after performing Server-Side Apply migration. This is non-fatal and will be retried next time you apply. Error: {error}"))?,
            },
        }
    }
    warn_if_deleting(cx, &info.object)?;
    Ok("serverside-applied")
}

/// Gives the last-applied annotation a manager of its own, so that server-side apply does not remove it
/// (`saveLastApplyAnnotationIfNecessary`).
async fn keep_annotation(info: &mut Info, helper: &Helper, ours: &str) -> Result<()> {
    let Some(text) = last_applied::original(&info.object).filter(|_| ours == MANAGER) else { return Ok(()) };
    if !managers::owning_annotation(&info.object, "Apply").is_empty() {
        return Ok(());
    }
    let mut just = json!({
        "apiVersion": info.mapping.api_version(),
        "kind": info.mapping.kind,
        "metadata": {"name": info.name},
    });
    if !info.namespace.is_empty() {
        just["metadata"]["namespace"] = json!(info.namespace);
    }
    last_applied::set(&mut just, text.to_string());
    let helper = helper.clone().field_manager("kubectl-last-applied");
    info.refresh(helper.apply(&info.namespace, &info.name, &just, false).await?);
    Ok(())
}

/// Hands the fields of client-side apply over to server-side apply (`migrateToSSAIfNecessary`); whether there were any.
async fn migrate(info: &mut Info, helper: &Helper, ours: &str) -> Result<bool> {
    const TRIES: usize = 5;
    let theirs = managers::owning_annotation(&info.object, "Update");
    let mut result = Ok(false);
    for _ in 0..TRIES {
        let before = &info.object["metadata"]["managedFields"];
        let after = managers::upgraded(before.as_array().map(Vec::as_slice).unwrap_or_default(), &theirs, ours);
        if Some(&after) == before.as_array() || before.is_null() {
            return Ok(false);
        }
        let patch: Value = json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": after},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": meta::resource_version(&info.object)},
        ]);
        let body = patch.to_string().into_bytes();
        match helper.patch(&info.namespace, &info.name, "application/json-patch+json", body).await {
            Ok(object) => {
                info.refresh(object);
                return Ok(true);
            }
            Err(error) if error.is_conflict() => result = Err(error),
            Err(error) => return Err(error),
        }
        info.object = helper.get(&info.namespace, &info.name).await?;
    }
    result
}
