//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), for code scanning.

use crate::lesson::{Code, Problem, codes};
use serde_json::{Value, json};

/// All problems as one run.
pub fn render(problems: &[Problem]) -> String {
    let used: Vec<&Code> =
        codes().iter().filter(|code| problems.iter().any(|problem| problem.code == code.code)).collect();
    let rules: Vec<Value> = used.iter().map(|code| rule(code)).collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(problem, &used)).collect();
    let driver = json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": rules,
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    });
    format!("{document:#}\n")
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.code,
        "name": code.name,
        "shortDescription": { "text": code.name.replace('-', " ") },
        "fullDescription": { "text": code.why },
        "help": { "text": format!("{}\n\nInstead of\n\n{}\nwrite\n\n{}", code.why, code.mistake, code.mend) },
        "defaultConfiguration": { "level": code.severity },
    })
}

fn result(problem: &Problem, used: &[&Code]) -> Value {
    let text = match &problem.help {
        Some(help) => format!("{} ({help})", problem.message),
        None => problem.message.clone(),
    };
    json!({
        "ruleId": problem.code,
        "ruleIndex": used.iter().position(|code| code.code == problem.code),
        "level": super::word(problem.severity),
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": problem.file.display().to_string() },
                "region": { "startLine": problem.line, "startColumn": problem.column },
            },
        }],
    })
}
