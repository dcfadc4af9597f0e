//! The data files of this room, read once.

use super::unify::Hint;
use regex::Regex;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::LazyLock;

fn data<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> T {
    // Compiled in, and read by the test of this module.
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("src/output/data/{name}: {error}"))
}

/// `columns.yaml`.
#[derive(Deserialize)]
struct Columns {
    age: HashSet<String>,
    node: HashSet<String>,
    restarts: HashSet<String>,
    free: HashSet<String>,
    free_of_nodes: HashSet<String>,
}

static COLUMNS: LazyLock<Columns> = LazyLock::new(|| data("columns.yaml", include_str!("data/columns.yaml")));

/// What the header of a column says about its cells.
pub(super) fn column(header: &str, of_nodes: bool) -> Hint {
    let header = header.to_uppercase();
    match () {
        _ if COLUMNS.age.contains(&header) => Hint::Age,
        _ if COLUMNS.node.contains(&header) || of_nodes && header == "NAME" => Hint::Node,
        _ if COLUMNS.restarts.contains(&header) => Hint::Restarts,
        _ if COLUMNS.free.contains(&header) || of_nodes && COLUMNS.free_of_nodes.contains(&header) => Hint::Free,
        _ => Hint::None,
    }
}

/// `fields.yaml`.
#[derive(Deserialize)]
struct Fields {
    uid: HashSet<String>,
    resource_version: HashSet<String>,
    node: HashSet<String>,
    free: HashSet<String>,
    hash: HashSet<String>,
    ignored: HashSet<String>,
}

static FIELDS: LazyLock<Fields> = LazyLock::new(|| data("fields.yaml", include_str!("data/fields.yaml")));

/// What the name of a field says about its value.
pub(super) fn field(name: &str) -> Hint {
    match () {
        _ if FIELDS.uid.contains(name) => Hint::Uid,
        _ if FIELDS.resource_version.contains(name) => Hint::ResourceVersion,
        _ if FIELDS.node.contains(name) => Hint::Node,
        _ if FIELDS.free.contains(name) => Hint::Free,
        _ if FIELDS.hash.contains(name) => Hint::Hash,
        _ => Hint::None,
    }
}

/// Whether a field is none of a lesson's business.
pub(super) fn is_ignored_field(name: &str) -> bool {
    FIELDS.ignored.contains(name)
}

/// `benign.yaml`, compiled.
struct Benign {
    notes: Vec<Regex>,
    greetings: Vec<Regex>,
}

static BENIGN: LazyLock<Benign> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Sources {
        notes: Vec<String>,
        greetings: Vec<String>,
    }
    let sources: Sources = data("benign.yaml", include_str!("data/benign.yaml"));
    // Compiled in, and compiled by the test of this module.
    let compile =
        |source: &String| Regex::new(&format!(r"\A(?:{source})")).unwrap_or_else(|error| panic!("{source}: {error}"));
    Benign {
        notes: sources.notes.iter().map(compile).collect(),
        greetings: sources.greetings.iter().map(compile).collect(),
    }
});

/// Whether a line of standard error may be left out by a page.
pub(super) fn is_benign(line: &str) -> bool {
    line.trim().is_empty() || BENIGN.notes.iter().any(|pattern| pattern.is_match(line)) || is_greeting(line)
}

/// Whether kubectl greets with this line when it opens a session.
pub(super) fn is_greeting(line: &str) -> bool {
    BENIGN.greetings.iter().any(|pattern| pattern.is_match(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_reads() {
        assert_eq!(column("Last Seen", false), Hint::Age);
        assert_eq!(column("NAME", true), Hint::Node);
        assert_eq!(column("NAME", false), Hint::None);
        assert_eq!(field("resourceVersion"), Hint::ResourceVersion);
        assert!(is_ignored_field("managedFields"));
        assert!(is_benign("Warning: this is old") && !is_benign("Error from server"));
    }
}
