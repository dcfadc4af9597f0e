//! Compares this crate with recordings of upstream's libraries. See `golden/README.md`.

use apimachinery::jsonpath::JsonPath;
use apimachinery::patch::{create_three_way, create_two_way, json_patch, strategic, three_way_merge_json};
use apimachinery::quantity::Quantity;
use apimachinery::schema::PatchSchema;
use apimachinery::selector::LabelSelector;
use serde_json::{Value, json};

/// The recording, one answer a line.
fn recorded(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("the recording is JSON")).collect()
}

fn answer<T: Into<Value>, E: ToString>(result: Result<T, E>) -> Value {
    match result {
        Ok(value) => json!({"ok": value.into()}),
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// All that differ, so that one run shows them all.
fn assert_none(differences: &[String]) {
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn jsonpath_answers_as_upstream() {
    let input: Value = serde_json::from_str(include_str!("golden/jsonpath.in.json")).expect("the input is JSON");
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/jsonpath.out.jsonl")) {
        let template = case["in"].as_str().expect("a template");
        for (mode, allow, as_json) in [("strict", false, false), ("relaxed", true, false), ("json", true, true)] {
            let path = JsonPath::parse(template).map(|p| p.allow_missing_keys(allow).json_output(as_json));
            let ours = answer(path.and_then(|p| p.render(&input["data"])));
            // Where upstream panics there is nothing to be like.
            if case[mode].get("panic").is_none() && case[mode] != ours {
                differences.push(format!("{template} ({mode}):\n  upstream {}\n  ours     {ours}", case[mode]));
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
            differences.push(format!("{text:?}:\n  upstream {}\n  ours     {ours}", case["out"]));
        }
    }
    assert_none(&differences);
}

#[test]
fn quantities_answer_as_upstream() {
    let (more, less) = (Quantity::parse("1500m").expect("parses"), Quantity::parse("1Ki").expect("parses"));
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/quantity.out.jsonl")) {
        let text = case["in"].as_str().expect("a quantity");
        let mut upstream = case["out"].clone();
        let ours = answer(Quantity::parse(text).map(|q| {
            let numbers = [q.value(), q.milli_value()];
            for (i, number) in numbers.iter().enumerate().filter(|(_, n)| [i64::MIN, i64::MAX].contains(n)) {
                // Upstream's numbers overflow where ours stop.
                upstream["ok"][i + 1] = number.to_string().into();
            }
            let [value, milli] = numbers.map(|n| n.to_string());
            vec![q.to_string(), value, milli, (&q + &more).to_string(), (&q - &less).to_string()]
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
            differences.push(format!("{}:\n  upstream {}\n  ours     {ours}", case["in"], case["out"]));
        }
    }
    assert_none(&differences);
}

/// Whether our answer is upstream's. Of errors, which of several comes first depends on the order of Go's maps, and
/// the patch in the text of a conflict is YAML; that both refuse is what counts.
fn agree(upstream: &Value, ours: &Value) -> bool {
    upstream == ours
        || upstream.get("panic").is_some()
        || (upstream.get("error").is_some() && ours.get("error").is_some())
}

#[test]
fn strategic_merge_patches_are_upstreams() {
    let longer = std::env::var("STRATEGIC_RECORDING").ok();
    let longer = longer.map(|path| std::fs::read_to_string(path).expect("the longer recording"));
    let mut differences = Vec::new();
    for case in recorded(longer.as_deref().unwrap_or(include_str!("golden/strategic.out.jsonl"))) {
        let input = &case["in"];
        let part = |name: &str| input.get(name).unwrap_or(&Value::Null);
        let (original, modified, current) = (part("Original"), part("Modified"), part("Current"));
        let kind = input["kind"].as_str().expect("a kind");
        let api_version = if kind == "Deployment" { "apps/v1" } else { "v1" };
        let schema = PatchSchema::for_kind(api_version, kind).expect("a built-in kind");
        let three_way = create_three_way(original, modified, current, &schema, true);
        let mut compare = |what: &str, ours: Value| {
            if !agree(&case[what], &ours) {
                differences.push(format!("{what} of {input}:\n  upstream {}\n  ours     {ours}", case[what]));
            }
        };
        if input.get("Patch").is_some() {
            compare("apply", answer(strategic(original, part("Patch"), &schema)));
            continue;
        }
        compare("twoWay", answer(create_two_way(current, modified, &schema)));
        compare("threeWay", answer(three_way.clone()));
        compare("careful", answer(create_three_way(original, modified, current, &schema, false)));
        if let Ok(patch) = three_way {
            compare("apply", answer(strategic(current, &patch, &schema)));
        }
    }
    assert_none(&differences);
}

#[test]
fn json_patches_are_upstreams() {
    let input: Value = serde_json::from_str(include_str!("golden/json_patch.in.json")).expect("the input is JSON");
    let mut differences = Vec::new();
    for case in recorded(include_str!("golden/json_patch.out.jsonl")) {
        let mut document = input["data"].clone();
        let ours = answer(json_patch(&mut document, &case["in"]).map(|()| document));
        if case["out"].get("panic").is_none() && ours != case["out"] {
            differences.push(format!("{}:\n  upstream {}\n  ours     {ours}", case["in"], case["out"]));
        }
    }
    assert_none(&differences);
}
