//! The in-process API: what objects become when they are created, changed and deleted.

use embedded::{
    Api,
    apiserver::{DeleteOptions, FieldValidation, Propagation, Since, WriteOptions},
    clock::Clock,
    cluster::{Cluster, Options},
};
use serde_json::{Value, json};

async fn api() -> (Cluster, Api) {
    let cluster = Cluster::start(Options::new(Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap())));
    let api = cluster.api().clone();
    api.create("namespaces", "", json!({"metadata": {"name": "test"}})).unwrap();
    // The account of new pods; its controller may be faster.
    let _ = api.create("serviceaccounts", "test", json!({"metadata": {"name": "default"}}));
    (cluster, api)
}

fn pod(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
}

fn service(name: &str, spec: Value) -> Value {
    json!({"metadata": {"name": name}, "spec": spec})
}

#[tokio::test(start_paused = true)]
async fn a_pod_gets_its_defaults_and_its_token() {
    let (_cluster, api) = api().await;
    let pod = api.create("pods", "test", pod("p")).unwrap();
    let spec = &pod["spec"];
    assert_eq!(spec["containers"][0]["imagePullPolicy"], "Always");
    assert_eq!(spec["containers"][0]["resources"], json!({}));
    assert_eq!(spec["serviceAccountName"], "default");
    assert_eq!(spec["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"], 3607);
    assert_eq!(spec["containers"][0]["volumeMounts"][0]["name"], spec["volumes"][0]["name"]);
    assert_eq!(spec["tolerations"].as_array().unwrap().len(), 2);
    assert_eq!(pod["status"], json!({"phase": "Pending", "qosClass": "BestEffort"}));
}

