//! The expected texts were written by sigs.k8s.io/yaml.

use super::to_string;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn shapes() {
    let value = json!({"metadata": {"name": "web", "labels": {}}, "spec": {"ports": [{"name": "http", "port": 80}], "args": [], "nested": [["a", "b"], []]}});
    assert_eq!(
        to_string(&value),
        "metadata:\n  labels: {}\n  name: web\nspec:\n  args: []\n  nested:\n  - - a\n    - b\n  - []\n  ports:\n  - name: http\n    port: 80\n"
    );
    assert_eq!(to_string(&json!([1, null, true])), "- 1\n- null\n- true\n");
    assert_eq!(to_string(&json!({})), "{}\n");
}

#[test]
fn quoting() {
    for (text, written) in [
        ("web", "web"),
        ("", "\"\""),
        ("true", "\"true\""),
        ("y", "\"y\""),
        ("1.5", "\"1.5\""),
        ("0644", "\"0644\""),
        ("1e3", "\"1e3\""),
        ("12:30", "\"12:30\""),
        ("2024-01-02T03:04:05Z", "\"2024-01-02T03:04:05Z\""),
        ("2024-01-02", "\"2024-01-02\""),
        ("10.0.0.1", "10.0.0.1"),
        ("nginx:1.27", "nginx:1.27"),
        ("a: b", "'a: b'"),
        ("- x", "'- x'"),
        ("-x", "-x"),
        ("*", "'*'"),
        ("it's", "it's"),
        ("'q'", "'''q'''"),
        ("a #b", "'a #b'"),
        ("tab\there", "\"tab\\there\""),
        (" lead", "' lead'"),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\nb", "|-\n  a\n  b"),
        ("a\n\n", "|+\n  a\n"),
        ("a \nb", "\"a \\nb\""),
        ("é", "é"),
        ("😀", "\"\\U0001F600\""),
    ] {
        assert_eq!(to_string(&json!({"k": text})), format!("k: {written}\n"), "{text:?}");
    }
}

#[test]
fn folding() {
    let text = "word ".repeat(30);
    let expected = "k: word word word word word word word word word word word word word word word word\n  word word word word word word word word word word word word word word\n";
    assert_eq!(to_string(&json!({"k": text.trim()})), expected);
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ -~\n\t]{0,100}", "[a-z:# '\"\\-\n]{0,20}", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z0-9./-]{0,12}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(value in any_value()) {
        let text = to_string(&value);
        let read = crate::resource::parse_yaml(&text);
        prop_assert_eq!(read.as_ref(), Ok(&value), "{}", text);
    }
}
