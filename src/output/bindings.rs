//! Volatile values bound at first sight and held through a lesson.

use serde::Serialize;

/// What kind of volatile value a token is. A token only unifies with one of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// `5s`, `2m30s`, `3d4h`; never bound.
    Age,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A port of the range 30000-32767.
    NodePort,
    /// The random or hashed end of a generated name.
    Suffix,
    /// A UUID.
    Uid,
    /// A date with time; never bound.
    Timestamp,
    /// A node's name.
    Node,
    /// A resourceVersion.
    ResourceVersion,
    /// A container, image or request id: hexadecimal digits.
    Digest,
    /// `2.1s`, `182ms`; never bound.
    Duration,
    /// `72404038 bytes`, `15Mi`; never bound.
    Size,
    /// A number that counts what happened by chance; never bound.
    Number,
}

/// An expected literal and the observed one that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// Kind and number: `ip1`, `suffix2`.
    pub name: String,
    /// What it is.
    pub kind: TokenKind,
    /// The literal in the lesson.
    pub expected: String,
    /// The literal that the cluster printed.
    pub observed: String,
}

/// The bindings of a lesson so far. Clone it to try something and forget it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bindings {
    bound: Vec<Binding>,
}

impl Bindings {
    /// No bindings.
    pub fn new() -> Bindings {
        Bindings::default()
    }

    /// All bindings, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.bound.iter()
    }
}
