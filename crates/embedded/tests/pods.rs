//! Pods as clients see them; the same on a real cluster: `KUBECTL_LESSON_REAL=… cargo test -p embedded --test pods`.

mod both;

use std::time::Duration;

use both::Both;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Event, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::Api;
use kube::api::{AttachParams, DeleteParams, ListParams, LogParams, PostParams, WatchEvent, WatchParams};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Nothing here takes longer, on any cluster.
const PATIENCE: Duration = Duration::from_secs(90);

fn pods(both: &Both) -> Api<Pod> {
    Api::namespaced(both.client.clone(), &both.namespace)
}

async fn run(both: &Both, name: &str, container: Value, mut spec: Value) {
    let mut container = container;
    container["name"] = json!("c");
    spec["containers"] = json!([container]);
    let pod =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec});
    let pod = serde_json::from_value(pod).unwrap();
    // The ServiceAccount of a fresh namespace comes a moment after it.
    for _ in 0..100 {
        match pods(both).create(&PostParams::default(), &pod).await {
            Ok(_) => return,
            Err(kube::Error::Api(status)) if status.message.contains("serviceaccount") => {
                tokio::time::sleep(Duration::from_millis(50)).await
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no ServiceAccount");
}

/// Watches a Pod until `holds`, and gives it as it is then.
async fn until(both: &Both, name: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let watching = async {
        let pods = pods(both);
        let list = pods.list(&ListParams::default()).await.unwrap();
        let version = list.metadata.resource_version.unwrap();
        if let Some(pod) = list
            .items
            .into_iter()
            .map(|pod| serde_json::to_value(pod).unwrap())
            .find(|pod| pod["metadata"]["name"] == name && holds(pod))
        {
            return pod;
        }
        let mut events = pods
            .watch(&WatchParams::default().fields(&format!("metadata.name={name}")), &version)
            .await
            .unwrap()
            .boxed();
        while let Some(event) = events.try_next().await.unwrap() {
            if let WatchEvent::Added(pod) | WatchEvent::Modified(pod) = event {
                let pod = serde_json::to_value(pod).unwrap();
                if holds(&pod) {
                    return pod;
                }
            }
        }
        panic!("the watch ended");
    };
    match tokio::time::timeout(PATIENCE, watching).await {
        Ok(pod) => pod,
        Err(_) => {
            panic!("{name} never came that far: {:#?} {:#?}", pods(both).get(name).await, events(both, name).await)
        }
    }
}

fn state(pod: &Value) -> &Value {
    &pod["status"]["containerStatuses"][0]["state"]
}

fn is_ready(pod: &Value) -> bool {
    pod["status"]["containerStatuses"][0]["ready"] == true
}

async fn events(both: &Both, name: &str) -> Vec<String> {
    let events: Api<Event> = Api::namespaced(both.client.clone(), &both.namespace);
    let list = events.list(&ListParams::default().fields(&format!("involvedObject.name={name}"))).await.unwrap();
    list.items
        .into_iter()
        .map(|event| format!("{} {}", event.reason.unwrap_or_default(), event.message.unwrap_or_default()))
        .collect()
}

async fn exec(both: &Both, name: &str, command: &[&str], stdin: Option<&str>) -> (String, String, Option<String>) {
    let params = AttachParams::default().stdin(stdin.is_some()).stdout(true).stderr(true);
    let mut process = pods(both).exec(name, command.iter().copied(), &params).await.unwrap();
    let (mut out, mut err) = (process.stdout().unwrap(), process.stderr().unwrap());
    let status = process.take_status().unwrap();
    if let Some(text) = stdin {
        let mut stdin = process.stdin().unwrap();
        stdin.write_all(text.as_bytes()).await.unwrap();
        stdin.shutdown().await.unwrap();
    }
    let (mut stdout, mut stderr) = (String::new(), String::new());
    tokio::join!(async { out.read_to_string(&mut stdout).await.unwrap() }, async {
        err.read_to_string(&mut stderr).await.unwrap()
    });
    let status = status.await.unwrap();
    let code = status
        .details
        .and_then(|details| details.causes)
        .and_then(|causes| causes.into_iter().find_map(|cause| cause.message));
    (stdout, stderr, code)
}

#[tokio::test]
async fn a_typo_in_an_image_is_refused() {
    let both = Both::start("pods-typo").await;
    run(&both, "typo", json!({"image": "ngnix"}), json!({})).await;
    let pod = until(&both, "typo", |pod| state(pod)["waiting"]["reason"] == "ErrImagePull").await;
    let message = state(&pod)["waiting"]["message"].as_str().unwrap();
    let expected = "failed to pull and unpack image \"docker.io/library/ngnix:latest\": failed to resolve reference \"docker.io/library/ngnix:latest\": ";
    assert!(message.starts_with(expected), "{message}");
    let pod = until(&both, "typo", |pod| state(pod)["waiting"]["reason"] == "ImagePullBackOff").await;
    let message = state(&pod)["waiting"]["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("Back-off pulling image \"ngnix\": ErrImagePull: {expected}")), "{message}");
    assert_eq!(pod["status"]["phase"], "Pending");
    assert!(pod["status"]["podIP"].is_string(), "it has an address all the same");
    let events = events(&both, "typo").await;
    let expected = [
        "Pulling Pulling image \"ngnix\"",
        &format!("Failed Failed to pull image \"ngnix\": {expected}"),
        "Failed Error: ErrImagePull",
        "BackOff Back-off pulling image \"ngnix\"",
        "Failed Error: ImagePullBackOff",
    ];
    for expected in expected {
        assert!(events.iter().any(|event| event.starts_with(expected)), "{expected}: {events:#?}");
    }
    both.stop().await;
}

