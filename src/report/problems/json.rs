//! `lint --output json`, version 1.

use crate::lesson::{Problem, code};
use serde_json::{Value, json};

/// All problems as one JSON document.
pub fn render(problems: &[Problem]) -> String {
    let entries: Vec<Value> = problems.iter().map(entry).collect();
    let document =
        json!({ "version": 1, "tool": concat!("kubectl-lesson ", env!("CARGO_PKG_VERSION")), "problems": entries });
    format!("{document:#}\n")
}

fn entry(problem: &Problem) -> Value {
    json!({
        "file": problem.file.display().to_string(),
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "name": code(&problem.code).map(|code| code.name.as_str()),
        "severity": super::word(problem.severity),
        "message": problem.message,
        "help": problem.help,
    })
}
