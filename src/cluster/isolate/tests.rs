//! What the API gets, and what the lesson sees of its answers.

use super::filter::{Events, document};
use super::names::Names;
use super::policy::{Decision, decide};
use super::target::Target;
use super::*;
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use serde_json::{Value, json};

const REAL: &str = "lesson-x7k2p9";

fn names() -> Names {
    Names::new(REAL, "2026-01-01T00:00:00Z", "host:1")
}

fn sent(method: &str, uri: &str, body: Value) -> (String, Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string().into_bytes()) };
    let request = Request::builder().method(method).uri(uri).body(body).expect("a request");
    let target = Target::of(&request).expect("a resource");
    let translated = futures::executor::block_on(request::translate(request, &target, &names())).expect("translated");
    let uri = translated.uri().to_string();
    let bytes = futures::executor::block_on(translated.into_body().collect_bytes()).expect("bytes");
    (uri, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn path(uri: &str) -> String {
    sent("GET", uri, Value::Null).0
}

fn body(value: Value) -> Value {
    sent("POST", "/api/v1/namespaces/default/pods", value).1
}

fn target(method: &str, uri: &str) -> Target {
    Target::of(&Request::builder().method(method).uri(uri).body(Body::empty()).expect("a request")).expect("a resource")
}

/// An answer that comes in pieces of this many bytes.
fn shown_in(pieces: usize, answer: &str) -> String {
    let replacer = body::Replacer::new(&names());
    let mut rest = BytesMut::new();
    let mut shown = Vec::new();
    for piece in answer.as_bytes().chunks(pieces) {
        rest.extend_from_slice(piece);
        shown.extend_from_slice(&replacer.take(&mut rest, false));
    }
    shown.extend_from_slice(&replacer.take(&mut rest, true));
    String::from_utf8(shown).expect("text")
}

fn shown(answer: &str) -> String {
    shown_in(answer.len().max(1), answer)
}

#[test]
fn paths() {
    assert_eq!(path("/api/v1/namespaces/default/pods/web"), "/api/v1/namespaces/lesson-x7k2p9/pods/web");
    assert_eq!(
        path("/apis/apps/v1/namespaces/default/deployments/web/scale"),
        "/apis/apps/v1/namespaces/lesson-x7k2p9/deployments/web/scale"
    );
    assert_eq!(path("/api/v1/namespaces/default"), "/api/v1/namespaces/lesson-x7k2p9");
    assert_eq!(path("/api/v1/namespaces/team-blue/pods"), "/api/v1/namespaces/team-blue-of-lesson-x7k2p9/pods");
    assert_eq!(path("/api/v1/namespaces/kube-system/pods"), "/api/v1/namespaces/kube-system/pods");
    assert_eq!(path("/api/v1/pods?limit=500"), "/api/v1/pods?limit=500");
    assert_eq!(path("/api/v1/nodes/default"), "/api/v1/nodes/default");
}

#[test]
fn selectors() {
    assert_eq!(
        path("/api/v1/events?fieldSelector=involvedObject.namespace%3Ddefault%2CinvolvedObject.name%21%3Ddefault"),
        "/api/v1/events?fieldSelector=involvedObject.namespace%3Dlesson-x7k2p9%2CinvolvedObject.name%21%3Ddefault"
    );
    assert_eq!(
        path("/api/v1/pods?fieldSelector=metadata.namespace%21%3Dkube-system"),
        "/api/v1/pods?fieldSelector=metadata.namespace%21%3Dkube-system"
    );
    assert_eq!(
        path("/api/v1/namespaces?fieldSelector=metadata.name%3Ddefault"),
        "/api/v1/namespaces?fieldSelector=metadata.name%3Dlesson-x7k2p9"
    );
    assert_eq!(
        path("/api/v1/namespaces?labelSelector=kubernetes.io%2Fmetadata.name%3Ddefault"),
        "/api/v1/namespaces?labelSelector=kubernetes.io%2Fmetadata.name%3Dlesson-x7k2p9"
    );
}

#[test]
fn commands_of_exec() {
    assert_eq!(
        path("/api/v1/namespaces/default/pods/web/exec?command=curl&command=demo.default&stdout=true"),
        "/api/v1/namespaces/lesson-x7k2p9/pods/web/exec?command=curl&command=demo.lesson-x7k2p9&stdout=true"
    );
    assert_eq!(
        path("/api/v1/namespaces/default/pods/web/exec?command=cat&command=web.default"),
        "/api/v1/namespaces/lesson-x7k2p9/pods/web/exec?command=cat&command=web.default"
    );
    assert_eq!(
        typed("curl -s http://demo.default.svc.cluster.local/x; cat a.default\n", &names()),
        "curl -s http://demo.lesson-x7k2p9.svc.cluster.local/x; cat a.default\n"
    );
    assert_eq!(typed("nslookup demo.default\n", &names()), "nslookup demo.lesson-x7k2p9\n");
}

#[test]
fn places_in_objects() {
    assert_eq!(
        body(json!({"metadata": {"name": "default", "namespace": "default"}})),
        json!({"metadata": {"name": "default", "namespace": REAL}})
    );
    assert_eq!(
        body(json!({"subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]})),
        json!({"subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": REAL}]})
    );
    assert_eq!(
        body(json!({"webhooks": [{"clientConfig": {"service": {"namespace": "default", "name": "hook"}}}]})),
        json!({"webhooks": [{"clientConfig": {"service": {"namespace": REAL, "name": "hook"}}}]})
    );
    assert_eq!(
        body(
            json!({"spec": {"user": "system:serviceaccount:default:x", "resourceAttributes": {"namespace": "default"}}})
        ),
        json!({"spec": {"user": "system:serviceaccount:lesson-x7k2p9:x", "resourceAttributes": {"namespace": REAL}}})
    );
    assert_eq!(
        body(json!({"podAffinityTerm": {"namespaces": ["default", "kube-system"]}})),
        json!({"podAffinityTerm": {"namespaces": [REAL, "kube-system"]}})
    );
    assert_eq!(
        body(json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}})),
        json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": REAL}}})
    );
    assert_eq!(
        body(json!([{"op": "replace", "path": "/subjects/0/namespace", "value": "default"}])),
        json!([{"op": "replace", "path": "/subjects/0/namespace", "value": REAL}])
    );
    assert_eq!(
        body(json!({"data": {"namespace": "default", "url": "http://demo.default.svc.cluster.local:80"}})),
        json!({"data": {"namespace": "default", "url": "http://demo.lesson-x7k2p9.svc.cluster.local:80"}})
    );
    assert_eq!(
        body(json!({"args": ["nslookup", "demo.default"], "serviceAccountName": "default", "x": "namespace"})),
        json!({"args": ["nslookup", "demo.lesson-x7k2p9"], "serviceAccountName": "default", "x": "namespace"})
    );
}

