//! ConfigMaps (kubernetes: pkg/registry/core/configmap).

use apimachinery::{
    field::{FieldError, Path},
    names,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Context, Resource, Strategy, VERBS, metadata_validation,
    printer::{age, name},
};

struct ConfigMaps;

/// Most bytes of all values together.
const LIMIT: usize = 1024 * 1024;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "ConfigMap",
        plural: "configmaps",
        singular: "configmap",
        short_names: &["cm"],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &ConfigMaps,
    }
}

impl Strategy for ConfigMaps {
    fn validate(&self, _context: &Context<'_>, map: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(map, names::is_dns1123_subdomain);
        let mut size = 0;
        for field in ["data", "binaryData"] {
            for (key, value) in map[field].as_object().into_iter().flatten() {
                let path = Path::new(field).key(key);
                let messages = names::is_config_map_key(key);
                errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path, key.as_str(), m)));
                if field == "data" && !map["binaryData"][key.as_str()].is_null() {
                    errors.push(FieldError::invalid(&path, key.as_str(), "duplicate of key present in binaryData"));
                }
                size += value.as_str().map_or(0, str::len);
            }
        }
        if size > LIMIT {
            errors.push(FieldError::too_long(&Path::nil(), LIMIT));
        }
        errors
    }

    fn validate_update(&self, context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        if old["immutable"] == true {
            for field in ["immutable", "data", "binaryData"] {
                if new[field] != old[field] {
                    let detail = "field is immutable when `immutable` is set";
                    errors.push(FieldError::forbidden(&Path::new(field), detail));
                }
            }
        }
        errors.extend(self.validate(context, new));
        errors
    }

    fn cells(&self, map: &Value, now: Timestamp) -> Vec<Value> {
        let count = |field: &str| map[field].as_object().map_or(0, Map::len);
        vec![name(map), json!(count("data") + count("binaryData")), age(map, now)]
    }
}