#[tokio::test]
async fn a_container_that_crashes_is_started_again_and_again() {
    let both = Both::start("pods-crash").await;
    run(&both, "crash", json!({"image": "busybox", "args": ["sh", "-c", "echo hello; exit 3"]}), json!({})).await;
    let pod = until(&both, "crash", |pod| state(pod)["waiting"]["reason"] == "CrashLoopBackOff").await;
    let status = &pod["status"]["containerStatuses"][0];
    let message = state(&pod)["waiting"]["message"].as_str().unwrap();
    let whole_name = format!("crash_{}({})", both.namespace, pod["metadata"]["uid"].as_str().unwrap());
    assert_eq!(message, format!("back-off 10s restarting failed container=c pod={whole_name}"));
    assert_eq!(status["restartCount"], 1);
    assert_eq!(
        (&status["lastState"]["terminated"]["exitCode"], &status["lastState"]["terminated"]["reason"]),
        (&json!(3), &json!("Error"))
    );
    assert_eq!(pod["status"]["phase"], "Running");
    let log = pods(&both).logs("crash", &LogParams { previous: true, ..LogParams::default() }).await.unwrap();
    assert_eq!(log, "hello\n");
    let events = events(&both, "crash").await;
    assert!(
        events.contains(&format!("BackOff Back-off restarting failed container c in pod {whole_name}")),
        "{events:#?}"
    );
    assert!(
        events.contains(&"Created Container created".to_owned())
            && events.contains(&"Started Container started".to_owned()),
        "{events:#?}"
    );
    both.stop().await;
}

#[tokio::test]
async fn commands_run_and_their_exit_codes_come_back() {
    let both = Both::start("pods-exec").await;
    run(&both, "web", json!({"image": "nginx"}), json!({})).await;
    until(&both, "web", is_ready).await;
    assert_eq!(
        exec(&both, "web", &["sh", "-c", "echo out; echo err >&2; exit 7"], None).await,
        ("out\n".into(), "err\n".into(), Some("7".into()))
    );
    assert_eq!(exec(&both, "web", &["hostname"], None).await, ("web\n".into(), String::new(), None));
    assert_eq!(exec(&both, "web", &["cat"], Some("typed\n")).await.0, "typed\n");
    assert_eq!(exec(&both, "web", &["cat", "/nosuch"], None).await.1, "cat: /nosuch: No such file or directory\n");
    let script = "cd /tmp\npwd\nfor i in 1 2\ndo echo $i\ndone\nexit 3\n";
    assert_eq!(
        exec(&both, "web", &["sh"], Some(script)).await,
        ("/tmp\n1\n2\n".into(), String::new(), Some("3".into()))
    );
    both.stop().await;
}

