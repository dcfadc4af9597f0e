//! `--overrides`: the last word on an object made from flags (kubectl: pkg/cmd/util/override_options.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::flags::Flag;
use apimachinery::patch;
use apimachinery::schema::PatchSchema;
use serde_json::Value;

/// `--overrides` and `--override-type`.
pub(super) fn flags() -> Vec<Flag> {
    vec![
        Flag::string(
            "overrides",
            "",
            "An inline JSON override for the generated object. If this is non-empty, it is used to override the generated object. Requires that the object supply a valid apiVersion field.",
        ),
        Flag::string(
            "override-type",
            "merge",
            "The method used to override the generated object: json, merge, or strategic.",
        ),
    ]
}

/// The object with the override of the command line.
pub(super) fn apply(cx: &Context, api_version: &str, kind: &str, mut object: Value) -> Result<Value> {
    let text = cx.flags.str("overrides");
    if text.is_empty() {
        return Ok(object);
    }
    let change: Value = serde_json::from_str(text).map_err(|_| Error::msg("Invalid JSON Patch"))?;
    match cx.flags.str("override-type") {
        "json" => patch::json_patch(&mut object, &change).map_err(|error| Error::msg(error.to_string()))?,
        "merge" | "" => patch::merge(&mut object, &change),
        "strategic" => {
            // the kinds that are generated are built in
            let Some(schema) = PatchSchema::for_kind(api_version, kind) else { return Ok(object) };
            object = patch::strategic(&object, &change, &schema).map_err(|error| Error::msg(error.to_string()))?;
        }
        other => return Err(Error::msg(format!("invalid override type: {other}"))),
    }
    Ok(object)
}
