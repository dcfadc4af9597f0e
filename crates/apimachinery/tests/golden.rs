//! Compares this crate with recordings of upstream's libraries. See `golden/README.md`.

use apimachinery::jsonpath::JsonPath;
use apimachinery::patch::three_way_merge_json;
use apimachinery::quantity::Quantity;
use apimachinery::selector::LabelSelector;
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

#[test]
fn label_selectors_answer_as_upstream() {
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/selector.out.jsonl")) {
        let text = case["in"].as_str().expect("a selector");
        let ours = answer(LabelSelector::parse(text).map(|s| s.to_string()));
        if ours != case["out"] {
            differences.push(format!(
                "{text:?}:\n  upstream {}\n  ours     {ours}",
                case["out"]
            ));
        }
    }
    assert_none(&differences);
}

#[test]
fn quantities_answer_as_upstream() {
    let (more, less) = (
        Quantity::parse("1500m").expect("parses"),
        Quantity::parse("1Ki").expect("parses"),
    );
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/quantity.out.jsonl")) {
        let text = case["in"].as_str().expect("a quantity");
        let mut upstream = case["out"].clone();
        let ours = answer(Quantity::parse(text).map(|q| {
            let numbers = [q.value(), q.milli_value()];
            for (i, number) in numbers
                .iter()
                .enumerate()
                .filter(|(_, n)| [i64::MIN, i64::MAX].contains(n))
            {
                // Upstream's numbers overflow where ours stop.
                upstream["ok"][i + 1] = number.to_string().into();
            }
            let [value, milli] = numbers.map(|n| n.to_string());
            vec![
                q.to_string(),
                value,
                milli,
                (&q + &more).to_string(),
                (&q - &less).to_string(),
            ]
        }));
        if ours != upstream {
            differences.push(format!("{text:?}:\n  upstream {upstream}\n  ours     {ours}"));
        }
    }
    assert_none(&differences);
}

#[test]
fn three_way_merge_patches_are_upstreams() {
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/three_way.out.jsonl")) {
        let [original, modified, current] = [0, 1, 2].map(|i| &case["in"][i]);
        let ours = answer(three_way_merge_json(original, modified, current));
        if ours != case["out"] {
            differences.push(format!(
                "{}:\n  upstream {}\n  ours     {ours}",
                case["in"], case["out"]
            ));
        }
    }
    assert_none(&differences);
}
