//! Keys and values from `--from-literal`, `--from-file` and `--from-env-file` (kubectl: pkg/util/util.go,
//! pkg/cmd/util/env_file.go, pkg/cmd/create/create_configmap.go).

use crate::command::Context;
use crate::environment::FileKind;
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::resource::{go_error, go_reason};
use crate::text::quote;
use apimachinery::names;
use std::path::Path;

/// A key with its value, in the order of the command line.
pub(super) type Pairs = Vec<(String, Vec<u8>)>;

/// The flags; `kind` is the object's name in their texts.
pub(super) fn flags(kind: &str, file: &'static str) -> Vec<Flag> {
    vec![
        Flag::string_slice("from-file", file),
        Flag::string_array(
            "from-literal",
            format!("Specify a key and literal value to insert in {kind} (i.e. mykey=somevalue)"),
        ),
        Flag::string_slice(
            "from-env-file",
            format!("Specify the path to a file to read lines of key=val pairs to create a {kind}."),
        ),
        Flag::bool("append-hash", format!("Append a hash of the {kind} to its name.")),
    ]
}

/// Environment files do not go with other sources.
pub(super) fn validate(cx: &Context) -> Result<()> {
    let given = |name: &str| !cx.flags.strings(name).is_empty();
    if given("from-env-file") && (given("from-file") || given("from-literal")) {
        return Err(Error::msg("from-env-file cannot be combined with from-file or from-literal"));
    }
    Ok(())
}

/// `key=value`, the value may contain `=`.
pub(super) fn literals(sources: &[String]) -> Result<Pairs> {
    let pair = |source: &String| match source.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_string(), value.as_bytes().to_vec())),
        _ => Err(Error::msg(format!("invalid literal source {source}, expected key=value"))),
    };
    sources.iter().map(pair).collect()
}

/// `path` or `key=path`; of a directory, all of its files.
pub(super) async fn files(cx: &Context, sources: &[String]) -> Result<Pairs> {
    let mut pairs = Vec::new();
    for source in sources {
        let (key, path) = file(source)?;
        match kind(cx, path).await? {
            FileKind::File => pairs.push((key.to_string(), read(cx, path).await?)),
            FileKind::Directory if source.contains('=') => {
                return Err(Error::msg("cannot give a key name for a directory path"));
            }
            FileKind::Directory => {
                let unable =
                    |error| Error::msg(format!("error listing files in {path}: {}", go_error("open", path, &error)));
                for name in cx.env.files.list(Path::new(path)).await.map_err(unable)? {
                    let child = format!("{}/{name}", path.trim_end_matches('/'));
                    if matches!(cx.env.files.kind(Path::new(&child)).await, Ok(FileKind::File)) {
                        let value = read(cx, &child).await?;
                        pairs.push((name, value));
                    }
                }
            }
        }
    }
    Ok(pairs)
}

fn file(source: &str) -> Result<(&str, &str)> {
    let mut parts = source.split('=');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(path), None, _) => {
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
            Ok((if name.is_empty() { "/" } else { name }, path))
        }
        (Some(""), Some(path), None) => Err(Error::msg(format!("key name for file path {path} missing"))),
        (Some(key), Some(""), None) => Err(Error::msg(format!("file path for key name {key} missing"))),
        (Some(key), Some(path), None) => Ok((key, path)),
        _ => Err(Error::msg("key names or file paths cannot contain '='")),
    }
}

async fn kind(cx: &Context, path: &str) -> Result<FileKind> {
    let found = cx.env.files.kind(Path::new(path)).await;
    found.map_err(|error| Error::msg(format!("error reading {path}: {}", go_reason(&error))))
}

async fn read(cx: &Context, path: &str) -> Result<Vec<u8>> {
    let bytes = cx.env.files.read(Path::new(path)).await;
    bytes.map_err(|error| Error::msg(go_error("open", path, &error)))
}

/// Lines of `KEY=value`; a key alone takes its value from the environment. `what` is `config` or `secret`.
pub(super) async fn env_files(cx: &Context, sources: &[String], what: &str) -> Result<Pairs> {
    let mut pairs = Vec::new();
    for path in sources {
        if kind(cx, path).await? == FileKind::Directory {
            return Err(Error::msg(format!("env {what} file cannot be a directory")));
        }
        let bytes = read(cx, path).await?;
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Ok(text) = std::str::from_utf8(line) else {
                let shown: Vec<String> = line.iter().map(u8::to_string).collect();
                let shown = shown.join(" ");
                let number = number + 1;
                return Err(Error::msg(format!(
                    "env file {path} contains invalid utf8 bytes at line {number}: [{shown}]"
                )));
            };
            let text = if number == 0 { text.trim_start_matches('\u{feff}') } else { text };
            let text = text.trim_start();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (key, value) = match text.split_once('=') {
                Some((key, value)) => (key, value),
                None => (text, cx.env.var(text).unwrap_or_default()),
            };
            let faults = names::is_env_var_name(key);
            if !faults.is_empty() {
                return Err(Error::msg(format!("{} is not a valid key name: {}", quote(key), faults.join(";"))));
            }
            pairs.push((key.to_string(), value.as_bytes().to_vec()));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> String {
        file(source).map_or_else(|error| error.to_string(), |(key, path)| format!("{key} <- {path}"))
    }

    #[test]
    fn file_sources() {
        assert_eq!(of("a/b.txt"), "b.txt <- a/b.txt");
        assert_eq!(of("key=a/b.txt"), "key <- a/b.txt");
        assert_eq!(of("=a"), "key name for file path a missing");
        assert_eq!(of("a="), "file path for key name a missing");
        assert_eq!(of("a=b=c"), "key names or file paths cannot contain '='");
    }
}
