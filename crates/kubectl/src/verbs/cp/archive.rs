//! Tar archives of local files (kubectl: pkg/cmd/cp/cp.go `recursiveTar`).

use super::paths;
use crate::environment::{FileKind, Files};
use futures::future::BoxFuture;
use std::io;
use std::path::Path;
use tar::{EntryType, Header};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes a file, or what is in a directory, under the name `target`; the archive's end is the caller's to write.
pub(super) fn write<'f>(
    files: &'f dyn Files,
    source: String,
    target: String,
    to: &'f mut (dyn AsyncWrite + Send + Unpin),
) -> BoxFuture<'f, io::Result<()>> {
    Box::pin(async move {
        let path = Path::new(&source);
        let attributes = files.attributes(path).await?;
        let mut header = Header::new_gnu();
        header.set_mode(attributes.mode);
        header.set_mtime(attributes.modified);
        header.set_uid(attributes.owner.0);
        header.set_gid(attributes.owner.1);
        header.set_size(0);
        if let Some(link) = &attributes.link {
            header.set_entry_type(EntryType::Symlink);
            return to.write_all(&entry(&mut header, &target, Some(link), &[])?).await;
        }
        if attributes.kind == FileKind::Directory {
            let names = files.list(path).await?;
            if names.is_empty() {
                header.set_entry_type(EntryType::Directory);
                return to.write_all(&entry(&mut header, &target, None, &[])?).await;
            }
            for name in names {
                write(files, paths::join(&source, &name), paths::join(&target, &name), &mut *to).await?;
            }
            return Ok(());
        }
        let bytes = files.read(path).await?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        to.write_all(&entry(&mut header, &target, None, &bytes)?).await
    })
}

/// One entry; long names and links take entries of their own, which the library writes.
fn entry(header: &mut Header, name: &str, link: Option<&Path>, bytes: &[u8]) -> io::Result<Vec<u8>> {
    /// The two empty blocks that end an archive.
    const END: usize = 1024;
    let mut builder = tar::Builder::new(Vec::new());
    match link {
        Some(link) => builder.append_link(header, name, link)?,
        None => builder.append_data(header, name, bytes)?,
    }
    let mut archive = builder.into_inner()?;
    archive.truncate(archive.len() - END);
    Ok(archive)
}

/// Ends an archive.
pub(super) async fn end(to: &mut (dyn AsyncWrite + Send + Unpin)) -> io::Result<()> {
    to.write_all(&[0; 1024]).await?;
    to.shutdown().await
}
