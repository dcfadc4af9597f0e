//! `top` against a metrics API whose answers stand in `top/metrics.json`. The tables are what kubectl v1.37 prints of
//! the same answers.

use http::{Request, Response};
use kube::client::Body;
use kubectl::clients::FixedClient;
use kubectl::environment::NoPrograms;
use kubectl::network::Loopback;
use kubectl::{Environment, HostFiles, Io, SystemClock};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Exit code, stdout, stderr.
async fn run(line: &str) -> (i32, String, String) {
    let answers: Value = serde_json::from_str(include_str!("top/metrics.json")).expect("it is JSON");
    let service = tower::service_fn(move |request: Request<Body>| {
        let answer = answers.get(request.uri().path());
        let response = Response::builder()
            .status(if answer.is_some() { 200 } else { 404 })
            .body(Body::from(answer.map(Value::to_string).unwrap_or_default().into_bytes()));
        std::future::ready(response)
    });
    let clients = FixedClient {
        client: kube::Client::new(service, "default"),
        namespace: "demo".into(),
        context: "test".into(),
        server: "http://fake".into(),
    };
    let env = Environment {
        vars: Arc::default(),
        files: Arc::new(HostFiles { directory: PathBuf::from("/") }),
        programs: Arc::new(NoPrograms),
        clients: Arc::new(clients),
        network: Arc::new(Loopback::default()),
        clock: Arc::new(SystemClock),
    };
    let (io, stdout, stderr) = Io::captured();
    let code = kubectl::run(line.split_whitespace().map(String::from).collect(), &env, io).await;
    (code, stdout.text(), stderr.text())
}

/// What a successful command prints, without the spaces at the ends of lines.
async fn printed(line: &str) -> String {
    let (code, stdout, stderr) = run(line).await;
    assert_eq!((code, stderr.as_str()), (0, ""), "{line}");
    stdout.lines().map(|line| format!("\n{}", line.trim_end())).collect()
}

#[tokio::test]
async fn pods() {
    let table = "
NAME    CPU(cores)   MEMORY(bytes)
web-a   250m         1024Mi
web-b   7m           30Mi";
    assert_eq!(printed("top pod").await, table);
    assert_eq!(printed("top pods --sort-by=memory").await, table);
    assert_eq!(printed("top pod web-b --no-headers").await, "\nweb-b   7m    30Mi");
    assert_eq!(printed("top pod --field-selector=status.phase=Running --no-headers").await, "\nweb-a   250m   1024Mi");
    let with_swap = "
NAME    CPU(cores)   MEMORY(bytes)   SWAP(bytes)
web-a   250m         1024Mi          3Mi
web-b   7m           30Mi            1Mi";
    assert_eq!(printed("top pod --show-swap --sort-by=cpu").await, with_swap);
}

#[tokio::test]
async fn containers_of_all_namespaces_and_their_sum() {
    let table = "
NAMESPACE   POD     NAME    CPU(cores)   MEMORY(bytes)
alpha       zed     c       1000m        5Mi
demo        web-a   nginx   250m         1024Mi
demo        web-b   agent   2m           20Mi
demo        web-b   nginx   5m           10Mi
                            ________     ________
                            1257m        1059Mi";
    assert_eq!(printed("top pod -A --containers --sum").await, table);
}

#[tokio::test]
async fn nodes() {
    let table = "
NAME   CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)   SWAP(bytes)   SWAP(%)
n1     100m         5%          3072Mi          75%         <unknown>     <unknown>
n2     1500m        75%         2048Mi          50%         100Mi         9%
n3     <unknown>    <unknown>   <unknown>       <unknown>   <unknown>     <unknown>";
    assert_eq!(printed("top node --show-swap").await, table);
    let of_capacity = "
NAME   CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)
n1     100m         2%       3072Mi          37%";
    assert_eq!(printed("top node n1 --show-capacity").await, of_capacity);
}

#[tokio::test]
async fn a_group_of_commands_shows_its_help() {
    let (code, stdout, stderr) = run("top").await;
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("Available Commands:"), "{stderr}");
    let (code, stdout, stderr) = run("rollout").await;
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert!(stdout.contains("Available Commands:"), "{stdout}");
}
