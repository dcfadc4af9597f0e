//! ConfigMaps and Secrets out of literals and files (kustomize: api/internal/generators, api/kv).

use super::Result;
use super::kustomization::{GeneratorArgs, GeneratorOptions};
use super::loader::Loader;
use super::resource::{Behavior, Resource};
use base64::Engine;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
}

/// Generates one object.
pub(super) async fn generate(
    loader: &Loader,
    kind: Kind,
    args: &GeneratorArgs,
    global: Option<&GeneratorOptions>,
) -> Result<Resource> {
    if args.name.is_empty() {
        return Err("a configmap must have a name".into());
    }
    let options = GeneratorOptions::merge(args.options.as_ref(), global);
    let mut metadata = json!({"name": args.name});
    if !args.namespace.is_empty() {
        metadata["namespace"] = args.namespace.as_str().into();
    }
    for (field, texts) in options.iter().flat_map(|o| [("labels", &o.labels), ("annotations", &o.annotations)]) {
        if !texts.is_empty() {
            metadata[field] = json!(texts);
        }
    }
    let pairs = data(loader, args).await?;
    let mut object = json!({"apiVersion": "v1", "kind": format!("{kind:?}"), "metadata": metadata});
    match kind {
        Kind::ConfigMap => fill_config_map(&mut object, pairs),
        Kind::Secret => {
            object["type"] = if args.secret_type.is_empty() { "Opaque" } else { &args.secret_type }.into();
            object["data"] =
                pairs.into_iter().map(|(key, bytes)| (key, encode(&bytes).into())).collect::<Map<_, _>>().into();
        }
    }
    if options.as_ref().is_some_and(|options| options.immutable) {
        object["immutable"] = true.into();
    }
    let mut resource = Resource::new(object);
    resource.needs_hash = !options.is_some_and(|options| options.disable_name_suffix_hash);
    resource.behavior = Behavior::of(&args.behavior);
    Ok(resource)
}

fn fill_config_map(object: &mut Value, pairs: BTreeMap<String, Vec<u8>>) {
    for (key, bytes) in pairs {
        match String::from_utf8(bytes) {
            Ok(text) => object["data"][key] = text.into(),
            Err(error) => object["binaryData"][key] = encode(error.as_bytes()).into(),
        }
    }
}

/// base64, in lines of 70 where it is longer.
fn encode(bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < 70 {
        return encoded;
    }
    let mut out = String::with_capacity(encoded.len() + encoded.len() / 70 + 1);
    for (at, c) in encoded.chars().enumerate() {
        if at > 0 && at % 70 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push('\n');
    out
}

async fn data(loader: &Loader, args: &GeneratorArgs) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let wrap = |what: String, error: String| format!("loading KV pairs: {what}: {error}");
    for path in &args.envs {
        let found = match loader.load(path).await {
            Ok(bytes) => env_lines(&bytes),
            Err(error) => Err(error),
        };
        let list = args.envs.join(" ");
        all.extend(found.map_err(|error| wrap(format!("env source files: [{list}]"), error))?);
    }
    for source in &args.literals {
        let list = args.literals.join(" ");
        all.push(literal(source).map_err(|error| wrap(format!("literal sources [{list}]"), error))?);
    }
    for source in &args.files {
        let found = match file_source(source) {
            Ok((key, path)) => loader.load(&path).await.map(|bytes| (key, bytes)),
            Err(error) => Err(error),
        };
        let list = args.files.join(" ");
        all.push(found.map_err(|error| wrap(format!("file sources: [{list}]"), error))?);
    }
    let mut data = BTreeMap::new();
    for (key, bytes) in all {
        if data.contains_key(&key) {
            return Err(format!("configmap {} illegally repeats the key `{key}`", args.name));
        }
        data.insert(key, bytes);
    }
    Ok(data)
}

fn literal(source: &str) -> Result<(String, Vec<u8>)> {
    let Some((key, value)) = source.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err(format!("invalid literal source {source}, expected key=value"));
    };
    let bytes = value.as_bytes();
    let quoted = bytes.len() >= 2 && bytes[0] == bytes[bytes.len() - 1] && matches!(bytes[0], b'"' | b'\'');
    let bytes = if quoted { &bytes[1..bytes.len() - 1] } else { bytes };
    Ok((key.into(), bytes.to_vec()))
}

/// `PATH`, or `KEY=PATH`.
fn file_source(source: &str) -> Result<(String, String)> {
    let quote = crate::text::quote;
    let parts: Vec<&str> = source.split('=').collect();
    match parts.as_slice() {
        [path] => {
            let trimmed = path.trim_end_matches('/');
            let base = trimmed.rsplit('/').next().filter(|base| !base.is_empty());
            let fallback = if path.is_empty() { "." } else { "/" };
            Ok((base.unwrap_or(fallback).into(), (*path).into()))
        }
        ["", path] => Err(format!("missing key name for file path {} in source {}", quote(path), quote(source))),
        [key, ""] => Err(format!("missing file path for key name {} in source {}", quote(key), quote(source))),
        [key, path] => Ok(((*key).into(), (*path).into())),
        _ => Err(format!("source {} key name or file path contains '='", quote(source))),
    }
}

/// `KEY=VALUE` lines; empty ones and comments say nothing.
fn env_lines(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut pairs = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let Ok(text) = std::str::from_utf8(line) else {
            let numbers: Vec<String> = line.iter().map(u8::to_string).collect();
            let text = String::from_utf8_lossy(line);
            return Err(format!("line [{}] has invalid utf8 bytes : {text}", numbers.join(" ")));
        };
        let text = text.strip_suffix('\r').unwrap_or(text);
        let text = if at == 0 { text.trim_start_matches('\u{feff}') } else { text };
        let text = text.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if !key.is_empty() {
            pairs.push((key.into(), value.as_bytes().to_vec()));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        assert_eq!(literal("a='b=c'"), Ok(("a".into(), b"b=c".to_vec())));
        assert_eq!(literal("=b"), Err("invalid literal source =b, expected key=value".into()));
        assert_eq!(file_source("dir/a.txt"), Ok(("a.txt".into(), "dir/a.txt".into())));
        let lines = env_lines(b"# c\n\nA=1\n  B\nC=x=y").expect("UTF-8");
        assert_eq!(lines, [("A".into(), b"1".to_vec()), ("B".into(), vec![]), ("C".into(), b"x=y".to_vec())]);
    }

    #[test]
    fn long_data_has_lines() {
        assert_eq!(encode(b"a"), "YQ==");
        assert_eq!(encode(&[0; 60]).lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
    }
}
