//! Pods on a node, through the API, with a clock that skips idle time.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::apiserver::{Api, ContainerTarget, DeleteOptions, ExitStatus, LogOptions, ProcessStreams};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::network::Network;
use crate::registry::Registry;
use crate::storage::{Object, Storage};

struct Node {
    api: Api,
    _tasks: JoinSet<()>,
}

impl Node {
    fn start() -> Self {
        let clock = Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
        let api = Api::new(Storage::default(), Registry::builtin(), clock, Entropy::seeded(1));
        let namespaces = ["default", "kube-node-lease"];
        for name in namespaces {
            api.create("namespaces", "", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
                .unwrap();
        }
        // Admission gives every Pod a ServiceAccount.
        let _ = api.create(
            "serviceaccounts",
            "default",
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}),
        );
        let mut tasks = JoinSet::new();
        super::start(&api, &Network::new(&api), 1, &mut tasks);
        Self { api, _tasks: tasks }
    }

    /// Creates a Pod with one container, and binds it.
    fn run(&self, name: &str, container: Value, spec: Value) {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec});
        let mut container = container;
        container["name"] = json!(name);
        pod["spec"]["containers"] = json!([container]);
        pod["spec"]["automountServiceAccountToken"] = json!(false);
        self.api.create("pods", "default", pod).unwrap();
        self.api.bind("default", name, "node-1").unwrap();
    }

    async fn after(&self, seconds: u64) {
        self.api.clock().sleep(Duration::from_secs(seconds)).await;
    }

    fn pod(&self, name: &str) -> Object {
        self.api.get("pods", "default", name).unwrap()
    }

    fn status(&self, name: &str) -> Value {
        self.pod(name)["status"]["containerStatuses"][0].clone()
    }

    /// Type, reason, count and message of the events about a Pod, in their order.
    fn events(&self, name: &str) -> Vec<String> {
        let mut events: Vec<Object> = self
            .api
            .list("events", Some("default"))
            .into_iter()
            .filter(|event| event["involvedObject"]["name"] == name)
            .collect();
        events.sort_by_key(|event| {
            event["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse::<u64>().ok())
        });
        events.sort_by_key(|event| event["firstTimestamp"].as_str().map(str::to_owned));
        let text = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
        events
            .iter()
            .map(|event| {
                format!(
                    "{} {} {} {}",
                    text(event, "type"),
                    text(event, "reason"),
                    event["count"],
                    text(event, "message")
                )
            })
            .collect()
    }

    fn target(name: &str) -> ContainerTarget {
        ContainerTarget { namespace: "default".into(), pod: name.into(), container: name.into() }
    }

    async fn exec(&self, name: &str, command: &[&str], stdin: &'static [u8]) -> (String, ExitStatus) {
        let (near, far) = tokio::io::duplex(1 << 16);
        let streams = ProcessStreams {
            stdin: Some(Box::pin(stdin)),
            stdout: Some(Box::pin(far)),
            stderr: None,
            tty: false,
            resize: None,
        };
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        let status = self.api.node_agent("node-1").unwrap().exec(Self::target(name), command, streams).await.unwrap();
        let mut text = String::new();
        let mut near = near;
        tokio::io::AsyncReadExt::read_to_string(&mut near, &mut text).await.unwrap();
        (text, status)
    }

    async fn logs(&self, name: &str, options: LogOptions) -> Result<String, String> {
        let stream = self
            .api
            .node_agent("node-1")
            .unwrap()
            .logs(Self::target(name), options)
            .await
            .map_err(|status| status.message)?;
        let chunks: Vec<bytes::Bytes> = stream.collect().await;
        Ok(chunks.iter().map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect())
    }
}