#[tokio::test(start_paused = true)]
async fn a_service_keeps_its_ip_and_gets_a_node_port_when_its_type_changes() {
    let (_cluster, api) = api().await;
    let spec = json!({"ports": [{"port": 80}], "selector": {"app": "demo"}});
    let created = api.create("services", "test", service("demo", spec)).unwrap();
    assert_eq!(created["spec"]["type"], "ClusterIP");
    assert_eq!(created["spec"]["ports"], json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]));
    assert!(created["spec"]["clusterIP"].as_str().unwrap().starts_with("10.96."));
    let changed = api.modify("services", "test", "demo", |s| s["spec"]["type"] = json!("NodePort")).unwrap();
    assert_eq!(changed["spec"]["clusterIP"], created["spec"]["clusterIP"]);
    assert_eq!(changed["spec"]["externalTrafficPolicy"], "Cluster");
    assert!((30000..32768).contains(&changed["spec"]["ports"][0]["nodePort"].as_i64().unwrap()));
    let back = api.modify("services", "test", "demo", |s| s["spec"]["type"] = json!("ClusterIP")).unwrap();
    assert_eq!(back["spec"], created["spec"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_may_not_change_its_ip_or_take_anothers() {
    let (_cluster, api) = api().await;
    let taken = service("a", json!({"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}));
    assert_eq!(
        api.create("services", "test", taken).unwrap_err().message,
        "Service \"a\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: failed to allocate IP 10.96.0.1: \
         provided IP is already allocated"
    );
    api.create("services", "test", service("b", json!({"clusterIP": "10.96.1.1", "ports": [{"port": 80}]}))).unwrap();
    let error = api.modify("services", "test", "b", |s| s["spec"]["clusterIP"] = json!("10.96.1.2")).unwrap_err();
    assert_eq!(
        error.message,
        "Service \"b\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.1.2\"]: may not change once set"
    );
}

#[tokio::test(start_paused = true)]
async fn names_are_generated_and_conflicts_are_seen() {
    let (_cluster, api) = api().await;
    let map = json!({"metadata": {"generateName": "m-"}, "data": {"a": "1"}});
    let one = api.create("configmaps", "test", map).unwrap();
    let name = one["metadata"]["name"].as_str().unwrap();
    assert_eq!(name.len(), 7, "{name}");
    let mut stale = Value::clone(&one);
    api.modify("configmaps", "test", name, |m| m["data"]["a"] = json!("2")).unwrap();
    stale["data"]["a"] = json!("3");
    assert_eq!(
        api.update("configmaps", stale).unwrap_err().message,
        format!(
            "Operation cannot be fulfilled on configmaps \"{name}\": the object has been modified; \
             please apply your changes to the latest version and try again"
        )
    );
    let error = api.create("configmaps", "test", json!({"metadata": {"name": name}})).unwrap_err();
    assert_eq!(error.message, format!("configmaps \"{name}\" already exists"));
}

#[tokio::test(start_paused = true)]
async fn spec_and_status_are_written_apart() {
    let (_cluster, api) = api().await;
    api.create("pods", "test", pod("p")).unwrap();
    let seen = api.modify("pods", "test", "p", |p| p["status"]["phase"] = json!("Running")).unwrap();
    assert_eq!(seen["status"]["phase"], "Pending");
    let before = api.revision();
    let same = api.modify_status("pods", "test", "p", |p| p["spec"]["nodeName"] = json!("elsewhere")).unwrap();
    assert_eq!(same["spec"]["nodeName"], Value::Null);
    assert_eq!(api.revision(), before, "a write that changes nothing is none");
}

#[tokio::test(start_paused = true)]
async fn unknown_fields_are_dropped_warned_of_or_refused() {
    let (_cluster, api) = api().await;
    let object = || {
        json!({"metadata": {"name": "d"}, "spec": {"replcas": 3, "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i", "prts": []}]}}}})
    };
    let create = |field_validation| {
        let options = WriteOptions { field_validation, dry_run: true, ..WriteOptions::default() };
        api.create_with("deployments.apps", "test", object(), &options)
    };
    assert_eq!(create(FieldValidation::Ignore).unwrap().warnings, [""; 0]);
    let warnings = ["unknown field \"spec.template.spec.containers[0].prts\"", "unknown field \"spec.replcas\""];
    assert_eq!(create(FieldValidation::Warn).unwrap().warnings, warnings);
    assert_eq!(
        create(FieldValidation::Strict).unwrap_err().message,
        "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: \
         unknown field \"spec.template.spec.containers[0].prts\", unknown field \"spec.replcas\""
    );
}

#[tokio::test(start_paused = true)]
async fn an_unscheduled_pod_goes_at_once_and_a_finalizer_holds() {
    let (_cluster, api) = api().await;
    api.create("configmaps", "test", json!({"metadata": {"name": "m", "finalizers": ["a.b/c"]}})).unwrap();
    let marked = api.delete("configmaps", "test", "m", &DeleteOptions::default()).unwrap();
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
    let mut watch = api.watch("configmaps", Some("test"), Since::Now).unwrap();
    api.modify("configmaps", "test", "m", |m| m["metadata"]["finalizers"] = json!([])).unwrap();
    assert!(api.get("configmaps", "test", "m").unwrap_err().is_not_found());
    let kinds: Vec<_> = std::iter::from_fn(|| watch.try_next()).map(|event| event.kind).collect();
    assert_eq!(format!("{kinds:?}"), "[Modified, Deleted]");
    let options = DeleteOptions { propagation: Some(Propagation::Foreground), ..DeleteOptions::default() };
    api.create("configmaps", "test", json!({"metadata": {"name": "n"}})).unwrap();
    let waiting = api.delete("configmaps", "test", "n", &options).unwrap();
    assert_eq!(waiting["metadata"]["finalizers"], json!(["foregroundDeletion"]));
}

#[tokio::test(start_paused = true)]
async fn validation_speaks_as_upstream() {
    let (_cluster, api) = api().await;
    let error = api.create("pods", "test", json!({"metadata": {"name": "P"}, "spec": {"containers": []}})).unwrap_err();
    assert!(
        error.message.starts_with("Pod \"P\" is invalid: [metadata.name: Invalid value: \"P\": a lowercase RFC 1123")
    );
    assert!(error.message.ends_with("spec.containers: Required value]"), "{}", error.message);
    let error = api.create("services", "nowhere", service("s", json!({"ports": [{"port": 80}]}))).unwrap_err();
    assert_eq!(error.message, "namespaces \"nowhere\" not found");
}
