//! exec, attach and logs as clients see them; the same on a real cluster: `KUBECTL_LESSON_REAL=… cargo test -p embedded --test process`.

mod both;

use std::time::Duration;

use both::Both;
use futures::{AsyncReadExt as _, TryStreamExt};
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{
    Api,
    api::{AttachParams, LogParams, PostParams},
    runtime::wait::{await_condition, conditions::is_pod_running},
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A busybox that runs a script, once it runs.
async fn start(both: &Both, script: &str) -> Api<Pod> {
    let pods: Api<Pod> = Api::namespaced(both.client.clone(), &both.namespace);
    let pod = json!({
        "metadata": {"name": "p"},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "c", "image": "busybox", "command": ["sh", "-c", script], "stdin": true}],
        },
    });
    let pod: Pod = serde_json::from_value(pod).unwrap();
    let created = async {
        // The namespace's service account is made by a controller.
        while pods.create(&PostParams::default(), &pod).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        await_condition(pods.clone(), "p", is_pod_running()).await.unwrap();
    };
    tokio::time::timeout(Duration::from_secs(60), created).await.expect("the pod runs within a minute");
    pods
}

struct Outcome {
    stdout: String,
    stderr: String,
    status: Status,
}

async fn exec(pods: &Api<Pod>, command: &[&str], input: Option<&str>) -> Outcome {
    let params = AttachParams::default().stdin(input.is_some()).stderr(true);
    let mut process = pods.exec("p", command.to_vec(), &params).await.unwrap();
    if let Some(input) = input {
        let mut stdin = process.stdin().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        stdin.shutdown().await.unwrap();
    }
    let status = process.take_status().unwrap();
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let (mut out, mut err) = (process.stdout().unwrap(), process.stderr().unwrap());
    let (one, other) = tokio::join!(out.read_to_string(&mut stdout), err.read_to_string(&mut stderr));
    one.unwrap();
    other.unwrap();
    Outcome { stdout, stderr, status: status.await.unwrap() }
}

#[tokio::test]
async fn a_command_has_its_streams_and_its_exit_code() {
    let both = Both::start("process-exec").await;
    let pods = start(&both, "echo begun; sleep 600").await;
    let both_streams = exec(&pods, &["sh", "-c", "echo out; echo err >&2"], None).await;
    assert_eq!((both_streams.stdout.as_str(), both_streams.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(both_streams.status.status.as_deref(), Some("Success"));
    let failed = exec(&pods, &["sh", "-c", "exit 3"], None).await.status;
    assert_eq!(failed.reason.as_deref(), Some("NonZeroExitCode"));
    let cause = &failed.details.unwrap().causes.unwrap()[0];
    assert_eq!((cause.reason.as_deref(), cause.message.as_deref()), (Some("ExitCode"), Some("3")));
    assert_eq!(exec(&pods, &["cat"], Some("typed")).await.stdout, "typed");
    let missing = exec(&pods, &["nonsense"], None).await.status;
    assert_eq!(missing.reason.as_deref(), Some("InternalError"));
    assert!(missing.message.unwrap().contains("exec: \"nonsense\": executable file not found in $PATH"));
    both.stop().await;
}

#[tokio::test]
async fn logs_are_read_from_the_end_and_followed() {
    let both = Both::start("process-logs").await;
    let pods = start(&both, "echo one; echo two; sleep 5; echo three").await;
    let whole = async {
        while pods.logs("p", &LogParams::default()).await.unwrap_or_default() != "one\ntwo\n" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), whole).await.expect("what was printed is in the log");
    let tail = LogParams { tail_lines: Some(1), ..LogParams::default() };
    assert_eq!(pods.logs("p", &tail).await.unwrap(), "two\n");
    let follow = LogParams { follow: true, ..LogParams::default() };
    let mut log = Box::pin(pods.log_stream("p", &follow).await.unwrap());
    let mut first = vec![0; 8];
    log.read_exact(&mut first).await.unwrap();
    assert_eq!(first, b"one\ntwo\n");
    let attached = AttachParams::default().stderr(false);
    let mut attached = pods.attach("p", &attached).await.unwrap();
    let mut rest = String::new();
    log.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "three\n", "the log goes on until the container ends");
    let output = tokio_util::io::ReaderStream::new(attached.stdout().unwrap());
    let output: Vec<bytes::Bytes> = output.try_collect().await.unwrap();
    assert_eq!(output.concat(), b"three\n", "what was printed before the attach is not repeated");
    both.stop().await;
}
