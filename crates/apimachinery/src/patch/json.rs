//! JSON Patch, RFC 6902, with the error texts of the library that upstream uses (`evanphx/json-patch` v4).

use serde_json::Value;

use super::PatchError;

/// Applies a JSON patch. On an error the target is as it was before.
pub fn json_patch(target: &mut Value, patch: &Value) -> Result<(), PatchError> {
    let patch: json_patch::Patch =
        serde_json::from_value(patch.clone()).map_err(|e| PatchError::Other(e.to_string()))?;
    json_patch::patch(target, &patch).map_err(|e| PatchError::Other(e.to_string()))
}
