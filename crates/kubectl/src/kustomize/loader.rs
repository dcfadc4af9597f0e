//! Files of a kustomization, and the directories of others (kustomize: api/internal/loader). A kustomization reads files
//! in and below its own directory only, unless the caller lifts that.

use super::Result;
use crate::environment::{FileKind, Files};
use crate::resource::go_reason;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Reads below one directory.
#[derive(Clone)]
pub(super) struct Loader {
    files: Arc<dyn Files>,
    root: PathBuf,
    /// The directories of the kustomizations that led here, nearest first.
    visited: Vec<PathBuf>,
    restricted: bool,
}

/// Lexical cleaning, as Go's `filepath.Clean` of an absolute path.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::Normal(name) => out.push(name),
            _ => {}
        }
    }
    out
}

fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// What kustomize would clone with git.
fn is_repository(path: &str) -> bool {
    let prefixed = ["https://", "http://", "ssh://", "git::", "git@", "file://", "org-", "github.com/", "github.com:"];
    prefixed.iter().any(|prefix| path.starts_with(prefix)) || path.contains(".git/") || path.ends_with(".git")
}

impl Loader {
    /// A loader at the directory that a build starts in.
    pub async fn start(files: Arc<dyn Files>, path: &str, restricted: bool) -> Result<Self> {
        if is_repository(path) {
            return Err(remote(path));
        }
        let loader = Loader { files, root: PathBuf::new(), visited: Vec::new(), restricted };
        let root = loader.directory(path, &loader.files.absolute(Path::new(path))).await?;
        Ok(Loader { root, ..loader })
    }

    /// A loader at another kustomization's directory.
    pub async fn enter(&self, path: &str) -> Result<Self> {
        if path.is_empty() {
            return Err("new root cannot be empty".into());
        }
        if is_repository(path) {
            return Err(remote(path));
        }
        if path.starts_with('/') {
            return Err(format!("new root '{path}' cannot be absolute"));
        }
        let joined = clean(&self.root.join(path));
        let root = self.directory(&joined.to_string_lossy(), &joined).await?;
        for visited in std::iter::once(&self.root).chain(&self.visited) {
            if visited.starts_with(&root) {
                return Err(format!(
                    "cycle detected: candidate root '{}' contains visited root '{}'",
                    root.display(),
                    visited.display()
                ));
            }
        }
        let visited = std::iter::once(self.root.clone()).chain(self.visited.iter().cloned()).collect();
        Ok(Loader { root, visited, ..self.clone() })
    }

    /// The directory that this loader reads from, for messages.
    pub fn root(&self) -> String {
        self.root.to_string_lossy().into_owned()
    }

    /// The directory that a path beneath this loader means, for messages.
    pub fn root_of(&self, path: &str) -> String {
        clean(&self.root.join(path)).to_string_lossy().into_owned()
    }

    /// Reads a file, or what a URL leads to.
    pub async fn load(&self, path: &str) -> Result<Vec<u8>> {
        if is_url(path) {
            return match self.files.fetch(path).await {
                Ok(bytes) => Ok(bytes),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    Err("HTTP Error: status code 404 (Not Found)".into())
                }
                Err(error) => Err(error.to_string()),
            };
        }
        let path = clean(&self.root.join(path));
        let shown = path.to_string_lossy().into_owned();
        let real = if self.restricted {
            let real = self.real(&shown, &path).await?;
            if self.is_directory(&real).await {
                return Err(format!("'{shown}' must resolve to a file"));
            }
            if !real.parent().is_some_and(|parent| parent.starts_with(&self.root)) {
                return Err(format!("security; file '{shown}' is not in or below '{}'", self.root()));
            }
            real
        } else {
            path
        };
        let shown = real.to_string_lossy().into_owned();
        self.files.read(&real).await.map_err(|error| {
            let operation = if error.kind() == ErrorKind::IsADirectory { "read" } else { "open" };
            format!("{operation} {shown}: {}", go_reason(&error))
        })
    }

    /// Reads a text; what is no UTF-8 in it is replaced.
    pub async fn text(&self, path: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.load(path).await?).into_owned())
    }

    async fn directory(&self, shown: &str, path: &Path) -> Result<PathBuf> {
        let not = |error: String| format!("must build at directory: {error}");
        if shown.is_empty() {
            return Err(not("directory path cannot be empty".into()));
        }
        let real = self.real(shown, path).await.map_err(|error| not(format!("not a valid directory: {error}")))?;
        if self.is_directory(&real).await {
            return Ok(real);
        }
        Err(not(format!("'{shown}': file is not directory")))
    }

    async fn is_directory(&self, path: &Path) -> bool {
        matches!(self.files.kind(path).await, Ok(FileKind::Directory))
    }

    async fn real(&self, shown: &str, path: &Path) -> Result<PathBuf> {
        let Err(error) = self.files.real_path(path).await else {
            return self.files.real_path(path).await.map_err(|error| error.to_string());
        };
        // Go names the first part of the path that is not there.
        let mut missing = path.to_path_buf();
        while let Some(parent) = missing.parent() {
            if self.files.real_path(parent).await.is_ok() {
                break;
            }
            missing = parent.to_path_buf();
        }
        let reason = go_reason(&error);
        Err(format!("evalsymlink failure on '{shown}' : lstat {}: {reason}", missing.display()))
    }
}

fn remote(path: &str) -> String {
    format!("'{path}' is a remote kustomization; clone the repository and name its directory instead")
}
