//! `kubectl create configmap` (kubectl: pkg/cmd/create/create_configmap.go).

use super::sources::{self, Pairs};
use super::{generated, name_hash};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::text::quote;
use apimachinery::names;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub(super) static COMMAND: Command = Command {
    name: "configmap",
    use_line: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    aliases: &["cm"],
    short: "Create a config map from a local file, directory or literal value",
    long: "Create a config map from files, directories, or literal values.\n\n One config map may hold several pairs. A file's key is its name, unless another is given in front; of a directory, each file with a name that may be a key is taken.",
    example: "# With a key for each file of a folder
kubectl create configmap my-config --from-file=path/to/bar

# With keys of your own
kubectl create configmap my-config --from-file=key1=/path/to/file1.txt --from-file=key2=/path/to/file2.txt

# With literal values
kubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2

# From a file of KEY=value lines
kubectl create configmap my-config --from-env-file=path/to/foo.env",
    flags: || {
        let mut flags = generated::flags();
        flags.extend(sources::flags("configmap", "Key file can be specified using its file path, in which case file basename will be used as configmap key, or optionally with a key and file path, in which case the given key will be used.  Specifying a directory will iterate each named file in the directory whose basename is a valid configmap key."));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    sources::validate(cx)?;
    let mut pairs = sources::files(cx, cx.flags.strings("from-file")).await?;
    pairs.extend(sources::literals(cx.flags.strings("from-literal"))?);
    pairs.extend(sources::env_files(cx, cx.flags.strings("from-env-file"), "config").await?);
    let (data, binary) = content(name, pairs)?;
    let mut configmap = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    for (field, map) in [("data", data), ("binaryData", binary)] {
        if !map.is_empty() {
            configmap[field] = Value::Object(map);
        }
    }
    if cx.flags.bool("append-hash") {
        name_hash::append(&mut configmap);
    }
    generated::create(cx, "failed to create configmap:", configmap).await
}

/// What is text and what is not.
fn content(name: &str, pairs: Pairs) -> Result<(Map<String, Value>, Map<String, Value>)> {
    let (mut data, mut binary) = (Map::new(), Map::new());
    for (key, value) in pairs {
        let faults = names::is_config_map_key(&key);
        if !faults.is_empty() {
            let faults = faults.join(",");
            return Err(Error::msg(format!("{} is not a valid key name for a ConfigMap: {faults}", quote(&key))));
        }
        for (place, map) in [("Data", &data), ("BinaryData", &binary)] {
            if map.contains_key(&key) {
                let (key, name) = (quote(&key), quote(name));
                let text = format!(
                    "cannot add key {key}, another key by that name already exists in {place} for ConfigMap {name}"
                );
                return Err(Error::msg(text));
            }
        }
        match String::from_utf8(value) {
            Ok(text) => data.insert(key, Value::String(text)),
            Err(error) => binary.insert(key, Value::String(STANDARD.encode(error.as_bytes()))),
        };
    }
    Ok((data, binary))
}
