//! Secrets (kubernetes: pkg/registry/core/secret).

use apimachinery::{
    field::{FieldError, Path},
    names,
    status::Status,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Context, Resource, Strategy, VERBS,
    fields::{default, remove, text},
    metadata_validation,
    printer::{age, name},
};

struct Secrets;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Secret",
        plural: "secrets",
        singular: "secret",
        short_names: &[],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &Secrets,
    }
}

/// The keys that Secrets of a type must have.
const REQUIRED: &[(&str, &[&str])] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
];

impl Strategy for Secrets {
    fn set_defaults(&self, secret: &mut Value) {
        default(secret, "type", "Opaque");
    }

    fn prepare_for_create(&self, _context: &Context<'_>, secret: &mut Value) -> Result<(), Status> {
        merge_string_data(secret);
        Ok(())
    }

    fn prepare_for_update(&self, _context: &Context<'_>, new: &mut Value, _old: &Value) -> Result<(), Status> {
        merge_string_data(new);
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, secret: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(secret, names::is_dns1123_subdomain);
        for key in secret["data"].as_object().into_iter().flatten().map(|(key, _)| key) {
            let path = Path::new("data").key(key);
            errors
                .extend(names::is_config_map_key(key).into_iter().map(|m| FieldError::invalid(&path, key.as_str(), m)));
        }
        let kind = text(&secret["type"]);
        for key in REQUIRED.iter().filter(|(name, _)| *name == kind).flat_map(|(_, keys)| *keys) {
            if secret["data"][*key].is_null() {
                errors.push(FieldError::required(&Path::new("data").key(key), ""));
            }
        }
        errors
    }

    fn validate_update(&self, context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        if new["type"] != old["type"] {
            errors.push(FieldError::invalid(&Path::new("type"), new["type"].clone(), "field is immutable"));
        }
        if old["immutable"] == true {
            for field in ["immutable", "data"].into_iter().filter(|field| new[*field] != old[*field]) {
                let detail = "field is immutable when `immutable` is set";
                errors.push(FieldError::forbidden(&Path::new(field), detail));
            }
        }
        errors.extend(self.validate(context, new));
        errors
    }

    fn selectable_fields(&self, secret: &Value) -> Vec<(&'static str, String)> {
        vec![("type", text(&secret["type"]).to_owned())]
    }

    fn cells(&self, secret: &Value, now: Timestamp) -> Vec<Value> {
        let count = secret["data"].as_object().map_or(0, Map::len);
        vec![name(secret), secret["type"].clone(), json!(count), age(secret, now)]
    }
}

/// `stringData` is for writing only: it becomes `data`.
fn merge_string_data(secret: &mut Value) {
    for (key, value) in secret["stringData"].as_object().cloned().into_iter().flatten() {
        secret["data"][key] = json!(STANDARD.encode(text(&value)));
    }
    remove(secret, "stringData");
}
