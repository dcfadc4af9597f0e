//! Trees of files, and the volumes that hold them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use super::files::{clean, parent};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory; its entries are the paths below it.
    Directory,
    /// A file and what is in it.
    File(Bytes),
    /// A symbolic link and where it points.
    Link(String),
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, as `chmod` takes them.
    pub mode: u32,
    /// When it was last written.
    pub modified: Timestamp,
}

/// A tree of files: the root of a container, or a volume. Paths are absolute and clean.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
}

impl Tree {
    /// A tree that holds nothing but its root.
    pub fn new(at: Timestamp) -> Self {
        let root = Entry { kind: Kind::Directory, mode: 0o755, modified: at };
        Self { entries: BTreeMap::from([("/".to_owned(), root)]) }
    }

    /// Puts an entry at `path`, and the directories above it where they are missing.
    pub fn put(&mut self, path: &str, kind: Kind, mode: u32, at: Timestamp) {
        let path = clean("/", path);
        let mut above = parent(&path);
        while above != "/" && !self.entries.contains_key(above) {
            self.entries.insert(above.to_owned(), Entry { kind: Kind::Directory, mode: 0o755, modified: at });
            above = parent(above);
        }
        self.entries.insert(path, Entry { kind, mode, modified: at });
    }

    /// The entry at a clean path, links not followed.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Names and entries right below a directory.
    pub fn children(&self, path: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        let length = prefix.len();
        self.entries
            .range(prefix.clone()..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .filter(move |(path, _)| path.len() > length && !path[length..].contains('/'))
            .map(move |(path, entry)| (&path[length..], entry))
    }

    /// Removes an entry and all below it.
    pub fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.entries.retain(|at, _| at != path && !at.starts_with(&below));
    }
}

/// A tree that several containers may mount.
#[derive(Clone, Debug)]
pub struct Volume(Arc<Mutex<Tree>>);

impl Volume {
    /// A volume that holds `tree`.
    pub fn new(tree: Tree) -> Self {
        Self(Arc::new(Mutex::new(tree)))
    }

    /// Puts another tree in its place: what mounts it sees the new files at once.
    pub fn replace(&self, tree: Tree) {
        *self.tree() = tree;
    }

    /// The tree itself, held while it is looked at.
    pub fn tree(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
