//! What a command may know of its surroundings: variables, files, programs, clock, cluster, sockets. All of it is given
//! by the caller.

use crate::clients::ClientSource;
use crate::io::Sink;
use crate::network::Network;
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The surroundings of a command; cheap to clone.
#[derive(Clone)]
pub struct Environment {
    /// Environment variables (`KUBECONFIG`, `HOME`, `EDITOR`, …).
    pub vars: Arc<BTreeMap<String, String>>,
    /// The file system that paths on the command line mean.
    pub files: Arc<dyn Files>,
    /// How other programs are started: an editor, `diff`.
    pub programs: Arc<dyn Programs>,
    /// Which cluster the command speaks to.
    pub clients: Arc<dyn ClientSource>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where a command may listen (`port-forward`, `proxy`).
    pub network: Arc<dyn Network>,
}

impl Environment {
    /// A variable's value, if it is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The present. Sleeping is `tokio::time`'s, which a paused runtime makes virtual.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> jiff::Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file, or anything that can be read.
    File,
    /// A directory.
    Directory,
}

/// A file as an archive describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// What it is, links not followed.
    pub kind: FileKind,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<PathBuf>,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub modified: u64,
    /// Owner and group.
    pub owner: (u64, u64),
}

/// A file system. Paths are as typed: relative ones are relative to the learner's working directory. Errors are
/// `io::Error`s whose kind says `NotFound`, `PermissionDenied` and so on.
#[async_trait::async_trait]
pub trait Files: Send + Sync {
    /// Reads a whole file.
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Writes a whole file, creating or replacing it.
    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The names in a directory, sorted.
    async fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// What the path leads to.
    async fn kind(&self, path: &Path) -> io::Result<FileKind>;
    /// The path itself, a link not followed. By default, a file system without links, owners and times.
    async fn attributes(&self, path: &Path) -> io::Result<Attributes> {
        let kind = self.kind(path).await?;
        let mode = if kind == FileKind::Directory { 0o755 } else { 0o644 };
        Ok(Attributes { kind, link: None, mode, modified: 0, owner: (0, 0) })
    }
    /// Makes a directory and those above it. By default, directories are there when a file is in them.
    async fn make_directory(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }
    /// Removes a file, or a directory with all that is in it. Commands remove only what they made themselves, in the
    /// temporary directory; where nothing can be removed, it stays there.
    async fn remove(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Whether the path leads to a file that can be started.
    async fn executable(&self, path: &Path) -> io::Result<bool> {
        Ok(self.kind(path).await? == FileKind::File)
    }
    /// The path as it reads from everywhere (Go's `filepath.Abs`).
    fn absolute(&self, path: &Path) -> PathBuf {
        clean(&Path::new("/").join(path))
    }
    /// The absolute path of a file or directory, with links followed. By default there are no links.
    async fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        let path = self.absolute(path);
        self.kind(&path).await.map(|_| path)
    }
    /// What an `http` or `https` URL leads to (`-f https://…`). An error of kind `NotFound` is the server's 404. Nothing
    /// is fetched unless the caller says how: by default every URL is refused.
    async fn fetch(&self, url: &str) -> io::Result<Vec<u8>> {
        let _ = url;
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "fetching is not enabled here; download the file and pass its path",
        ))
    }
}

/// Without `.` and `..` (Go's `filepath.Clean` of an absolute path).
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            part => clean.push(part),
        }
    }
    clean
}

/// The host's file system, relative to a working directory.
#[derive(Debug, Clone)]
pub struct HostFiles {
    /// Where relative paths start.
    pub directory: PathBuf,
}

