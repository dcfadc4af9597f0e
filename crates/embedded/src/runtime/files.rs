//! The files that a container sees: the image's own, its volumes mounted over them, symbolic links followed.
//!
//! A file's bytes are shared until written, so that a container costs no more than the names of its files.

use std::sync::Arc;

use bytes::Bytes;

pub use super::tree::{Entry, Kind, Tree, Volume};
use crate::clock::Clock;

/// Why a file could not be had, in the words of the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// ENOENT
    #[error("No such file or directory")]
    NotFound,
    /// EISDIR
    #[error("Is a directory")]
    IsDirectory,
    /// ENOTDIR
    #[error("Not a directory")]
    NotDirectory,
    /// EEXIST
    #[error("File exists")]
    Exists,
    /// ENOTEMPTY
    #[error("Directory not empty")]
    NotEmpty,
    /// EROFS
    #[error("Read-only file system")]
    ReadOnly,
    /// ELOOP
    #[error("Too many levels of symbolic links")]
    Loop,
    /// EINVAL
    #[error("Invalid argument")]
    Invalid,
}

/// A volume, or a part of it, at a path of a container.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where the container sees it.
    pub path: String,
    /// What is seen there.
    pub volume: Volume,
    /// The path inside of the volume that is mounted; `/` is all of it.
    pub sub_path: String,
    /// Writes fail.
    pub read_only: bool,
}

/// All files of one container.
#[derive(Clone, Debug)]
pub struct Files {
    /// The deepest mount of a path is the one that holds it; the first is the root.
    mounts: Arc<Vec<Mount>>,
    clock: Clock,
}

impl Files {
    /// `root` with `mounts` over it.
    pub fn new(root: Tree, mounts: Vec<Mount>, clock: Clock) -> Self {
        let mut all =
            vec![Mount { path: "/".into(), volume: Volume::new(root), sub_path: "/".into(), read_only: false }];
        for mount in mounts {
            let path = clean("/", &mount.path);
            let is_file =
                mount.volume.tree().get(&mount.sub_path).is_some_and(|entry| matches!(entry.kind, Kind::File(_)));
            // A mount point exists in what is below it, so that listings show it.
            let files = Self { mounts: Arc::new(all.clone()), clock };
            if files.status(&path).is_err() {
                let kind = if is_file { Kind::File(Bytes::new()) } else { Kind::Directory };
                let (at, inner) = files.place(&path);
                all[at].volume.tree().put(&inner, kind, 0o755, clock.now());
            }
            all.push(Mount { path, ..mount });
        }
        Self { mounts: Arc::new(all), clock }
    }

    /// Which mount holds a clean path, and the path inside of its volume.
    fn place(&self, path: &str) -> (usize, String) {
        let (at, mount) = self
            .mounts
            .iter()
            .enumerate()
            .filter(|(_, mount)| covers(&mount.path, path))
            .max_by_key(|(at, mount)| (mount.path.len(), *at))
            .unwrap_or((0, &self.mounts[0]));
        let rest = path[mount.path.trim_end_matches('/').len()..].trim_start_matches('/');
        (at, clean(&mount.sub_path, rest))
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        let (at, inner) = self.place(path);
        self.mounts[at].volume.tree().get(&inner).cloned()
    }

    /// The path without links; the last component is followed where `follow` is set, and may be missing.
    fn resolve(&self, path: &str, follow: bool) -> Result<String, FileError> {
        let mut pending: Vec<String> = components(&clean("/", path));
        let mut resolved = String::from("/");
        let mut links = 0;
        while !pending.is_empty() {
            let name = pending.remove(0);
            let next = clean(&resolved, &name);
            match self.entry(&next).map(|entry| entry.kind) {
                Some(Kind::Link(target)) if follow || !pending.is_empty() => {
                    links += 1;
                    if links > 40 {
                        return Err(FileError::Loop);
                    }
                    let mut there = components(&clean(&resolved, &target));
                    there.append(&mut pending);
                    pending = there;
                    resolved = "/".into();
                }
                Some(Kind::File(_)) if !pending.is_empty() => return Err(FileError::NotDirectory),
                None if !pending.is_empty() => return Err(FileError::NotFound),
                _ => resolved = next,
            }
        }
        Ok(resolved)
    }

    /// What stands at `path`, links followed.
    pub fn status(&self, path: &str) -> Result<Entry, FileError> {
        self.entry(&self.resolve(path, true)?).ok_or(FileError::NotFound)
    }

