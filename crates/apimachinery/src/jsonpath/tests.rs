//! What the recordings of upstream (`tests/golden.rs`) cannot show: the order of maps, `find`, and that nothing panics.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn render(template: &str, object: &Value) -> String {
    JsonPath::parse(template).and_then(|p| p.render(object)).expect("renders")
}

#[test]
fn maps_are_walked_in_the_order_of_their_keys() {
    let object = json!({"b": "2", "a": {"d": "4", "c": "3"}});
    assert_eq!(render("{.a.*}", &object), "3 4");
    assert_eq!(render("{..}", &object), r#"{"a":{"c":"3","d":"4"},"b":"2"} {"c":"3","d":"4"} 3 4 2"#);
    assert_eq!(render("{range .a.*}{@},{end}", &object), "3,4,");
}

#[test]
fn find_tells_what_each_action_found() {
    let path = JsonPath::parse("{.a[*].x}-{.n}").expect("parses").allow_missing_keys(true);
    let found = path.find(&json!({"a": [{"x": 1}, {"x": {"y": null}}]})).expect("evaluates");
    assert_eq!(found, [vec![json!(1), json!({"y": null})], vec![json!("-")], vec![]]);
}

#[test]
fn a_parsed_template_can_be_used_again() {
    let path = JsonPath::parse("{range .a[*]}{@} {end}!").expect("parses");
    let object = json!({"a": [1, 2]});
    assert_eq!(path.render(&object).as_deref(), Ok("1 2 !"));
    assert_eq!(path.render(&object).as_deref(), Ok("1 2 !"));
}

#[test]
fn relaxed_paths_are_completed() {
    for (path, complete) in [
        ("", Ok("")),
        ("metadata.name", Ok("{.metadata.name}")),
        (".metadata.name", Ok("{.metadata.name}")),
        ("{metadata.name}", Ok("{.metadata.name}")),
        ("{.metadata.name}", Ok("{.metadata.name}")),
        (".items[?(@.a==\"b\")].c", Ok("{.items[?(@.a==\"b\")].c}")),
        (
            "{.a",
            Err(
                "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
            ),
        ),
    ] {
        let ours = relaxed(path).map_err(|e| e.to_string());
        assert_eq!(ours, complete.map(str::to_string).map_err(str::to_string), "{path}");
    }
}

#[test]
fn deep_templates_are_refused_rather_than_fatal() {
    let template = "{range @}".repeat(50_000);
    let path = JsonPath::parse(&template).expect("parses");
    assert_eq!(path.render(&json!({})), Err(JsonPathError::new("ranges are nested too deeply")));
}

proptest! {
    #[test]
    fn no_template_makes_it_panic(template in r#"(\{|\}|\[|\]|\.|\.\.|\*|\?\(|@|\)|,|:|-|[0-9]|a|b|é|'|"|\\|==|<| |range |end|\[\?\(@\.a==|\n){0,24}"#) {
        let object = json!({"a": [{"a": 1, "b": "x"}, null, 2.5], "b": {"a": []}, "é": "日本"});
        for allow in [true, false] {
            if let Ok(path) = JsonPath::parse(&template) {
                let _ = path.allow_missing_keys(allow).render(&object);
            }
        }
    }
}
