//! Changed copies of objects as patches (kubectl: pkg/cmd/set/helper.go `CalculatePatch`).

use crate::error::{Error, Result};
use apimachinery::patch;
use apimachinery::schema::PatchSchema;
use serde_json::Value;

/// The strategic merge patch from one to the other, and its content type; of kinds that are not built in, the JSON
/// merge patch.
pub(super) fn between(before: &Value, after: &Value) -> Result<(Value, &'static str)> {
    let text = |field: &str| before[field].as_str().unwrap_or_default();
    match PatchSchema::for_kind(text("apiVersion"), text("kind")) {
        Some(schema) => {
            let patch = patch::create_two_way(before, after, &schema).map_err(|error| Error::msg(error.to_string()))?;
            Ok((patch, "application/strategic-merge-patch+json"))
        }
        None => Ok((patch::create_merge(before, after), "application/merge-patch+json")),
    }
}

/// A patch that changes nothing.
pub(super) fn is_empty(patch: &Value) -> bool {
    patch.as_object().is_some_and(serde_json::Map::is_empty)
}
