//! How long a cluster takes to start, and requests to it: `cargo run --release -p embedded --example timing`.

use std::time::Instant;

use embedded::{Cluster, Options, clock::Clock};
use http::Request;

async fn ask(client: &kube::Client, method: &str, path: &str, accept: &str, body: &str) -> usize {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Accept", accept)
        .header("Content-Type", "application/json")
        .body(kube::client::Body::from(body.as_bytes().to_vec()));
    // The parts of the request are constants of this file.
    let response = client.send(request.expect("a valid request")).await.expect("in process, every request is answered");
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("and wholly");
    body.to_bytes().len()
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    const JSON: &str = "application/json";
    const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const POD: &str = r#"{"metadata":{"generateName":"p-"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}"#;
    const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const PODS: &str = "/api/v1/namespaces/default/pods";
    const DEPLOYMENT: &str = r#"{"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}"#;

    let start = Instant::now();
    let cluster = Cluster::start(Options::new(Clock::starting_at(jiff::Timestamp::UNIX_EPOCH)));
    println!("start            {:>9.3?}", start.elapsed());
    let client = cluster.client();
    for (name, method, path, accept, body) in [
        ("first request", "GET", "/version", JSON, ""),
        ("first pod", "POST", PODS, JSON, POD),
        ("second pod", "POST", PODS, JSON, POD),
        ("table of pods", "GET", PODS, TABLE, ""),
        ("again", "GET", PODS, TABLE, ""),
        ("discovery", "GET", "/apis", DISCOVERY, ""),
        ("get", "GET", "/api/v1/namespaces/default/services/kubernetes", JSON, ""),
        ("openapi v3 apps", "GET", "/openapi/v3/apis/apps/v1", JSON, ""),
        ("deployment", "POST", "/apis/apps/v1/namespaces/default/deployments", JSON, DEPLOYMENT),
    ] {
        let start = Instant::now();
        let bytes = ask(&client, method, path, accept, body).await;
        println!("{name:<16} {:>9.3?} {bytes:>8} bytes", start.elapsed());
    }
    let start = Instant::now();
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    let pods = cluster.api().list("pods", Some("default"));
    let running = pods.iter().filter(|pod| pod["status"]["phase"] == "Running").count();
    println!("30 virtual s     {:>9.3?} {running:>8} pods run, revision {}", start.elapsed(), cluster.api().revision());
}