#[test]
fn a_namespace_of_the_lesson_is_marked() {
    let (uri, value) =
        sent("POST", "/api/v1/namespaces", json!({"kind": "Namespace", "metadata": {"name": "team-blue"}}));
    assert_eq!(uri, "/api/v1/namespaces");
    assert_eq!(value["metadata"]["name"], "team-blue-of-lesson-x7k2p9");
    assert_eq!(
        value["metadata"]["labels"],
        json!({"app.kubernetes.io/managed-by": "kubectl-lesson", "kubectl-lesson/run": REAL})
    );
    let answer = document(value.to_string().into(), &target("POST", "/api/v1/namespaces"), &names());
    assert_eq!(
        serde_json::from_slice::<Value>(&answer).expect("json"),
        json!({"kind": "Namespace", "metadata": {"name": "team-blue"}})
    );
}

#[test]
fn answers_are_shown_in_the_lessons_names() {
    assert_eq!(shown(r#"services "x" not found in lesson-x7k2p9"#), r#"services "x" not found in default"#);
    assert_eq!(shown("demo.lesson-x7k2p9.svc.cluster.local"), "demo.default.svc.cluster.local");
    assert_eq!(shown(r#"namespaces "team-of-x-of-lesson-x7k2p9" not found"#), r#"namespaces "team-of-x" not found"#);
    assert_eq!(shown("lesson-x7k2p9lesson-x7k2p9"), "defaultdefault");
    assert_eq!(shown("lesson-x7k2p"), "lesson-x7k2p");
}

#[test]
fn names_are_found_across_the_pieces_of_a_stream() {
    let answer = "a-of-lesson-x7k2p9 b-of-lesson-x7k lesson-x7k2p9-of- lesson-lesson-x7k2p9";
    let whole = shown(answer);
    assert_eq!(whole, "a b-of-lesson-x7k default-of- lesson-default");
    for pieces in 1..answer.len() {
        assert_eq!(shown_in(pieces, answer), whole, "in pieces of {pieces}");
    }
}

#[test]
fn a_list_across_namespaces_shows_what_the_lesson_sees() {
    let item = |namespace: &str, name: &str| json!({"metadata": {"namespace": namespace, "name": name}});
    let all = json!({"kind": "PodList", "items": [
        item("default", "others"), item("kube-system", "coredns"), item(REAL, "web"),
        item("team-blue-of-lesson-x7k2p9", "db"), item("team-blue-of-lesson-abcdef", "other")]});
    let seen = document(all.to_string().into(), &target("GET", "/api/v1/pods"), &names());
    assert_eq!(
        serde_json::from_slice::<Value>(&seen).expect("json")["items"],
        json!([item("default", "web"), item("kube-system", "coredns"), item("team-blue", "db")])
    );
}

#[test]
fn the_list_of_namespaces_is_that_of_a_fresh_cluster() {
    let row = |name: &str| json!({"cells": [name, "Active"], "object": {"metadata": {"name": name, "labels": {"kubectl-lesson/run": REAL}}}});
    let rows = ["ctl", "default", "kube-system", REAL, "a-of-lesson-x7k2p9"].map(row);
    let table = json!({"kind": "Table", "rows": rows});
    let seen = document(table.to_string().into(), &target("GET", "/api/v1/namespaces"), &names());
    let seen: Value = serde_json::from_slice(&seen).expect("json");
    let cells: Vec<&Value> = seen["rows"].as_array().expect("rows").iter().map(|row| &row["cells"][0]).collect();
    assert_eq!(cells, ["a", "default", "kube-system"]);
    assert_eq!(seen["rows"][0]["object"], json!({"metadata": {"name": "a"}}));
}

#[test]
fn a_watch_across_namespaces_keeps_the_columns_for_the_first_event_that_is_seen() {
    let mut events = Events::new(Arc::new(names()), target("GET", "/api/v1/pods?watch=true"));
    let event = |namespace: &str, columns: Value| {
        let row = json!({"cells": [], "object": {"metadata": {"namespace": namespace, "name": "x"}}});
        json!({"type": "ADDED", "object": {"kind": "Table", "columnDefinitions": columns, "rows": [row]}}).to_string()
    };
    assert_eq!(events.line(event("default", json!([{"name": "Name"}])).as_bytes()), Bytes::new());
    let seen: Value = serde_json::from_slice(&events.line(event(REAL, json!(null)).as_bytes())).expect("json");
    assert_eq!(seen["object"]["columnDefinitions"], json!([{"name": "Name"}]));
    assert_eq!(seen["object"]["rows"][0]["object"]["metadata"]["namespace"], "default");
}

#[test]
fn what_is_not_the_lessons_is_not_changed() {
    let decided = |method: &str, uri: &str| match decide(&target(method, uri), &Permissions::default()) {
        Decision::Allow => "allowed".to_owned(),
        Decision::IfOwn => "if own".to_owned(),
        Decision::Refuse(status) => status["message"].as_str().unwrap_or_default().to_owned(),
    };
    assert_eq!(decided("POST", "/api/v1/namespaces/default/pods"), "allowed");
    assert_eq!(decided("DELETE", "/api/v1/namespaces/team-blue"), "allowed");
    assert_eq!(decided("GET", "/api/v1/namespaces/kube-system/pods"), "allowed");
    assert_eq!(decided("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"), "allowed");
    assert_eq!(decided("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles"), "allowed");
    assert_eq!(decided("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin"), "if own");
    assert_eq!(
        decided("DELETE", "/api/v1/namespaces/default"),
        r#"namespaces "default" is forbidden: this namespace may not be deleted"#
    );
    assert!(decided("POST", "/api/v1/namespaces/kube-system/configmaps").contains("belongs to the cluster"));
    assert!(decided("PATCH", "/api/v1/nodes/node-1").contains("--allow-nodes"));
    assert!(decided("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterroles").contains("did not create it"));
    assert!(
        decided("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations")
            .contains("whole cluster")
    );
    assert!(decided("GET", "/api/v1/namespaces/kube-system/pods/x/exec?command=sh").contains("belongs to the cluster"));
}

/// Texts in which a namespace stands, and texts in which none does.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("default".to_owned()),
        "[a-z]{1,6}",
        "[a-z]{1,4}\\.(default|team-blue|kube-system)\\.svc(\\.cluster\\.local)?",
        "http://[a-z]{1,4}\\.default(:80)?(/[a-z]*)?",
        "system:serviceaccounts?:(default|team-blue)(:[a-z]{1,4})?",
        "kubectl -n (default|team-blue) get pods",
        ".{0,20}",
    ]
}

fn object() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "namespace",
        "namespaces",
        "name",
        "metadata",
        "data",
        "labels",
        "args",
        "kind",
        "key",
        "values",
        "kubernetes.io/metadata.name",
        "spec",
        "op",
        "path",
        "value",
    ]);
    let leaf = prop_oneof![text().prop_map(Value::from), any::<bool>().prop_map(Value::from), Just(json!("Namespace"))];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_sent_comes_back_as_it_was(value in object()) {
        let mut real = value.clone();
        places::to_real(&mut real, &names());
        let answer: Value = serde_json::from_str(&shown(&real.to_string())).expect("json");
        prop_assert_eq!(answer, value);
    }

    #[test]
    fn what_is_typed_comes_back_as_it_was(text in text()) {
        prop_assert_eq!(shown(&typed(&text, &names())), text);
    }

    #[test]
    fn a_path_comes_back_as_it_was(namespace in "[a-z]{1,8}|default|kube-system", name in "[a-z]{1,8}|default") {
        let asked = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        prop_assert_eq!(shown(&path(&asked)), asked);
    }
}
