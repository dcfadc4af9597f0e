//! The columns of tables, recorded from the real API server (`scripts/record.sh`).

use serde_json::{Value, json};

/// `columnDefinitions` of a resource's table, by the resource's name in this crate.
pub fn columns(resource: &str) -> Value {
    let line = |line: &'static str| {
        let (name, columns) = line.split_once('\t')?;
        (name == resource).then_some(columns)
    };
    let found = include_str!("../../data/columns.tsv").lines().find_map(line);
    // The file is made by a script that prints JSON; a resource that it lacks has a table without columns.
    found.and_then(|columns| serde_json::from_str(columns).ok()).unwrap_or_else(|| json!([]))
}
