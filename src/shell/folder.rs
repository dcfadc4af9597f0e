//! The lesson's folder as the learner's home: can be read, never written; what leads out of it is not there.

use async_trait::async_trait;
use bashkit::{DirEntry, FileSystem, FileSystemExt, FileType, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// A folder of the host, seen at `at`. Reads are short and blocking: a lesson's files are small, and the order of
/// events stays the same in every run.
pub(super) struct Folder {
    root: PathBuf,
    at: PathBuf,
}

impl Folder {
    /// The folder as it is now.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn new(root: &Path, at: &Path) -> io::Result<Self> {
        Ok(Folder { root: root.canonicalize()?, at: at.to_owned() })
    }

    /// The host's path, if it lies in the folder after all symbolic links were followed.
    fn host_path(&self, path: &Path) -> io::Result<PathBuf> {
        let relative = path.strip_prefix(&self.at).map_err(|_| not_found())?;
        if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(not_found());
        }
        let host = self.root.join(relative).canonicalize()?;
        if host.starts_with(&self.root) { Ok(host) } else { Err(not_found()) }
    }

    /// Directories above the folder hold nothing but the way to it.
    fn leads_here(&self, path: &Path) -> bool {
        path != self.at && self.at.starts_with(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        if self.leads_here(path) {
            return Ok(Metadata { file_type: FileType::Directory, mode: 0o755, ..Default::default() });
        }
        let host = std::fs::metadata(self.host_path(path)?)?;
        let modified = host.modified()?;
        Ok(Metadata {
            file_type: if host.is_dir() { FileType::Directory } else { FileType::File },
            size: host.len(),
            mode: if host.is_dir() { 0o755 } else { 0o644 },
            modified,
            created: modified,
        })
    }
}

/// In bashkit's words, which it shows as `No such file or directory`.
fn not_found() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "file not found")
}

fn refused<T>() -> bashkit::Result<T> {
    Err(io::Error::from(ErrorKind::ReadOnlyFilesystem).into())
}

#[async_trait]
impl FileSystemExt for Folder {}

#[async_trait]
impl FileSystem for Folder {
    async fn read_file(&self, path: &Path) -> bashkit::Result<Vec<u8>> {
        Ok(std::fs::read(self.host_path(path)?)?)
    }
    async fn write_file(&self, _path: &Path, _content: &[u8]) -> bashkit::Result<()> {
        refused()
    }
    async fn append_file(&self, _path: &Path, _content: &[u8]) -> bashkit::Result<()> {
        refused()
    }
    async fn mkdir(&self, _path: &Path, _recursive: bool) -> bashkit::Result<()> {
        refused()
    }
    async fn remove(&self, _path: &Path, _recursive: bool) -> bashkit::Result<()> {
        refused()
    }
    async fn stat(&self, path: &Path) -> bashkit::Result<Metadata> {
        Ok(self.metadata(path)?)
    }
    async fn read_dir(&self, path: &Path) -> bashkit::Result<Vec<DirEntry>> {
        if self.leads_here(path) {
            // `leads_here` holds: a next part exists.
            let next = self.at.strip_prefix(path).ok().and_then(|rest| rest.components().next());
            let name = next.map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
            let metadata = Metadata { file_type: FileType::Directory, mode: 0o755, ..Default::default() };
            return Ok(vec![DirEntry { name, metadata }]);
        }
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(self.host_path(path)?)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // What leads out of the folder, or nowhere, is not there.
            if let Ok(metadata) = self.metadata(&path.join(&name)) {
                entries.push(DirEntry { name, metadata });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
    async fn exists(&self, path: &Path) -> bashkit::Result<bool> {
        Ok(self.metadata(path).is_ok())
    }
    async fn rename(&self, _from: &Path, _to: &Path) -> bashkit::Result<()> {
        refused()
    }
    async fn copy(&self, _from: &Path, _to: &Path) -> bashkit::Result<()> {
        refused()
    }
    async fn symlink(&self, _target: &Path, _link: &Path) -> bashkit::Result<()> {
        refused()
    }
    async fn read_link(&self, _path: &Path) -> bashkit::Result<PathBuf> {
        Err(io::Error::from(ErrorKind::InvalidInput).into())
    }
    async fn chmod(&self, _path: &Path, _mode: u32) -> bashkit::Result<()> {
        refused()
    }
}
