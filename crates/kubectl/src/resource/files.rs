//! Objects from files, directories and standard input (cli-runtime: resource/visitor.go).

use super::yaml::parse_yaml;
use crate::command::Context;
use crate::environment::{FileKind, Files};
use crate::error::{ConnectionError, Error, Result};
use crate::text::quote;
use apimachinery::json::{Fault, value_end};
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// One document of a file.
#[derive(Debug)]
pub struct Document {
    /// The file: `STDIN`, a path, a URL.
    pub source: String,
    /// Its content.
    pub object: Value,
}

/// What `-f` named.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// `-` for standard input, or paths of files.
    pub paths: Vec<String>,
    /// One argument, one file.
    pub single: bool,
}

/// Finds the files behind the `-f` arguments; the errors of all of them.
pub(super) async fn find(files: &dyn Files, arguments: &[String], recursive: bool) -> (Sources, Vec<Error>) {
    let (mut sources, mut errors, mut directory) = (Sources::default(), Vec::new(), false);
    for argument in arguments {
        if argument == "-" {
            if sources.paths.iter().any(|path| path == "-") {
                errors.push(Error::msg("standard input cannot be used for multiple arguments"));
            }
            sources.paths.push("-".into());
            continue;
        }
        if is_url(argument) {
            sources.paths.push(argument.clone());
            continue;
        }
        let matches = match expand(files, argument).await {
            Ok(matches) => matches,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for path in matches {
            let found = walk(files, &path, recursive).await;
            match found {
                Ok(found) => {
                    directory |= found.len() > 1;
                    sources.paths.extend(found);
                }
                Err(error) => errors.push(Error::msg(format!("error reading {}: {error}", quote(&path)))),
            }
        }
        if sources.paths.is_empty() && errors.is_empty() {
            errors.push(Error::msg(format!(
                "error reading [{argument}]: recognized file extensions are [{}]",
                EXTENSIONS.join(" ")
            )));
        }
    }
    sources.single = !directory && sources.paths.len() == 1 && sources.paths[0] != "-";
    (sources, errors)
}

fn is_url(argument: &str) -> bool {
    argument.starts_with("http://") || argument.starts_with("https://")
}

/// A path, or the paths that a pattern with `*`, `?` or `[…]` matches.
async fn expand(files: &dyn Files, argument: &str) -> Result<Vec<String>> {
    let missing = || Error::msg(format!("the path {} does not exist", quote(argument)));
    match files.kind(Path::new(argument)).await {
        Ok(_) => return Ok(vec![argument.to_string()]),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            let text =
                format!("the path {} cannot be accessed: {}", quote(argument), go_error("stat", argument, &error));
            return Err(Error::msg(text));
        }
    }
    let path = Path::new(argument);
    let pattern = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !pattern.contains(['*', '?', '[']) {
        return Err(missing());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let names = files.list(parent.unwrap_or(Path::new("."))).await.unwrap_or_default();
    let matches = names.iter().filter(|name| glob(&pattern, name));
    let matches: Vec<String> = matches
        .map(|name| parent.map_or(PathBuf::from(name), |parent| parent.join(name)).to_string_lossy().into_owned())
        .collect();
    if matches.is_empty() { Err(missing()) } else { Ok(matches) }
}

/// Go's `filepath.Match` for `*` and `?`.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    fn matches(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => matches(rest, name) || (!name.is_empty() && matches(pattern, &name[1..])),
            (Some(('?', rest)), Some((_, tail))) => matches(rest, tail),
            (Some((p, rest)), Some((c, tail))) => p == c && matches(rest, tail),
            _ => false,
        }
    }
    matches(&pattern, &name)
}

/// The file itself, or the recognised files of a directory, in lexical order.
async fn walk(files: &dyn Files, path: &str, recursive: bool) -> Result<Vec<String>, String> {
    let explain = |error: std::io::Error| go_error("open", path, &error);
    if files.kind(Path::new(path)).await.map_err(explain)? == FileKind::File {
        return Ok(vec![path.to_string()]);
    }
    let (mut found, mut pending) = (Vec::new(), vec![(PathBuf::from(path), FileKind::Directory)]);
    while let Some((path, kind)) = pending.pop() {
        if kind == FileKind::File {
            found.push(path.to_string_lossy().into_owned());
            continue;
        }
        let mut children = Vec::new();
        for name in files.list(&path).await.map_err(explain)? {
            let child = path.join(&name);
            match files.kind(&child).await.map_err(explain)? {
                FileKind::Directory if recursive => children.push((child, FileKind::Directory)),
                FileKind::File if EXTENSIONS.iter().any(|extension| name.ends_with(extension)) => {
                    children.push((child, FileKind::File));
                }
                _ => {}
            }
        }
        children.reverse();
        pending.extend(children);
    }
    Ok(found)
}

/// An I/O error as Go's `*PathError` reads.
pub(crate) fn go_error(operation: &str, path: &str, error: &std::io::Error) -> String {
    format!("{operation} {path}: {}", go_reason(error))
}

/// What Go calls the reason of an I/O error.
pub(crate) fn go_reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or directory".to_string(),
        ErrorKind::PermissionDenied => "permission denied".to_string(),
        ErrorKind::IsADirectory => "is a directory".to_string(),
        _ => error.to_string(),
    }
}

