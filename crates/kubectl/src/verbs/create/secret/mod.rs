//! `kubectl create secret` (kubectl: pkg/cmd/create/create_secret.go).

mod docker_registry;
mod generic;
mod tls;

use super::sources::{self, Pairs};
use super::{generated, name_hash};
use crate::command::{Command, Context};
use crate::error::{Error, Result};
use crate::text::quote;
use apimachinery::names;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "secret",
    use_line: "secret (docker-registry | generic | tls)",
    short: "Create a secret using a specified subcommand",
    long: "Create a secret of a type.\n\n A docker-registry secret is for a container registry, a generic one holds what you like, a tls one holds a certificate with its key.",
    subcommands: &[&docker_registry::COMMAND, &generic::COMMAND, &tls::COMMAND],
    ..Command::NEW
};

/// Makes a Secret of these pairs and creates it.
async fn create(cx: &Context, kind: &str, pairs: Pairs) -> Result<()> {
    let mut data = Map::new();
    for (key, value) in pairs {
        let faults = names::is_config_map_key(&key);
        if !faults.is_empty() {
            let faults = faults.join(";");
            return Err(Error::msg(format!("{} is not valid key name for a Secret {faults}", quote(&key))));
        }
        if data.contains_key(&key) {
            return Err(Error::msg(format!("cannot add key {key}, another key by that name already exists")));
        }
        data.insert(key, Value::String(STANDARD.encode(value)));
    }
    let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": generated::name(cx)?}});
    if !data.is_empty() {
        secret["data"] = Value::Object(data);
    }
    if !kind.is_empty() {
        secret["type"] = json!(kind);
    }
    if cx.flags.bool("append-hash") {
        name_hash::append(&mut secret);
    }
    generated::create(cx, "failed to create secret", secret).await
}
