//! Secrets are not shown, only that they differ (diff.go `Masker`).

use serde_json::{Value, json};

const SAME: &str = "***";

/// Masks the data of both versions.
pub(super) fn mask(from: &mut Value, to: &mut Value) {
    let keys = |object: &Value| -> Vec<String> {
        object["data"].as_object().map(|data| data.keys().cloned().collect()).unwrap_or_default()
    };
    let (before, after) = (keys(from), keys(to));
    for key in &before {
        let both = after.contains(key);
        let differ = both && from["data"][key] != to["data"][key];
        from["data"][key] = json!(if differ { "*** (before)" } else { SAME });
        if both {
            to["data"][key] = json!(if differ { "*** (after)" } else { SAME });
        }
    }
    for key in after.iter().filter(|key| !before.contains(key)) {
        to["data"][key] = json!(SAME);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_seen_and_values_are_not() {
        let mut from = json!({"data": {"a": "1", "b": "2", "c": "3"}});
        let mut to = json!({"data": {"a": "1", "b": "x", "d": "4"}});
        mask(&mut from, &mut to);
        assert_eq!(from, json!({"data": {"a": "***", "b": "*** (before)", "c": "***"}}));
        assert_eq!(to, json!({"data": {"a": "***", "b": "*** (after)", "d": "***"}}));
    }
}
