//! The learner's files: memory over a read-only base. Shared by a shell, its forks and the programs that they start.

use bashkit::FileSystem;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A handle on the learner's files; clones share them. Relative paths start at the handle's directory.
#[derive(Clone)]
pub struct Files {
    system: Arc<dyn FileSystem>,
    directory: PathBuf,
}

impl Files {
    /// A handle whose relative paths start at `directory`.
    pub(super) fn new(system: Arc<dyn FileSystem>, directory: PathBuf) -> Self {
        Files { system, directory }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// What a file system would say: not found, is a directory, …
    pub async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.system.read_file(&self.absolute(path)).await.map_err(io_error)
    }

    /// Writes a whole file, creating it and the directories above it.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = self.absolute(path);
        if let Some(parent) = path.parent() {
            self.system.mkdir(parent, true).await.map_err(io_error)?;
        }
        self.system.write_file(&path, bytes).await.map_err(io_error)
    }

    /// Removes a file, or a directory with all that is in it.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn remove(&self, path: &Path) -> io::Result<()> {
        self.system.remove(&self.absolute(path), true).await.map_err(io_error)
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = self.system.read_dir(&self.absolute(path)).await.map_err(io_error)?;
        let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
        names.sort();
        Ok(names)
    }

    /// Whether the path is a directory.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn is_directory(&self, path: &Path) -> io::Result<bool> {
        Ok(self.system.stat(&self.absolute(path)).await.map_err(io_error)?.file_type.is_dir())
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }
}

/// bashkit wraps the error of a file system; its kind is what callers look at.
fn io_error(error: bashkit::Error) -> io::Error {
    match error {
        bashkit::Error::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
