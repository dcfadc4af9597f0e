//! The value of the label `pod-template-hash`: `ComputeHash` of pkg/controller/controller_utils.go.

use apimachinery::hash::{fnv32a, safe_encode};
use serde_json::Value;

/// A hash of a pod template. The same template gives the same hash; `collisions` tells templates apart whose hashes are the same.
///
/// Upstream hashes its Go structs as they print themselves; this hashes the JSON, so the values differ and their shape does not.
pub fn template_hash(template: &Value, collisions: Option<i64>) -> String {
    let mut bytes = template.to_string().into_bytes();
    if let Some(collisions) = collisions {
        bytes.extend(collisions.to_le_bytes());
    }
    safe_encode(&fnv32a(&bytes).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_hash_follows_the_template_and_the_collisions() {
        let (one, other) = (json!({"spec": {"a": 1}}), json!({"spec": {"a": 2}}));
        assert_eq!(template_hash(&one, None), template_hash(&one, None));
        assert_ne!(template_hash(&one, None), template_hash(&other, None));
        assert_ne!(template_hash(&one, None), template_hash(&one, Some(1)));
    }
}
