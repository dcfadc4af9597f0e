//! `--raw` of verbs that write: a URI, and a body from a file (kubectl: pkg/rawhttp/raw.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::Call;
use crate::resource::go_error;
use std::path::Path;
use tokio::io::AsyncReadExt;

/// What may not stand beside `--raw`.
pub(super) fn validate(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let refuse = |text: &str| Err(Error::msg(text));
    match flags.strings("filename") {
        [] => {}
        [name] if name.starts_with("http://") || name.starts_with("https://") => {
            return refuse("--raw cannot read from a url");
        }
        [_] => {}
        _ => return refuse("--raw can only use a single local file or stdin"),
    }
    if flags.bool("recursive") {
        return refuse("--raw and --recursive are mutually exclusive");
    }
    if !flags.str("output").is_empty() {
        return refuse("--raw and --output are mutually exclusive");
    }
    let uri = flags.str("raw");
    if uri.starts_with('/') || uri.contains("://") {
        return Ok(());
    }
    Err(Error::msg(format!(
        "--raw must be a valid URL path: parse {}: invalid URI for request",
        crate::text::quote(uri)
    )))
}

/// Sends the file's bytes and prints the answer's.
pub(super) async fn send(cx: &Context, method: http::Method) -> Result<()> {
    let body = match cx.flags.strings("filename").first().map(String::as_str) {
        None => Vec::new(),
        Some("-") => {
            let mut bytes = Vec::new();
            let read = cx.take_stdin().read_to_end(&mut bytes).await;
            read.map_err(|error| Error::msg(error.to_string()))?;
            bytes
        }
        Some(name) => {
            let read = cx.env.files.read(Path::new(name)).await;
            read.map_err(|error| Error::msg(go_error("open", name, &error)))?
        }
    };
    let uri = cx.flags.str("raw");
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let answer = cx.requests().await?.bytes(Call::new(method, path).body(body, "application/json")).await?;
    cx.out.write(&answer)?;
    Ok(())
}
