//! Compares this crate with recordings of upstream's libraries. See `golden/README.md`.

use apimachinery::jsonpath::JsonPath;
use serde_json::{Value, json};

/// The recording, one answer a line.
fn recorded(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("the recording is JSON"))
        .collect()
}

fn answer<T: Into<Value>, E: ToString>(result: Result<T, E>) -> Value {
    match result {
        Ok(value) => json!({"ok": value.into()}),
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// All that differ, so that one run shows them all.
fn assert_none(differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn jsonpath_answers_as_upstream() {
    let input: Value =
        serde_json::from_str(include_str!("golden/jsonpath.in.json")).expect("the input is JSON");
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/jsonpath.out.jsonl")) {
        let template = case["in"].as_str().expect("a template");
        for (mode, allow, as_json) in [
            ("strict", false, false),
            ("relaxed", true, false),
            ("json", true, true),
        ] {
            let path = JsonPath::parse(template).map(|p| p.allow_missing_keys(allow).json_output(as_json));
            let ours = answer(path.and_then(|p| p.render(&input["data"])));
            // Where upstream panics there is nothing to be like.
            if case[mode].get("panic").is_none() && case[mode] != ours {
                differences.push(format!(
                    "{template} ({mode}):\n  upstream {}\n  ours     {ours}",
                    case[mode]
                ));
            }
        }
    }
    assert_none(&differences);
}
