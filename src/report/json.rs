//! `verify --output json`: the shape of [`RunResult`], version 1.

use crate::runner::RunResult;

/// The report as indented JSON, ending with a line end.
pub fn render(run: &RunResult) -> String {
    // plain data with string keys: nothing in it can fail to serialise
    let mut text = serde_json::to_string_pretty(run).expect("results are plain data");
    text.push('\n');
    text
}
