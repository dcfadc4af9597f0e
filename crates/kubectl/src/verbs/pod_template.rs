//! A pod template for people: `rollout history --revision`, `rollout undo --dry-run=client`.

use crate::error::{Error, Result};
use serde_json::Value;

/// The template as `describe` shows it.
pub(super) fn describe(_template: &Value) -> Result<String> {
    Err(Error::msg("showing the pod template of a revision is not supported yet; use -o yaml"))
}
