//! The library as a caller sees it: one client given, everything captured, no process, no host.

use http::{Request, Response};
use kube::client::Body;
use kubectl::clients::FixedClient;
use kubectl::{Class, Effect, Environment, FileKind, Files, Io, Loopback, NoPrograms, SystemClock};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A cluster that answers with what a table says, and remembers what it was asked.
#[derive(Clone, Default)]
struct Fake {
    answers: Arc<BTreeMap<&'static str, &'static str>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn new(answers: &[(&'static str, &'static str)]) -> Self {
        Fake { answers: Arc::new(answers.iter().copied().collect()), asked: Arc::default() }
    }
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
    fn client(&self) -> kube::Client {
        let fake = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let line = format!("{} {}", request.method(), request.uri());
            let body = fake.answers.get(line.as_str()).copied();
            fake.asked.lock().expect("no panic").push(line);
            let status = if body.is_some() { 200 } else { 404 };
            let response = Response::builder()
                .status(status)
                .body(Body::from(body.unwrap_or("404 page not found").as_bytes().to_vec()));
            std::future::ready(response)
        });
        kube::Client::new(service, "default")
    }
}

struct NoFiles;

#[async_trait::async_trait]
impl Files for NoFiles {
    async fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
    async fn write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
    async fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::NotFound.into())
    }
    async fn kind(&self, _: &Path) -> io::Result<FileKind> {
        Err(io::ErrorKind::NotFound.into())
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(String::from).collect()
}

/// Exit code, stdout, stderr.
async fn run(fake: &Fake, line: &str) -> (i32, String, String) {
    let clients = FixedClient {
        client: fake.client(),
        namespace: "demo".into(),
        context: "test".into(),
        server: "http://fake".into(),
    };
    let env = Environment {
        vars: Arc::default(),
        files: Arc::new(NoFiles),
        programs: Arc::new(NoPrograms),
        clients: Arc::new(clients),
        clock: Arc::new(SystemClock),
        network: Arc::new(Loopback::default()),
    };
    let (io, stdout, stderr) = Io::captured();
    let args = words(line);
    // Spawned, so that the future is known to be Send.
    let code = tokio::spawn(async move { kubectl::run(args, &env, io).await }).await.expect("no panic");
    (code, stdout.text(), stderr.text())
}

const PODS: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},
    "columnDefinitions":[{"name":"Name","type":"string","format":"name","priority":0},{"name":"Restarts","type":"integer","priority":0}],
    "rows":[{"cells":["web",0],"object":{"kind":"PartialObjectMetadata","metadata":{"name":"web"}}}]}"#;

#[tokio::test(start_paused = true)]
async fn a_common_command_is_one_request() {
    let fake = Fake::new(&[("GET /api/v1/namespaces/demo/pods?limit=500", PODS)]);
    let said = run(&fake, "get po").await;
    assert_eq!(said, (0, "NAME   RESTARTS\nweb    0\n".into(), String::new()));
    assert_eq!(fake.asked(), ["GET /api/v1/namespaces/demo/pods?limit=500"]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_prints_its_header_once_and_ends_with_the_stream() {
    let event = r#"{"type":"MODIFIED","object":{"kind":"Table","apiVersion":"meta.k8s.io/v1","columnDefinitions":[],"rows":[{"cells":["web",1],"object":null}]}}"#;
    let fake = Fake::new(&[
        ("GET /api/v1/namespaces/demo/pods?limit=500", PODS),
        (
            "GET /api/v1/namespaces/demo/pods?resourceVersion=7&watch=true",
            Box::leak(format!("{event}\n{event}\n").into_boxed_str()),
        ),
    ]);
    let (code, stdout, stderr) = run(&fake, "get pods -w").await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "NAME   RESTARTS\nweb    0\nweb    1\nweb    1\n");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_lacks_is_said_as_upstream_says_it() {
    let groups = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[]}"#;
    let fake = Fake::new(&[("GET /api", groups), ("GET /apis", groups)]);
    for line in ["get foos", "get leases"] {
        let (code, stdout, stderr) = run(&fake, line).await;
        let word = if line == "get foos" { "\"foos\"" } else { "\"leases\" in group \"coordination.k8s.io\"" };
        assert_eq!((code, stdout), (1, String::new()));
        assert_eq!(stderr, format!("error: the server doesn't have a resource type {word}\n"));
    }
}

#[test]
fn command_lines_are_classified() {
    for (line, verb, class) in [
        ("get pods", Some("get"), Class::READS),
        ("get pods -w", Some("get"), Class::READS.endless_if(true)),
        ("-n x get pods --watch-only", Some("get"), Class::READS.endless_if(true)),
        ("config use-context x", Some("config use-context"), Class::LOCAL),
        ("create deployment x --image=y", Some("create deployment"), Class::CHANGES),
        ("create deployment x --image=y --dry-run=client -o yaml", Some("create deployment"), Class::READS),
        ("get --help", Some("get"), Class::LOCAL),
        ("frobnicate", None, Class::LOCAL),
    ] {
        let found = kubectl::classify(&words(line));
        assert_eq!((found.verb.as_deref(), found.class), (verb, class), "{line}");
        assert_eq!(kubectl::is_mutation(&words(line)), class.effect == Effect::Changes, "{line}");
    }
}

#[test]
fn command_lines_are_checked_without_running() {
    assert_eq!(kubectl::check(&words("get pods -o wide")), Ok(()));
    let error = kubectl::check(&words("get pods --sho-labels")).expect_err("no such flag");
    assert_eq!(error.message, "unknown flag: --sho-labels\nSee 'kubectl get --help' for usage.");
    assert_eq!(error.suggestions, ["--show-labels"]);
    assert_eq!(kubectl::check(&words("gte pods")).expect_err("no such verb").suggestions, ["get"]);
    assert!(kubectl::check(&words("config frobnicate")).is_err());
    assert!(kubectl::check(&words("create deployment x")).is_err(), "--image is required");
}