    /// What stands at `path`, a link at its end not followed.
    pub fn link_status(&self, path: &str) -> Result<Entry, FileError> {
        self.entry(&self.resolve(path, false)?).ok_or(FileError::NotFound)
    }

    /// A file's bytes.
    pub fn read(&self, path: &str) -> Result<Bytes, FileError> {
        match self.status(path)?.kind {
            Kind::File(bytes) => Ok(bytes),
            Kind::Directory => Err(FileError::IsDirectory),
            Kind::Link(_) => Err(FileError::Loop),
        }
    }

    /// A file's text, where it is text.
    pub fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Names and entries of a directory, sorted by name.
    pub fn list(&self, path: &str) -> Result<Vec<(String, Entry)>, FileError> {
        let path = self.resolve(path, true)?;
        if self.entry(&path).ok_or(FileError::NotFound)?.kind != Kind::Directory {
            return Err(FileError::NotDirectory);
        }
        let (at, inner) = self.place(&path);
        let tree = self.mounts[at].volume.tree();
        Ok(tree.children(&inner).map(|(name, entry)| (name.to_owned(), entry.clone())).collect())
    }

    fn writable(&self, path: &str) -> Result<(&Mount, String), FileError> {
        let (at, inner) = self.place(path);
        let mount = &self.mounts[at];
        if mount.read_only {
            return Err(FileError::ReadOnly);
        }
        Ok((mount, inner))
    }

    fn put(&self, path: &str, kind: Kind, mode: u32) -> Result<(), FileError> {
        let above = self.entry(parent(path)).ok_or(FileError::NotFound)?;
        if above.kind != Kind::Directory {
            return Err(FileError::NotDirectory);
        }
        let (mount, inner) = self.writable(path)?;
        mount.volume.tree().put(&inner, kind, mode, self.clock.now());
        Ok(())
    }

    /// Writes a file, as `>` does.
    pub fn write(&self, path: &str, content: impl Into<Bytes>) -> Result<(), FileError> {
        let path = self.resolve(path, true)?;
        let mode = match self.entry(&path) {
            Some(Entry { kind: Kind::Directory, .. }) => return Err(FileError::IsDirectory),
            Some(entry) => entry.mode,
            None => 0o644,
        };
        self.put(&path, Kind::File(content.into()), mode)
    }

    /// Writes at the end of a file, as `>>` does.
    pub fn append(&self, path: &str, content: &[u8]) -> Result<(), FileError> {
        let mut all = match self.read(path) {
            Ok(bytes) => bytes.to_vec(),
            Err(FileError::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        };
        all.extend_from_slice(content);
        self.write(path, all)
    }

    /// Makes a directory, and those above it where `parents` is set.
    pub fn make_directory(&self, path: &str, parents: bool) -> Result<(), FileError> {
        if parents {
            let path = clean("/", path);
            let mut at = String::new();
            for name in components(&path) {
                at = format!("{at}/{name}");
                match self.make_directory(&at, false) {
                    Ok(()) | Err(FileError::Exists) => {}
                    Err(error) => return Err(error),
                }
            }
            return Ok(());
        }
        let path = self.resolve(path, false)?;
        if self.entry(&path).is_some() {
            return Err(FileError::Exists);
        }
        self.put(&path, Kind::Directory, 0o755)
    }

    /// Removes what stands at `path`; a directory that is not empty only with `recursive`.
    pub fn remove(&self, path: &str, recursive: bool) -> Result<(), FileError> {
        let path = self.resolve(path, false)?;
        let entry = self.entry(&path).ok_or(FileError::NotFound)?;
        if entry.kind == Kind::Directory && !recursive && !self.list(&path)?.is_empty() {
            return Err(FileError::NotEmpty);
        }
        let (mount, inner) = self.writable(&path)?;
        mount.volume.tree().remove(&inner);
        Ok(())
    }

    /// Moves a file or a directory, across volumes too.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        self.copy_all(from, to)?;
        self.remove(from, true)
    }

    /// Copies one file.
    pub fn copy(&self, from: &str, to: &str) -> Result<(), FileError> {
        let mode = self.status(from)?.mode;
        self.write(to, self.read(from)?)?;
        self.set_mode(to, mode)
    }

