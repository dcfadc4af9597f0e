//! The API over HTTP as clients see it; the same on a real cluster: `KUBECTL_LESSON_REAL=… cargo test -p embedded --test http`.

mod both;

use both::Both;
use futures::{AsyncBufReadExt, TryStreamExt};
use http::Request;
use serde_json::{Value, json};

/// The answer to a request: its JSON, whatever its code.
async fn ask(both: &Both, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Value {
    let path = path.replace("/NS/", &format!("/{}/", both.namespace));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let mut request = Request::builder().method(method).uri(path).header("Content-Type", "application/json");
    for (name, value) in headers {
        request.headers_mut().unwrap().remove(*name);
        request = request.header(*name, *value);
    }
    let request = request.body(kube::client::Body::from(body)).unwrap();
    let response = both.client.send(request).await.unwrap();
    let bytes = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)))
}

async fn get(both: &Both, path: &str) -> Value {
    ask(both, "GET", path, &[], Value::Null).await
}

fn map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"of": "http"}}, "data": data})
}

#[tokio::test]
async fn an_object_is_created_read_patched_and_deleted() {
    let both = Both::start("http-crud").await;
    let maps = "/api/v1/namespaces/NS/configmaps";
    let created = ask(&both, "POST", maps, &[], map("m", json!({"a": "1", "b": "2"}))).await;
    assert_eq!(created["kind"], "ConfigMap", "{created}");
    let path = &format!("{maps}/m");
    assert_eq!(get(&both, path).await["data"], json!({"a": "1", "b": "2"}));
    for (media_type, patch, expected) in [
        ("application/merge-patch+json", json!({"data": {"a": null, "c": "3"}}), json!({"b": "2", "c": "3"})),
        ("application/strategic-merge-patch+json", json!({"data": {"b": null}}), json!({"c": "3"})),
        ("application/json-patch+json", json!([{"op": "replace", "path": "/data/c", "value": "4"}]), json!({"c": "4"})),
    ] {
        let patched = ask(&both, "PATCH", path, &[("Content-Type", media_type)], patch).await;
        assert_eq!(patched["data"], expected, "{media_type}: {patched}");
    }
    let deleted = ask(&both, "DELETE", path, &[], Value::Null).await;
    assert_eq!((&deleted["kind"], &deleted["status"]), (&json!("Status"), &json!("Success")), "{deleted}");
    assert_eq!(deleted["details"]["kind"], "configmaps");
    assert_eq!(get(&both, path).await["message"], "configmaps \"m\" not found");
    both.stop().await;
}