fn condition<'a>(pod: &'a Value, kind: &str) -> &'a Value {
    pod["status"]["conditions"].as_array().unwrap().iter().find(|condition| condition["type"] == kind).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_pod_comes_to_life_and_ends_on_deletion() {
    let node = Node::start();
    node.run("web", json!({"image": "nginx"}), json!({}));
    node.after(5).await;
    let pod = node.pod("web");
    assert_eq!(pod["status"]["phase"], "Running", "{:#}", pod["status"]);
    assert_eq!(pod["status"]["podIP"], "10.244.0.2");
    assert_eq!(pod["status"]["qosClass"], "BestEffort");
    let status = node.status("web");
    assert_eq!(
        (&status["ready"], &status["started"], &status["restartCount"]),
        (&json!(true), &json!(true), &json!(0))
    );
    assert_eq!(status["image"], "docker.io/library/nginx:latest");
    assert!(status["containerID"].as_str().unwrap().starts_with("containerd://"));
    let kinds: Vec<&str> = pod["status"]["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|condition| condition["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]);
    assert_eq!(condition(&pod, "Ready")["status"], "True");
    let events = node.events("web");
    assert_eq!(
        events,
        [
            "Normal Pulling 1 Pulling image \"nginx\"",
            "Normal Pulled 1 Successfully pulled image \"nginx\" in 1.287s (1.287s including waiting). Image size: 59800000 bytes.",
            "Normal Created 1 Container created",
            "Normal Started 1 Container started",
        ]
    );
    let asked = node.api.clock().now();
    node.api.delete("pods", "default", "web", &DeleteOptions::default()).unwrap();
    while node.api.get("pods", "default", "web").is_ok() {
        node.api.clock().sleep(Duration::from_millis(50)).await;
    }
    let took = node.api.clock().now().duration_since(asked);
    assert!(took.as_secs() < 3, "nginx obeys the signal: {took}");
    assert_eq!(node.events("web").last().unwrap(), "Normal Killing 1 Stopping container web");
}

