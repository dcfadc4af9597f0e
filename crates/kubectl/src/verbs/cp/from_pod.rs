//! Copies from a pod: what the `tar` in its container prints (kubectl: pkg/cmd/cp/cp.go `copyFromPod`, `untarAll`).

use super::{Spec, execute, paths};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::io::Sink;
use crate::text::quote;
use std::path::Path;
use tar::EntryType;

/// An archive ends with two empty blocks; what is cut off does not.
const END: [u8; 1024] = [0; 1024];

pub(super) async fn copy(cx: &Context, source: &Spec, target: &str) -> Result<()> {
    let bytes = fetch(cx, source).await?;
    let prefix = paths::strip_shortcuts(&paths::clean(source.file.trim_start_matches(['/', '\\'])));
    let mut warned = false;
    for entry in entries(&bytes).map_err(|error| Error::msg(error.to_string()))? {
        let Some(rest) = entry.name.strip_prefix(&prefix) else { return Err(Error::msg("tar contents corrupted")) };
        let path = paths::join(target, &paths::remote(rest));
        if !paths::is_within(target, &path) {
            let path = quote(&path);
            writeln!(cx.err, "warning: file {path} is outside target destination, skipping")?;
            continue;
        }
        let make = |path: String| async move { cx.env.files.make_directory(Path::new(&path)).await };
        make(paths::dir(&path)).await.map_err(|error| failed("mkdir", &path, &error))?;
        match entry.kind {
            EntryType::Directory => make(path.clone()).await.map_err(|error| failed("mkdir", &path, &error))?,
            EntryType::Symlink => {
                let (path, link) = (quote(&path), quote(&entry.link));
                if warned {
                    writeln!(cx.err, "warning: skipping symlink: {path} -> {link}")?;
                } else {
                    warned = true;
                    let parent = cx.path.rsplit_once(' ').map_or("kubectl", |(parent, _)| parent);
                    let (namespace, pod, file) = (quote(&source.namespace), quote(&source.pod), quote(&source.file));
                    writeln!(
                        cx.err,
                        "warning: skipping symlink: {path} -> {link} (consider using \"{parent} exec -n {namespace} {pod} -- tar cf - {file} | tar xf -\")"
                    )?;
                }
            }
            _ => {
                let written = cx.env.files.write(Path::new(&path), entry.content).await;
                written.map_err(|error| failed("open", &path, &error))?;
            }
        }
    }
    Ok(())
}

/// One file of an archive.
struct Entry<'b> {
    name: String,
    kind: EntryType,
    link: String,
    content: &'b [u8],
}

fn entries(bytes: &[u8]) -> std::io::Result<Vec<Entry<'_>>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut archive = tar::Archive::new(bytes);
    let read = archive.entries()?.map(|entry| {
        let entry = entry?;
        let from = usize::try_from(entry.raw_file_position()).map_err(std::io::Error::other)?;
        let size = usize::try_from(entry.size()).map_err(std::io::Error::other)?;
        Ok(Entry {
            name: text(&entry.path_bytes()),
            kind: entry.header().entry_type(),
            link: entry.link_name_bytes().map(|link| text(&link)).unwrap_or_default(),
            content: bytes.get(from..from + size).ok_or(std::io::ErrorKind::UnexpectedEof)?,
        })
    });
    read.collect()
}

/// The whole archive. What is cut off is asked for from there on, as often as `--retries` says.
async fn fetch(cx: &Context, source: &Spec) -> Result<Vec<u8>> {
    let most = cx.flags.int("retries");
    let (mut bytes, mut retries) = (Vec::new(), 0);
    loop {
        let (collected, buffer) = Sink::buffer();
        let from = bytes.len() + usize::from(!bytes.is_empty());
        let resumable = format!("tar cf - '{}' | tail -c+{from}", source.file.replace('\'', "'\\''"));
        let command = match most {
            0 => ["tar", "cf", "-", &source.file].to_vec(),
            _ => ["sh", "-c", &resumable].to_vec(),
        };
        // upstream prints the container's errors on stdout
        let ended = execute(cx, source, &command, None::<tokio::io::Empty>, &collected, &cx.out).await;
        bytes.extend_from_slice(&buffer.bytes());
        if bytes.ends_with(&END) {
            return Ok(bytes);
        }
        ended?;
        if most >= 0 && retries >= most {
            writeln!(cx.out, "Dropping out copy after {retries} retries")?;
            return if bytes.is_empty() { Ok(bytes) } else { Err(Error::msg("unexpected EOF")) };
        }
        retries += 1;
        writeln!(cx.out, "Resuming copy at {} bytes, retry {retries}/{most}", bytes.len())?;
    }
}

fn failed(operation: &str, path: &str, error: &std::io::Error) -> Error {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::IsADirectory => "is a directory".into(),
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => "not a directory".into(),
        _ => error.to_string(),
    };
    Error::msg(format!("{operation} {path}: {reason}"))
}
