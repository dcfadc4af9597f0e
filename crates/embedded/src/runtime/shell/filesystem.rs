//! A container's files, as the shell language asks for them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bashkit::{DirEntry, FileSystem, FileSystemExt, FileType, Metadata, Result};

use crate::runtime::files::{Entry, FileError, Files, Kind, clean};
use crate::runtime::stream::{Input, Output};

/// Files of a container, and the streams of the process that looks at them.
pub struct ContainerFiles {
    /// The files.
    pub files: Files,
    /// `/dev/stdin`.
    pub stdin: Input,
    /// `/dev/stdout`, and `/proc/1/fd/1` where this process is the first.
    pub stdout: Output,
    /// `/dev/stderr`.
    pub stderr: Output,
}

fn error(error: FileError) -> bashkit::Error {
    use std::io::{Error, ErrorKind};
    let kind = match error {
        FileError::NotFound => ErrorKind::NotFound,
        FileError::IsDirectory => ErrorKind::IsADirectory,
        FileError::NotDirectory => ErrorKind::NotADirectory,
        FileError::Exists => ErrorKind::AlreadyExists,
        FileError::NotEmpty => ErrorKind::DirectoryNotEmpty,
        FileError::ReadOnly => ErrorKind::ReadOnlyFilesystem,
        FileError::Loop | FileError::Invalid => ErrorKind::InvalidInput,
    };
    Error::new(kind, error.to_string()).into()
}

fn text(path: &Path) -> String {
    clean("/", &path.to_string_lossy())
}

fn metadata(entry: &Entry) -> Metadata {
    let seconds = u64::try_from(entry.modified.as_second()).unwrap_or_default();
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let (file_type, size) = match &entry.kind {
        Kind::Directory => (FileType::Directory, 4096),
        Kind::File(bytes) => (FileType::File, bytes.len() as u64),
        Kind::Link(target) => (FileType::Symlink, target.len() as u64),
    };
    Metadata { file_type, size, mode: entry.mode, modified, created: modified }
}

impl ContainerFiles {
    fn output(&self, path: &str) -> Option<&Output> {
        match path {
            "/dev/stdout" | "/proc/1/fd/1" | "/proc/self/fd/1" | "/dev/fd/1" => Some(&self.stdout),
            "/dev/stderr" | "/proc/1/fd/2" | "/proc/self/fd/2" | "/dev/fd/2" => Some(&self.stderr),
            _ => None,
        }
    }
}

#[async_trait]
impl FileSystem for ContainerFiles {
    async fn read_file(&self, path: &Path) -> Result<Vec<u8>> {
        match text(path).as_str() {
            "/dev/null" => Ok(Vec::new()),
            "/dev/stdin" | "/proc/self/fd/0" | "/dev/fd/0" => Ok(self.stdin.rest().await),
            path => self.files.read(path).map(|bytes| bytes.to_vec()).map_err(error),
        }
    }

    async fn write_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        let path = text(path);
        if path == "/dev/null" {
            return Ok(());
        }
        match self.output(&path) {
            Some(output) => output.write(content),
            None => self.files.write(&path, content.to_vec()).map_err(error)?,
        }
        Ok(())
    }

    async fn append_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        let path = text(path);
        if path == "/dev/null" || self.output(&path).is_some() {
            return self.write_file(Path::new(&path), content).await;
        }
        self.files.append(&path, content).map_err(error)
    }

    async fn mkdir(&self, path: &Path, recursive: bool) -> Result<()> {
        self.files.make_directory(&text(path), recursive).map_err(error)
    }

    async fn remove(&self, path: &Path, recursive: bool) -> Result<()> {
        self.files.remove(&text(path), recursive).map_err(error)
    }

    async fn stat(&self, path: &Path) -> Result<Metadata> {
        let path = text(path);
        if path == "/dev/null" || self.output(&path).is_some() {
            let modified = SystemTime::UNIX_EPOCH;
            return Ok(Metadata { file_type: FileType::File, size: 0, mode: 0o666, modified, created: modified });
        }
        self.files.status(&path).map(|entry| metadata(&entry)).map_err(error)
    }

    async fn lstat(&self, path: &Path) -> Result<Metadata> {
        self.files.link_status(&text(path)).map(|entry| metadata(&entry)).map_err(error)
    }

    async fn read_dir(&self, path: &Path) -> Result<Vec<DirEntry>> {
        let entries = self.files.list(&text(path)).map_err(error)?;
        Ok(entries.into_iter().map(|(name, entry)| DirEntry { name, metadata: metadata(&entry) }).collect())
    }

    async fn exists(&self, path: &Path) -> Result<bool> {
        Ok(self.stat(path).await.is_ok())
    }

    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.files.rename(&text(from), &text(to)).map_err(error)
    }

    async fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        self.files.copy(&text(from), &text(to)).map_err(error)
    }

    async fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        self.files.link(&target.to_string_lossy(), &text(link)).map_err(error)
    }

    async fn read_link(&self, path: &Path) -> Result<PathBuf> {
        match self.files.link_status(&text(path)).map_err(error)?.kind {
            Kind::Link(target) => Ok(PathBuf::from(target)),
            _ => Err(error(FileError::Invalid)),
        }
    }

    async fn chmod(&self, path: &Path, mode: u32) -> Result<()> {
        self.files.set_mode(&text(path), mode).map_err(error)
    }

    async fn set_modified_time(&self, path: &Path, _: SystemTime) -> Result<()> {
        self.files.touch(&text(path)).map_err(error)
    }
}

impl FileSystemExt for ContainerFiles {}
