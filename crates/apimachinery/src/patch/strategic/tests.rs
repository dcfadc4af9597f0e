//! What a strategic merge patch is for, and its laws. That it is upstream's, `tests/golden.rs` shows.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn schema(kind: &str) -> PatchSchema {
    let api_version = if kind == "Deployment" { "apps/v1" } else { "v1" };
    PatchSchema::for_kind(api_version, kind).expect("a built-in kind")
}

fn patched(kind: &str, original: Value, patch: Value) -> Value {
    strategic(&original, &patch, &schema(kind)).expect("applies")
}

fn containers(list: Value) -> Value {
    json!({"spec": {"containers": list}})
}

#[test]
fn lists_merge_by_their_key_and_others_are_replaced() {
    let before = containers(json!([{"name": "web", "image": "nginx:1", "args": ["a"]}, {"name": "log"}]));
    let patch = containers(json!([{"name": "web", "image": "nginx:2", "args": ["b"]}, {"name": "new"}]));
    let after = containers(json!([
        {"name": "web", "image": "nginx:2", "args": ["b"]}, {"name": "new"}, {"name": "log"}
    ]));
    assert_eq!(patched("Pod", before, patch), after);
}

#[test]
fn directives_delete_replace_and_order() {
    let before = || containers(json!([{"name": "a", "image": "x"}, {"name": "b"}, {"name": "c"}]));
    let after = |patch: Value| patched("Pod", before(), json!({"spec": patch}))["spec"]["containers"].clone();
    assert_eq!(
        after(json!({"containers": [{"name": "b", "$patch": "delete"}]})),
        json!([{"name": "a", "image": "x"}, {"name": "c"}])
    );
    assert_eq!(after(json!({"containers": [{"name": "d"}, {"$patch": "replace"}]})), json!([{"name": "d"}]));
    assert_eq!(
        after(json!({"containers": [{"name": "a", "$patch": "replace"}]})),
        json!([]),
        "replaces the list, not the item"
    );
    assert_eq!(
        after(json!({"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}]})),
        json!([{"name": "b"}, {"name": "c"}, {"name": "a", "image": "x"}])
    );
    let finalizers = json!({"metadata": {"finalizers": ["a", "b", "c"]}});
    let patch = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["b"]}});
    assert_eq!(patched("Pod", finalizers, patch), json!({"metadata": {"finalizers": ["a", "c"]}}));
}

#[test]
fn retain_keys_drops_what_excludes_the_new() {
    let before = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let after = json!({"spec": {"strategy": {"type": "Recreate"}}});
    let patch = create_two_way(&before, &after, &schema("Deployment")).expect("differs");
    assert_eq!(
        patch,
        json!({"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": null, "type": "Recreate"}}})
    );
    assert_eq!(patched("Deployment", before, patch), after);
}

#[test]
fn apply_leaves_alone_what_others_set_and_removes_what_is_no_longer_said() {
    let last = json!({"spec": {"replicas": 1, "template": containers(json!([{"name": "web", "image": "a"}, {"name": "old"}]))}});
    let file = json!({"spec": {"template": containers(json!([{"name": "web", "image": "b"}]))}});
    let live = json!({"spec": {"replicas": 1, "paused": true, "template": containers(json!([
        {"name": "web", "image": "a", "imagePullPolicy": "Always"}, {"name": "old"}, {"name": "injected"}
    ]))}});
    let patch = create_three_way(&last, &file, &live, &schema("Deployment"), true).expect("no conflict");
    let after = strategic(&live, &patch, &schema("Deployment")).expect("applies");
    let expected = json!({"spec": {"paused": true, "template": containers(json!([
        {"name": "web", "image": "b", "imagePullPolicy": "Always"}, {"name": "injected"}
    ]))}});
    assert_eq!(after, expected);
}

#[test]
fn others_changes_are_a_conflict_unless_overwritten() {
    let (last, file, live) = (json!({"data": {"a": "1"}}), json!({"data": {"a": "2"}}), json!({"data": {"a": "3"}}));
    let schema = schema("ConfigMap");
    assert_eq!(create_three_way(&last, &file, &live, &schema, true), Ok(json!({"data": {"a": "2"}})));
    assert!(matches!(create_three_way(&last, &file, &live, &schema, false), Err(PatchError::Conflict { .. })));
}

#[test]
fn errors_are_upstreams() {
    let error = |patch: Value| {
        let before = containers(json!([{"name": "a"}]));
        strategic(&before, &patch, &schema("Pod")).expect_err("is refused").to_string()
    };
    assert_eq!(
        error(containers(json!([{"image": "x"}]))),
        "map: map[image:x] does not contain declared merge key: name"
    );
    assert_eq!(error(json!({"$patch": "no"})), "unknown patch type: no in map: map[$patch:no]");
    assert_eq!(
        error(json!({"spec": {"$setElementOrder/containers": "x"}})),
        "expected a []interface {}, but received a string"
    );
    assert_eq!(error(json!([])), "invalid JSON document");
}

/// A Pod with containers, environment and finalizers, each with a key of its own.
fn pod() -> impl Strategy<Value = Value> {
    let env = prop::collection::btree_map("[A-C]", "[1-2]", 0..3)
        .prop_map(|m| m.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Value>());
    let container = ("[x-z]", env).prop_map(|(image, env)| json!({"image": image, "env": env}));
    let containers = prop::collection::btree_map("[a-d]", container, 0..4).prop_map(|m| {
        m.into_iter()
            .map(|(name, mut container)| {
                container["name"] = name.into();
                container
            })
            .collect::<Vec<_>>()
    });
    let finalizers = prop::collection::btree_set("[a-d]", 0..4);
    let labels = prop::collection::btree_map("[a-c]", "[1-2]", 0..3);
    (containers.prop_shuffle(), finalizers, labels).prop_map(|(containers, finalizers, labels)| {
        json!({"metadata": {"finalizers": finalizers, "labels": labels}, "spec": {"containers": containers}})
    })
}

proptest! {
    #[test]
    fn a_two_way_patch_leads_there(a in pod(), b in pod()) {
        let schema = schema("Pod");
        let patch = create_two_way(&a, &b, &schema).expect("differs");
        let after = strategic(&a, &patch, &schema).expect("applies");
        prop_assert_eq!(&after["spec"], &b["spec"]);
        prop_assert_eq!(&after["metadata"]["labels"], &b["metadata"]["labels"]);
        prop_assert_eq!(create_two_way(&after, &after, &schema), Ok(json!({})));
    }

    #[test]
    fn applying_the_same_again_changes_nothing(last in pod(), file in pod(), live in pod()) {
        let schema = schema("Pod");
        let patch = create_three_way(&last, &file, &live, &schema, true).expect("no conflict");
        let once = strategic(&live, &patch, &schema).expect("applies");
        let again = create_three_way(&file, &file, &once, &schema, true).expect("no conflict");
        let twice = strategic(&once, &again, &schema).expect("applies");
        prop_assert_eq!(&once["spec"], &twice["spec"]);
        prop_assert_eq!(&once["metadata"]["labels"], &twice["metadata"]["labels"]);
    }
}