#[tokio::test]
async fn a_session_is_typed_into_a_container() {
    let both = Both::start("pods-attach").await;
    run(
        &both,
        "shell",
        json!({"image": "busybox", "command": ["sh"], "stdin": true, "stdinOnce": true}),
        json!({"restartPolicy": "Never"}),
    )
    .await;
    until(&both, "shell", is_ready).await;
    let params = AttachParams::default().stdin(true).stdout(true).stderr(false);
    let mut attached = pods(&both).attach("shell", &params).await.unwrap();
    let mut stdin = attached.stdin().unwrap();
    stdin.write_all(b"echo one\nsleep 1\necho two\nexit 4\n").await.unwrap();
    let mut text = String::new();
    attached.stdout().unwrap().read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "one\ntwo\n");
    let pod = until(&both, "shell", |pod| pod["status"]["phase"] == "Failed").await;
    assert_eq!(state(&pod)["terminated"]["exitCode"], 4);
    assert_eq!(pods(&both).logs("shell", &LogParams::default()).await.unwrap(), "one\ntwo\n");
    both.stop().await;
}

#[tokio::test]
async fn a_service_reaches_pods_that_are_ready() {
    let both = Both::start("pods-service").await;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 8000, "targetPort": 80}]}});
    let services: Api<Service> = Api::namespaced(both.client.clone(), &both.namespace);
    services.create(&PostParams::default(), &serde_json::from_value(service).unwrap()).await.unwrap();
    run(&both, "web", json!({"image": "nginx", "readinessProbe": {"exec": {"command": ["cat", "/tmp/ready"]}, "periodSeconds": 1, "failureThreshold": 1}}), json!({})).await;
    run(&both, "curl", json!({"image": "curlimages/curl", "args": ["sleep", "3600"]}), json!({})).await;
    until(&both, "web", |pod| state(pod)["running"].is_object()).await;
    until(&both, "curl", is_ready).await;
    let refused = exec(&both, "curl", &["curl", "-sS", "-m", "5", "http://web:8000"], None).await;
    assert_eq!(refused.2.as_deref(), Some("7"), "a Service without endpoints refuses: {}", refused.1);
    exec(&both, "web", &["touch", "/tmp/ready"], None).await;
    until(&both, "web", is_ready).await;
    let mut page = String::new();
    for _ in 0..100 {
        page = exec(&both, "curl", &["curl", "-s", "http://web:8000"], None).await.0;
        if !page.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.starts_with("<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n"), "{page}");
    exec(&both, "web", &["rm", "/tmp/ready"], None).await;
    until(&both, "web", |pod| !is_ready(pod)).await;
    let slices: Api<EndpointSlice> = Api::namespaced(both.client.clone(), &both.namespace);
    let list =
        || async { slices.list(&ListParams::default().labels("kubernetes.io/service-name=web")).await.unwrap().items };
    for _ in 0..100 {
        let ready = |slice: &EndpointSlice| {
            slice
                .endpoints
                .iter()
                .flatten()
                .any(|endpoint| endpoint.conditions.as_ref().and_then(|conditions| conditions.ready) == Some(true))
        };
        if !list().await.iter().any(ready) {
            both.stop().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the endpoint stayed: {:#?}", list().await);
}

#[tokio::test]
async fn deletion_gives_grace() {
    let both = Both::start("pods-grace").await;
    run(&both, "web", json!({"image": "nginx"}), json!({})).await;
    run(
        &both,
        "shell",
        json!({"image": "busybox", "command": ["sleep", "3600"]}),
        json!({"terminationGracePeriodSeconds": 4}),
    )
    .await;
    until(&both, "web", is_ready).await;
    until(&both, "shell", is_ready).await;
    let begun = std::time::Instant::now();
    for name in ["web", "shell"] {
        pods(&both).delete(name, &DeleteParams::default()).await.unwrap();
    }
    let gone = |name: &'static str| {
        let pods = pods(&both);
        async move {
            while pods.get_opt(name).await.unwrap().is_some() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            begun.elapsed()
        }
    };
    let (web, shell) = tokio::join!(gone("web"), gone("shell"));
    assert!(web < Duration::from_secs(4), "nginx ends when it is asked to: {web:?}");
    assert!(shell >= Duration::from_secs(4) && shell < Duration::from_secs(15), "sleep does not listen: {shell:?}");
    let events = events(&both, "web").await;
    assert!(events.contains(&"Killing Stopping container c".to_owned()), "{events:#?}");
    both.stop().await;
}