/// Reads a file (`-` is standard input) and splits it into documents. Documents up to a faulty one are delivered.
pub(super) async fn read(cx: &Context, path: &str) -> Vec<Result<Document>> {
    if path == "-" {
        let mut bytes = Vec::new();
        return match cx.take_stdin().read_to_end(&mut bytes).await {
            Ok(_) => documents("STDIN", &bytes),
            Err(error) => vec![Err(Error::msg(format!("error parsing STDIN: {error}")))],
        };
    }
    if is_url(path) {
        return match cx.env.files.fetch(path).await {
            Ok(bytes) => documents(path, &bytes),
            Err(error) => vec![Err(match error.kind() {
                ErrorKind::NotFound | ErrorKind::InvalidData | ErrorKind::Unsupported => {
                    Error::msg(format!("unable to read URL {}, {error}", quote(path)))
                }
                ErrorKind::InvalidInput => Error::msg(error.to_string()),
                kind => Error::Connection(Box::new(ConnectionError {
                    host: path.split('/').nth(2).unwrap_or_default().to_string(),
                    refused: kind == ErrorKind::ConnectionRefused,
                    request: String::new(),
                    text: error.to_string(),
                })),
            })],
        };
    }
    match cx.env.files.read(Path::new(path)).await {
        Ok(bytes) => documents(path, &bytes),
        Err(error) => vec![Err(Error::msg(go_error("open", path, &error)))],
    }
}

/// The documents of a YAML or JSON text (apimachinery: util/yaml/decoder.go); empty ones are left out.
pub fn documents(source: &str, bytes: &[u8]) -> Vec<Result<Document>> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') { json(source, text) } else { yaml(source, text, None) }
}

/// JSON values, one after the other. If not even two of them are right, the text may be YAML after all (`{a: b}`).
fn json(source: &str, text: &str) -> Vec<Result<Document>> {
    let (mut out, mut at, mut count) = (Vec::new(), 0, 0);
    while !text[at..].trim_start().is_empty() {
        let (message, offset) = match value_end(&text.as_bytes()[at..]) {
            Ok(length) => {
                match serde_json::from_str(&text[at..at + length]) {
                    Ok(Value::Null) => {}
                    Ok(object) => out.push(Ok(Document { source: source.to_string(), object })),
                    Err(error) => out.push(Err(Error::msg(format!("error parsing {source}: {error}")))),
                }
                at += length;
                count += 1;
                continue;
            }
            Err(Fault::End) => ("unexpected EOF".to_string(), None),
            Err(Fault::Syntax { message, offset }) => (message, Some(at + offset)),
        };
        if count > 1 {
            out.push(Err(Error::msg(format!("error parsing {source}: {message}"))));
            return out;
        }
        let fault = offset.map_or(message.clone(), |offset| format!("json: offset {offset}: {message}"));
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start().len();
        let start = rest[..space].find('\n').map_or(space, |newline| newline + 1);
        out.extend(yaml(source, &rest[start..], Some(fault)));
        return out;
    }
    out
}

/// YAML documents. `instead` is what is said of the first one if it is wrong.
fn yaml(source: &str, text: &str, instead: Option<String>) -> Vec<Result<Document>> {
    let (mut out, mut instead) = (Vec::new(), instead);
    for part in split(text) {
        let wrong = |error: String| Err(Error::msg(format!("error parsing {source}: {error}")));
        let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim() == "---";
        let parsed = match part {
            Ok(part) if part.lines().all(blank) => continue,
            Ok(part) => parse_yaml(&part).map_err(|error| format!("error converting YAML to JSON: yaml: {error}")),
            Err(error) => Err(error),
        };
        match parsed {
            Ok(Value::Null) => {}
            Ok(object) => out.push(Ok(Document { source: source.to_string(), object })),
            Err(error) => {
                out.push(wrong(instead.take().unwrap_or(error)));
                break;
            }
        }
        instead = None;
    }
    out
}

/// At every line that starts with `---`, behind which only a comment may stand.
fn split(text: &str) -> Vec<Result<String, String>> {
    let (mut parts, mut current) = (Vec::new(), String::new());
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                parts.push(Err(format!("invalid Yaml document separator: {rest}")));
                return parts;
            }
            if !current.is_empty() {
                parts.push(Ok(std::mem::take(&mut current)));
                continue;
            }
        }
        current.push_str(line);
    }
    parts.push(Ok(current));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(text: &str) -> Vec<Value> {
        documents("f", text.as_bytes()).into_iter().map(|d| d.expect("valid").object).collect()
    }

    #[test]
    fn many_documents() {
        use serde_json::json;
        assert_eq!(objects("a: 1\n---\n# only a comment\n---\nb: yes\n"), [json!({"a": 1}), json!({"b": true})]);
        assert_eq!(objects("{\"a\":1}{\"b\":2}"), [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(objects("---\nmode: 0644\n"), [json!({"mode": 420})]);
    }

    #[test]
    fn patterns() {
        assert!(glob("*.yaml", "a.yaml") && glob("a?c", "abc") && !glob("*.yaml", "a.json"));
    }
}