    fn copy_all(&self, from: &str, to: &str) -> Result<(), FileError> {
        let entry = self.link_status(from)?;
        match entry.kind {
            Kind::File(_) => self.copy(from, to),
            Kind::Link(target) => self.link(&target, to),
            Kind::Directory => {
                self.make_directory(to, false)?;
                for (name, _) in self.list(from)? {
                    self.copy_all(&clean(from, &name), &clean(to, &name))?;
                }
                Ok(())
            }
        }
    }

    /// Makes a symbolic link at `path` that points to `target`.
    pub fn link(&self, target: &str, path: &str) -> Result<(), FileError> {
        let path = self.resolve(path, false)?;
        if self.entry(&path).is_some() {
            return Err(FileError::Exists);
        }
        self.put(&path, Kind::Link(target.to_owned()), 0o777)
    }

    /// Changes permission bits.
    pub fn set_mode(&self, path: &str, mode: u32) -> Result<(), FileError> {
        let path = self.resolve(path, true)?;
        let entry = self.entry(&path).ok_or(FileError::NotFound)?;
        let (mount, inner) = self.writable(&path)?;
        mount.volume.tree().put(&inner, entry.kind, mode, entry.modified);
        Ok(())
    }

    /// Sets the time of the last write to now, as `touch` does.
    pub fn touch(&self, path: &str) -> Result<(), FileError> {
        match self.read(path) {
            Ok(bytes) => self.write(path, bytes),
            Err(FileError::NotFound) => self.write(path, Bytes::new()),
            Err(error) => Err(error),
        }
    }

    /// Who mounts what, deepest last; the root is not among them.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts[1..]
    }
}

fn covers(mount: &str, path: &str) -> bool {
    mount == "/" || path == mount || path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
}

/// The directory that holds a clean path.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(at) => &path[..at],
    }
}

fn components(path: &str) -> Vec<String> {
    path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// `path`, taken from the directory `base`, absolute and without `.`, `..` and double slashes.
pub fn clean(base: &str, path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for name in base.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    format!("/{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn files(mounts: Vec<Mount>) -> Files {
        let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
        let mut root = Tree::new(clock.now());
        root.put("/etc/hostname", Kind::File("web\n".into()), 0o644, clock.now());
        root.put("/tmp", Kind::Directory, 0o1777, clock.now());
        Files::new(root, mounts, clock)
    }

    #[tokio::test]
    async fn files_are_written_listed_and_removed() {
        let files = files(vec![]);
        assert_eq!(files.read("/etc/../etc/hostname").unwrap(), "web\n");
        assert_eq!(files.write("/no/such", "x"), Err(FileError::NotFound));
        files.make_directory("/a/b", true).unwrap();
        files.write("/a/b/c", "1").unwrap();
        files.append("/a/b/c", b"2").unwrap();
        assert_eq!(files.text("/a/b/c").unwrap(), "12");
        assert_eq!(files.remove("/a", false), Err(FileError::NotEmpty));
        files.rename("/a", "/d").unwrap();
        assert_eq!(
            files.list("/").unwrap().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["d", "etc", "tmp"]
        );
        assert_eq!(files.text("/d/b/c").unwrap(), "12");
        assert_eq!(files.read("/etc/hostname/x"), Err(FileError::NotDirectory));
    }

    #[tokio::test]
    async fn a_volume_is_shared_and_links_lead_into_it() {
        let at = Timestamp::UNIX_EPOCH;
        let mut tree = Tree::new(at);
        tree.put("/..1/color", Kind::File("red".into()), 0o644, at);
        tree.put("/..data", Kind::Link("..1".into()), 0o777, at);
        tree.put("/color", Kind::Link("..data/color".into()), 0o777, at);
        let volume = Volume::new(tree);
        let mount = Mount { path: "/etc/config".into(), volume: volume.clone(), sub_path: "/".into(), read_only: true };
        let (one, other) = (files(vec![mount.clone()]), files(vec![mount]));
        assert_eq!(one.text("/etc/config/color").unwrap(), "red");
        assert_eq!(one.write("/etc/config/color", "blue"), Err(FileError::ReadOnly));
        assert!(one.list("/etc").unwrap().iter().any(|(name, _)| name == "config"));
        volume.tree().put("/..1/color", Kind::File("blue".into()), 0o644, at);
        assert_eq!(other.text("/etc/config/color").unwrap(), "blue");
    }
}