#[tokio::test]
async fn errors_say_what_upstream_says() {
    let both = Both::start("http-errors").await;
    let maps = "/api/v1/namespaces/NS/configmaps";
    let cases = [
        ("GET", "/api/v1/namespaces/NS/pods?fieldSelector=foo%3Dbar", json!(null), "field label not supported: foo"),
        (
            "GET",
            "/api/v1/namespaces/NS/configmaps?fieldSelector=foo%3Dbar",
            json!(null),
            "\"foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
        (
            "GET",
            "/api/v1/pods?labelSelector=a%3D%3D%3Db",
            json!(null),
            "unable to parse requirement: found '=', expected: identifier",
        ),
        ("GET", "/api/v1/nope", json!(null), "the server could not find the requested resource"),
        ("POST", "/api/v1/pods", json!({}), "the server does not allow this method on the requested resource"),
        (
            "POST",
            maps,
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}),
            "Pod in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion",
        ),
        (
            "PUT",
            "/api/v1/namespaces/NS/configmaps/a",
            json!({"metadata": {"name": "x"}}),
            "the name of the object (x) does not match the name on the URL (a)",
        ),
        ("PUT", "/api/v1/namespaces/NS/configmaps/x", json!({"metadata": {"name": "x"}}), "configmaps \"x\" not found"),
        (
            "GET",
            "/api/v1/pods?resourceVersion=abc",
            json!(null),
            "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax",
        ),
        (
            "POST",
            "/api/v1/namespaces/NS/configmaps?fieldValidation=Strict",
            json!({"metadata": {"name": "x"}, "dta": {}}),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"dta\"",
        ),
        (
            "POST",
            "/apis/apps/v1/namespaces/NS/deployments",
            json!({"metadata": {"name": "x"}, "spec": {"replicas": "two"}}),
            "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field \
             DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "POST",
            "/apis/apps/v1/namespaces/NS/deployments",
            json!({"metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
                   "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "c"}]}}}}),
            "Deployment.apps \"x\" is invalid: [spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does \
             not match template `labels`, spec.template.spec.containers[0].image: Required value]",
        ),
        (
            "POST",
            "/api/v1/namespaces/NS/services",
            json!({"metadata": {"name": "x"}, "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]}}),
            "Service \"x\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. \
             The range of valid ports is 30000-32767",
        ),
        (
            "POST",
            "/api/v1/namespaces/NS/services",
            json!({"metadata": {"name": "x"}, "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}}),
            "Service \"x\" is invalid: spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: failed to allocate IP 10.0.0.1: the \
             provided network does not match the current range",
        ),
        (
            "POST",
            "/api/v1/namespaces/NS/services",
            json!({"metadata": {"name": "x"}, "spec": {"type": "Foo"}}),
            "Service \"x\" is invalid: [spec.ports: Required value, spec.type: Unsupported value: \"Foo\": supported values: \
             \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"]",
        ),
    ];
    for (method, path, body, message) in cases {
        let answer = ask(&both, method, path, &[], body).await;
        assert_eq!(answer["message"], message, "{method} {path}");
    }
    both.stop().await;
}

#[tokio::test]
async fn lists_come_in_chunks_of_one_version() {
    let both = Both::start("http-chunks").await;
    let maps = "/api/v1/namespaces/NS/configmaps";
    for name in ["a", "b", "c"] {
        ask(&both, "POST", maps, &[], map(name, json!({}))).await;
    }
    let first = get(&both, &format!("{maps}?labelSelector=of%3Dhttp&limit=2")).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2, "{first}");
    assert!(first["items"][0]["kind"].is_null(), "items do not repeat what the list says");
    ask(&both, "DELETE", &format!("{maps}/c"), &[], Value::Null).await;
    let token = first["metadata"]["continue"].as_str().unwrap();
    let second = get(&both, &format!("{maps}?labelSelector=of%3Dhttp&limit=2&continue={token}")).await;
    assert_eq!(second["items"][0]["metadata"]["name"], "c", "the second page is as old as the first: {second}");
    assert_eq!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    let stale = get(&both, &format!("{maps}?continue=abc")).await;
    assert!(stale["message"].as_str().unwrap().starts_with("invalid continue token: "), "{stale}");
    both.stop().await;
}

#[tokio::test]
async fn a_watch_tells_what_its_selector_sees() {
    let both = Both::start("http-watch").await;
    let maps = "/api/v1/namespaces/NS/configmaps";
    let created = ask(&both, "POST", maps, &[], map("m", json!({}))).await;
    let from = created["metadata"]["resourceVersion"].as_str().unwrap();
    let path = format!("{maps}/m");
    let merge = [("Content-Type", "application/merge-patch+json")];
    for patch in [
        json!({"data": {"a": "1"}}),
        json!({"metadata": {"labels": {"of": "nobody"}}}),
        json!({"metadata": {"labels": {"of": "http"}}}),
    ] {
        ask(&both, "PATCH", &path, &merge, patch).await;
    }
    ask(&both, "DELETE", &path, &[], Value::Null).await;
    let watch = format!("{maps}?watch=1&labelSelector=of%3Dhttp&resourceVersion={from}&timeoutSeconds=1");
    let request = Request::get(watch.replace("/NS/", &format!("/{}/", both.namespace))).body(Vec::new()).unwrap();
    let lines: Vec<String> = both.client.request_stream(request).await.unwrap().lines().try_collect().await.unwrap();
    let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["MODIFIED", "DELETED", "ADDED", "DELETED"], "{lines:?}");
    both.stop().await;
}

#[tokio::test]
async fn tables_have_the_columns_of_upstream() {
    let both = Both::start("http-tables").await;
    let accept = [("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")];
    let services = "/api/v1/namespaces/NS/services";
    let spec = json!({"type": "NodePort", "selector": {"app": "x", "b": "c"}, "ports": [
        {"name": "a", "port": 80, "nodePort": 31999}, {"name": "b", "port": 53, "protocol": "UDP", "targetPort": "dns"}]});
    let created = ask(&both, "POST", services, &[], json!({"metadata": {"name": "s"}, "spec": spec})).await;
    let ip = &created["spec"]["clusterIP"];
    let other = &created["spec"]["ports"][1]["nodePort"];
    let table = ask(&both, "GET", services, &accept, Value::Null).await;
    assert_eq!(table["kind"], "Table");
    let ports = format!("80:31999/TCP,53:{other}/UDP");
    let mut cells = table["rows"][0]["cells"].clone();
    cells[5] = json!("age");
    assert_eq!(cells, json!(["s", "NodePort", ip, "<none>", ports, "age", "app=x,b=c"]));
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(table["columnDefinitions"][4]["name"], "Port(s)");
    assert_eq!(table["columnDefinitions"][6]["priority"], 1);
    both.stop().await;
}

#[tokio::test]
async fn discovery_lists_what_there_is() {
    let both = Both::start("http-discovery").await;
    let accept = [("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")];
    let aggregated = ask(&both, "GET", "/api", &accept, Value::Null).await;
    let resources = aggregated["items"][0]["versions"][0]["resources"].as_array().unwrap();
    let services = resources.iter().find(|resource| resource["resource"] == "services").unwrap();
    assert_eq!(services["shortNames"], json!(["svc"]));
    assert_eq!(services["responseKind"]["kind"], "Service");
    let plain = get(&both, "/apis/apps/v1").await;
    let scale =
        plain["resources"].as_array().unwrap().iter().find(|resource| resource["name"] == "deployments/scale").unwrap();
    assert_eq!((&scale["group"], &scale["kind"]), (&json!("autoscaling"), &json!("Scale")));
    assert_eq!(get(&both, "/version").await["gitVersion"], "v1.37.2");
    assert_eq!(get(&both, "/healthz").await, json!("ok"));
    both.stop().await;
}