#[async_trait::async_trait]
impl Files for HostFiles {
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        tokio::fs::read(self.directory.join(path)).await
    }
    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = self.directory.join(path);
        if let Some(parent) = path.parent() {
            tokio::fs::create_dir_all(parent).await?;
        }
        tokio::fs::write(path, bytes).await
    }
    async fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut entries = tokio::fs::read_dir(self.directory.join(path)).await?;
        let mut names = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
    #[cfg(unix)]
    async fn executable(&self, path: &Path) -> io::Result<bool> {
        use std::os::unix::fs::PermissionsExt;
        let metadata = tokio::fs::metadata(self.directory.join(path)).await?;
        Ok(metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }
    fn absolute(&self, path: &Path) -> PathBuf {
        clean(&self.directory.join(path))
    }
    async fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        tokio::fs::canonicalize(self.directory.join(path)).await
    }
    async fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let metadata = tokio::fs::metadata(self.directory.join(path)).await?;
        Ok(if metadata.is_dir() { FileKind::Directory } else { FileKind::File })
    }
    async fn attributes(&self, path: &Path) -> io::Result<Attributes> {
        let path = self.directory.join(path);
        let metadata = tokio::fs::symlink_metadata(&path).await?;
        let kind = if metadata.is_dir() { FileKind::Directory } else { FileKind::File };
        let link = match metadata.is_symlink() {
            true => Some(tokio::fs::read_link(&path).await?),
            false => None,
        };
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = modified.map(|since| since.as_secs()).unwrap_or_default();
        #[cfg(unix)]
        let (mode, owner) = {
            use std::os::unix::fs::MetadataExt;
            (metadata.mode() & 0o7777, (metadata.uid().into(), metadata.gid().into()))
        };
        #[cfg(not(unix))]
        let (mode, owner) = (if metadata.is_dir() { 0o755 } else { 0o644 }, (0, 0));
        Ok(Attributes { kind, link, mode, modified, owner })
    }
    async fn make_directory(&self, path: &Path) -> io::Result<()> {
        tokio::fs::create_dir_all(self.directory.join(path)).await
    }
    async fn fetch(&self, url: &str) -> io::Result<Vec<u8>> {
        crate::clients::fetch(url).await
    }
    async fn remove(&self, path: &Path) -> io::Result<()> {
        match self.kind(path).await? {
            FileKind::Directory => tokio::fs::remove_dir_all(self.directory.join(path)).await,
            FileKind::File => tokio::fs::remove_file(self.directory.join(path)).await,
        }
    }
}

/// Another program that a command starts: Go's `exec.Cmd`.
pub struct Program {
    /// Its name, or a path, and its arguments; never empty.
    pub argv: Vec<String>,
    /// A person works with it (an editor): it has the terminal, and what it prints is not the command's.
    pub interactive: bool,
    /// Where it prints to, unless it is interactive.
    pub stdout: Sink,
    /// Where its errors go, unless it is interactive.
    pub stderr: Sink,
}

/// Starts programs. The paths among their arguments are those of the [`Files`] beside. Who runs lessons may edit a file
/// by other means than an editor here.
#[async_trait::async_trait]
pub trait Programs: Send + Sync {
    /// Runs a program to its end: its exit code. An error of kind `NotFound` says that there is no such program.
    async fn run(&self, program: Program) -> io::Result<i32>;
}

/// No program can be started.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrograms;

#[async_trait::async_trait]
impl Programs for NoPrograms {
    async fn run(&self, _: Program) -> io::Result<i32> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "other programs are not started here"))
    }
}

/// The host's programs, started in a working directory, with the environment of this process. As of plugins, their
/// variable `KUBECTL_PATH` names this program.
#[derive(Debug, Clone)]
pub struct HostPrograms {
    /// Where they start.
    pub directory: PathBuf,
}

#[async_trait::async_trait]
impl Programs for HostPrograms {
    async fn run(&self, program: Program) -> io::Result<i32> {
        let (name, args) = program.argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = tokio::process::Command::new(name);
        command.args(args).current_dir(&self.directory).env("KUBECTL_PATH", std::env::current_exe()?);
        let status = if program.interactive {
            command.status().await?
        } else {
            let output = command.stdin(std::process::Stdio::null()).output().await?;
            program.stdout.write(&output.stdout)?;
            program.stderr.write(&output.stderr)?;
            output.status
        };
        Ok(status.code().unwrap_or(-1))
    }
}
