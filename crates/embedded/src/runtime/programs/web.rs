//! Small servers that tutorials use: each answers every request with a text of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::network::{Request, Response, Server, serve};
use crate::runtime::process::{Process, Program};

/// What a small server is: the port, what it prints when it starts, and what it answers.
pub struct Small {
    name: &'static str,
    port: u16,
    /// Exit code when it is asked to end: 2 is Go's without a handler; a shell script as process 1 does not listen.
    on_terminate: Option<i32>,
    started: fn(&Process) -> String,
    answer: fn(&Process, &Request, IpAddr, u64) -> String,
}

fn host(process: &Process) -> &str {
    &process.container.setup.hostname
}

fn nothing(_: &Process) -> String {
    String::new()
}

const SMALL: &[Small] = &[
    Small {
        name: "hello-app",
        port: 8080,
        on_terminate: Some(2),
        started: |_| "Server listening on port 8080\n".into(),
        answer: |process, _, _, _| {
            format!(
                "Hello, world!\nVersion: {}\nHostname: {}\n",
                process.variable("APP_VERSION").unwrap_or("1.0.0"),
                host(process)
            )
        },
    },
    Small {
        name: "node-hello",
        port: 8080,
        on_terminate: Some(2),
        started: nothing,
        answer: |_, _, _, _| "Hello Kubernetes!".into(),
    },
    Small {
        name: "bootcamp",
        port: 8080,
        on_terminate: Some(2),
        started: |process| {
            let now = process.container.setup.clock.now();
            format!(
                "Kubernetes Bootcamp App Started At: {} | Running On:  {} \n\n",
                now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"),
                host(process)
            )
        },
        answer: |process, _, _, served| {
            process.stdout.line(format!("Running On: {} | Total Requests: {served}", host(process)));
            format!(
                "Hello Kubernetes bootcamp! | Running on: {} | v={}\n",
                host(process),
                process.variable("BOOTCAMP_VERSION").unwrap_or("1")
            )
        },
    },
    Small {
        name: "serve-hostname",
        port: 9376,
        on_terminate: Some(2),
        started: nothing,
        answer: |process, _, _, _| host(process).to_owned(),
    },
    Small { name: "hpa-example", port: 80, on_terminate: Some(0), started: nothing, answer: |_, _, _, _| "OK!".into() },
    Small { name: "goproxy", port: 8080, on_terminate: Some(2), started: nothing, answer: |_, _, _, _| String::new() },
    Small { name: "echoserver", port: 8080, on_terminate: Some(0), started: nothing, answer: echo },
];

fn echo(process: &Process, request: &Request, peer: IpAddr, _: u64) -> String {
    let authority = request.header("Host").unwrap_or_default();
    let name = authority.split(':').next().unwrap_or_default();
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| format!("\t{}={value}\n", name.to_lowercase()))
        .collect();
    headers.push(format!("\thost={authority}\n"));
    let body =
        if request.body.is_empty() { "-no body in request-".into() } else { String::from_utf8_lossy(&request.body) };
    format!(
        "\n\nHostname: {}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest \
         Information:\n\tclient_address={peer}\n\tmethod={}\n\treal path={}\n\tquery={}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://{name}:8080{}\n\nRequest \
         Headers:\n{}\nRequest Body:\n\t{body}\n\n",
        host(process),
        request.method,
        request.path(),
        request.query(),
        request.path(),
        headers.concat(),
    )
}

struct Answers {
    small: &'static Small,
    process: Process,
    served: AtomicU64,
}

#[async_trait]
impl Server for Answers {
    async fn answer(&self, request: Request, peer: IpAddr) -> Response {
        let served = self.served.fetch_add(1, Ordering::Relaxed) + 1;
        let text = (self.small.answer)(&self.process, &request, peer, served);
        let date = self.process.container.setup.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut response = Response::new(200, "text/plain; charset=utf-8", text);
        response.headers.insert(0, ("Date".into(), date));
        response
    }
}

#[async_trait]
impl Program for Small {
    async fn run(&self, process: Process) -> i32 {
        process.stdout.write((self.started)(&process).as_bytes());
        // What stands in the table lives as long as the program.
        let Some(small) = SMALL.iter().find(|small| small.name == self.name) else { return 1 };
        let answers = Answers { small, process: process.clone(), served: AtomicU64::new(0) };
        listen(&process, self.port, serve(Arc::new(answers))).await
    }

    fn on_terminate(&self) -> Option<i32> {
        self.on_terminate
    }
}

/// Listens until the process is ended.
pub async fn listen(process: &Process, port: u16, listener: Arc<dyn crate::network::Listener>) -> i32 {
    let setup = &process.container.setup;
    if !setup.network.listen(&setup.id, port, listener) {
        process.stderr.line(format!("listen tcp :{port}: bind: address already in use"));
        setup.clock.sleep(Duration::from_millis(10)).await;
        return 1;
    }
    std::future::pending().await
}

/// The small server of that name.
pub fn find(name: &str) -> Option<&'static dyn Program> {
    SMALL.iter().find(|small| small.name == name).map(|small| small as &dyn Program)
}