#[tokio::test(start_paused = true)]
async fn a_shell_gets_all_of_its_grace() {
    let node = Node::start();
    node.run("shell", json!({"image": "busybox", "command": ["sleep", "3600"]}), json!({}));
    node.after(5).await;
    node.api.delete("pods", "default", "shell", &DeleteOptions::default()).unwrap();
    node.after(29).await;
    assert!(node.api.get("pods", "default", "shell").is_ok());
    node.after(3).await;
    assert!(node.api.get("pods", "default", "shell").is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_image_is_refused_again_and_again() {
    let node = Node::start();
    node.run("typo", json!({"image": "ngnix"}), json!({}));
    node.after(1).await;
    let waiting = node.status("typo")["state"]["waiting"].clone();
    let answer = "failed to pull and unpack image \"docker.io/library/ngnix:latest\": failed to resolve reference \"docker.io/library/ngnix:latest\": \
                  docker.io/library/ngnix:latest: not found (the embedded cluster carries no image docker.io/library/ngnix; the nearest is nginx)";
    assert_eq!(waiting, json!({"reason": "ErrImagePull", "message": answer}));
    node.after(2).await;
    let waiting = node.status("typo")["state"]["waiting"].clone();
    assert_eq!(
        waiting,
        json!({"reason": "ImagePullBackOff", "message": format!("Back-off pulling image \"ngnix\": ErrImagePull: {answer}")})
    );
    assert_eq!(
        node.events("typo")[..5],
        [
            "Normal Pulling 1 Pulling image \"ngnix\"".to_owned(),
            format!("Warning Failed 1 Failed to pull image \"ngnix\": {answer}"),
            "Warning Failed 1 Error: ErrImagePull".to_owned(),
            "Normal BackOff 1 Back-off pulling image \"ngnix\"".to_owned(),
            "Warning Failed 1 Error: ImagePullBackOff".to_owned(),
        ]
    );
    assert_eq!(node.pod("typo")["status"]["phase"], "Pending");
    node.after(60).await;
    assert!(
        node.events("typo").contains(&"Normal Pulling 3 Pulling image \"ngnix\"".to_owned()),
        "{:#?}",
        node.events("typo")
    );
    let refused = node.logs("typo", LogOptions::default()).await.unwrap_err();
    assert!(refused.starts_with("container \"typo\" in pod \"typo\" is waiting to start: "), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_backs_off() {
    let node = Node::start();
    node.run("crash", json!({"image": "busybox", "args": ["sh", "-c", "echo hello; exit 3"]}), json!({}));
    node.api.clock().sleep(Duration::from_millis(1500)).await;
    let first = node.status("crash");
    assert_eq!(first["state"]["terminated"]["exitCode"], 3, "{first:#}");
    assert_eq!(first["state"]["terminated"]["reason"], "Error");
    node.after(4).await;
    let status = node.status("crash");
    let uid = node.pod("crash")["metadata"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(
        status["state"]["waiting"],
        json!({"reason": "CrashLoopBackOff", "message": format!("back-off 10s restarting failed container=crash pod=crash_default({uid})")})
    );
    assert_eq!(status["restartCount"], 1);
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 3);
    assert_eq!(node.pod("crash")["status"]["phase"], "Running");
    assert_eq!(node.logs("crash", LogOptions::default()).await.unwrap(), "hello\n");
    assert_eq!(node.logs("crash", LogOptions { previous: true, ..Default::default() }).await.unwrap(), "hello\n");
    node.after(10).await;
    assert!(node.status("crash")["state"]["waiting"]["message"].as_str().unwrap().starts_with("back-off 20s "));
    node.after(600).await;
    assert!(node.status("crash")["state"]["waiting"]["message"].as_str().unwrap().starts_with("back-off 5m0s "));
    assert!(
        node.events("crash")
            .iter()
            .any(|event| event.contains("Back-off restarting failed container crash in pod crash_default("))
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_runs_once_succeeds_or_fails() {
    let node = Node::start();
    let never = json!({"restartPolicy": "Never"});
    node.run("once", json!({"image": "busybox", "args": ["echo", "done"]}), never.clone());
    node.run("fail", json!({"image": "busybox", "args": ["sh", "-c", "exit 2"]}), never.clone());
    node.run("nocmd", json!({"image": "busybox", "args": ["nosuchcommand"]}), never);
    node.after(10).await;
    assert_eq!(node.pod("once")["status"]["phase"], "Succeeded");
    assert_eq!(condition(&node.pod("once"), "Ready")["reason"], "PodCompleted");
    assert_eq!(node.status("once")["state"]["terminated"]["reason"], "Completed");
    assert_eq!(node.pod("fail")["status"]["phase"], "Failed");
    assert_eq!(condition(&node.pod("fail"), "Ready")["reason"], "PodFailed");
    let terminated = node.status("nocmd")["state"]["terminated"].clone();
    assert_eq!((&terminated["exitCode"], &terminated["reason"]), (&json!(128), &json!("StartError")));
    let message = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nosuchcommand\": executable file not found in $PATH: unknown";
    assert_eq!(terminated["message"], message);
    assert_eq!(node.events("nocmd").last().unwrap(), &format!("Warning Failed 1 Error: {message}"));
}

#[tokio::test(start_paused = true)]
async fn commands_run_in_a_container() {
    let node = Node::start();
    node.run("box", json!({"image": "busybox", "command": ["sleep", "3600"], "env": [{"name": "COLOR", "value": "red"}, {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}), json!({}));
    node.after(5).await;
    assert_eq!(
        node.exec("box", &["sh", "-c", "echo $COLOR $WHO; exit 7"], b"").await,
        ("red box\n".to_owned(), ExitStatus::Code(7))
    );
    assert_eq!(node.exec("box", &["cat"], b"typed").await, ("typed".to_owned(), ExitStatus::Code(0)));
    let (_, status) = node.exec("box", &["nosuch"], b"").await;
    let ExitStatus::Error(message) = status else { panic!("{status:?}") };
    assert!(message.ends_with("OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn readiness_and_liveness_are_probed() {
    let node = Node::start();
    node.run(
        "ready",
        json!({"image": "nginx", "readinessProbe": {"httpGet": {"path": "/nope", "port": 80}, "periodSeconds": 2}}),
        json!({}),
    );
    let script = "touch /tmp/healthy; sleep 8; rm -f /tmp/healthy; sleep 600";
    node.run(
        "live",
        json!({"image": "busybox", "args": ["/bin/sh", "-c", script], "livenessProbe": {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 2, "periodSeconds": 2}}),
        json!({}),
    );
    node.after(6).await;
    assert_eq!(node.status("ready")["ready"], false);
    assert_eq!(condition(&node.pod("ready"), "Ready")["message"], "containers with unready status: [ready]");
    assert!(node.events("ready").iter().any(|event| event.starts_with("Warning Unhealthy")
        && event.ends_with("Readiness probe failed: HTTP probe failed with statuscode: 404")));
    node.exec("ready", &["sh", "-c", "echo ok > /usr/share/nginx/html/nope"], b"").await;
    node.after(3).await;
    assert_eq!(node.status("ready")["ready"], true);
    node.after(20).await;
    let events = node.events("live");
    assert!(
        events.contains(&"Normal Killing 1 Container live failed liveness probe, will be restarted".to_owned()),
        "{events:#?}"
    );
    assert!(
        events
            .iter()
            .any(|event| event
                .contains("Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory")),
        "{events:#?}"
    );
    node.after(30).await;
    assert_eq!(node.status("live")["restartCount"], 1);
    assert_eq!(node.status("live")["lastState"]["terminated"]["exitCode"], 137);
}

#[tokio::test(start_paused = true)]
async fn configuration_comes_from_objects_and_waits_for_them() {
    let node = Node::start();
    node.run("config", json!({"image": "busybox", "command": ["sleep", "3600"], "envFrom": [{"configMapRef": {"name": "app"}}], "volumeMounts": [{"name": "v", "mountPath": "/etc/app"}]}), json!({"volumes": [{"name": "v", "configMap": {"name": "app", "optional": true}}]}));
    node.after(3).await;
    let waiting = node.status("config")["state"]["waiting"].clone();
    assert_eq!(waiting, json!({"reason": "CreateContainerConfigError", "message": "configmap \"app\" not found"}));
    node.api
        .create(
            "configmaps",
            "default",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"}, "data": {"color": "red"}}),
        )
        .unwrap();
    node.after(15).await;
    assert_eq!(node.exec("config", &["sh", "-c", "echo $color"], b"").await.0, "red\n");
    node.after(60).await;
    assert_eq!(node.exec("config", &["cat", "/etc/app/color"], b"").await.0, "red");
    node.api.modify("configmaps", "default", "app", |object| object["data"]["color"] = json!("blue")).unwrap();
    node.after(65).await;
    assert_eq!(node.exec("config", &["cat", "/etc/app/color"], b"").await.0, "blue");
    assert_eq!(node.exec("config", &["sh", "-c", "echo $color"], b"").await.0, "red\n");
    node.run("mount", json!({"image": "busybox"}), json!({"volumes": [{"name": "v", "configMap": {"name": "nope"}}]}));
    node.after(3).await;
    assert_eq!(node.status("mount")["state"]["waiting"], json!({"reason": "ContainerCreating"}));
    assert!(
        node.events("mount")[0].ends_with("MountVolume.SetUp failed for volume \"v\" : configmap \"nope\" not found"),
        "{:?}",
        node.events("mount")
    );
}

#[tokio::test(start_paused = true)]
async fn init_containers_run_one_after_the_other() {
    let node = Node::start();
    let init = json!([{"name": "one", "image": "busybox", "command": ["sh", "-c", "echo 1"]}, {"name": "two", "image": "busybox", "command": ["sleep", "10"]}]);
    node.run("web", json!({"image": "nginx"}), json!({"initContainers": init}));
    node.after(6).await;
    let pod = node.pod("web");
    assert_eq!(pod["status"]["phase"], "Pending");
    assert_eq!(condition(&pod, "Initialized")["message"], "containers with incomplete status: [two]");
    assert_eq!(node.status("web")["state"]["waiting"]["reason"], "PodInitializing");
    node.after(20).await;
    assert_eq!(node.pod("web")["status"]["phase"], "Running");
    assert_eq!(node.pod("web")["status"]["initContainerStatuses"][0]["state"]["terminated"]["reason"], "Completed");
}

#[tokio::test(start_paused = true)]
async fn logs_are_cut_stamped_and_followed() {
    let node = Node::start();
    node.run(
        "count",
        json!({"image": "busybox", "args": ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 10; done"]}),
        json!({"restartPolicy": "Never"}),
    );
    node.after(15).await;
    let tail = LogOptions { tail_lines: Some(1), ..Default::default() };
    assert_eq!(node.logs("count", tail.clone()).await.unwrap(), "2\n");
    let stamped = node.logs("count", LogOptions { timestamps: true, ..tail.clone() }).await.unwrap();
    assert!(stamped.starts_with("2026-01-01T00:00:1") && stamped.ends_with("Z 2\n"), "{stamped}");
    assert_eq!(node.logs("count", LogOptions { follow: true, ..tail }).await.unwrap(), "2\n3\n");
    assert_eq!(node.logs("count", LogOptions { since_seconds: Some(15), ..Default::default() }).await.unwrap(), "3\n");
}
