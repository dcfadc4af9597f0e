//! Probes: tried again and again beside a container, their outcomes told to the Pod's worker (pkg/kubelet/prober).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::lifecycle;
use crate::network::http::{Client, Request};
use crate::runtime::container::Container;

/// Which of the three a probe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `startupProbe`
    Startup,
    /// `readinessProbe`
    Readiness,
    /// `livenessProbe`
    Liveness,
}

impl Kind {
    /// Its field of the container's spec.
    pub fn field(self) -> &'static str {
        match self {
            Self::Startup => "startupProbe",
            Self::Readiness => "readinessProbe",
            Self::Liveness => "livenessProbe",
        }
    }

    /// Its name at the start of events.
    pub fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Readiness => "Readiness",
            Self::Liveness => "Liveness",
        }
    }
}

/// What a probe found out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run of the container that was probed.
    pub container_id: String,
    /// Which probe.
    pub kind: Kind,
    /// What went wrong this time, as events tell it.
    pub failure: Option<String>,
    /// What holds from now on: as often as the thresholds ask for, it was one or the other.
    pub verdict: Option<bool>,
}

/// The probes of one run of a container. They end when this is dropped.
pub struct Probing {
    _tasks: JoinSet<()>,
}

fn seconds(probe: &Value, field: &str, default: u64) -> Duration {
    Duration::from_secs(probe[field].as_u64().unwrap_or(default))
}

/// Starts the probes of a container that runs.
pub fn start(container: &Arc<Container>, spec: &Value, to: &mpsc::UnboundedSender<Outcome>) -> Option<Probing> {
    let mut tasks = JoinSet::new();
    let (started, wait_for_start) = tokio::sync::watch::channel(!spec["startupProbe"].is_object());
    let started = Arc::new(started);
    for kind in [Kind::Startup, Kind::Readiness, Kind::Liveness] {
        let probe = spec[kind.field()].clone();
        if !probe.is_object() {
            continue;
        }
        let (container, spec, to) = (Arc::clone(container), spec.clone(), to.clone());
        let (started, mut wait_for_start) = (Arc::clone(&started), wait_for_start.clone());
        tasks.spawn(async move {
            let clock = container.setup.clock;
            if kind != Kind::Startup && wait_for_start.wait_for(|started| *started).await.is_err() {
                return;
            }
            let delay = seconds(&probe, "initialDelaySeconds", 0);
            clock.sleep(if delay.is_zero() { Duration::from_millis(100) } else { delay }).await;
            let needed = |field: &str, default: u64| probe[field].as_u64().unwrap_or(default).max(1);
            let (mut last, mut times) = (None, 0);
            loop {
                let failure =
                    tokio::time::timeout(seconds(&probe, "timeoutSeconds", 1), run(&container, &spec, &probe)).await;
                let failure = failure.unwrap_or_else(|_| Some(too_late(&container, &spec, &probe)));
                let succeeded = failure.is_none();
                times = if last == Some(succeeded) { times + 1 } else { 1 };
                last = Some(succeeded);
                let threshold = if succeeded { needed("successThreshold", 1) } else { needed("failureThreshold", 3) };
                let verdict = (times >= threshold).then_some(succeeded);
                let outcome = Outcome { container_id: container.setup.id.clone(), kind, failure, verdict };
                if to.send(outcome).is_err() {
                    return;
                }
                match (kind, verdict) {
                    (Kind::Startup, Some(true)) => {
                        let _ = started.send_replace(true);
                        return;
                    }
                    (Kind::Startup | Kind::Liveness, Some(false)) => return,
                    _ => {}
                }
                clock.sleep(seconds(&probe, "periodSeconds", 10)).await;
            }
        });
    }
    (!tasks.is_empty()).then_some(Probing { _tasks: tasks })
}

/// Where an HTTP probe goes.
fn target(container: &Container, spec: &Value, get: &Value) -> (String, u16, String) {
    let host = get["host"]
        .as_str()
        .filter(|host| !host.is_empty())
        .map_or_else(|| container.setup.network.address.to_string(), str::to_owned);
    let path = get["path"].as_str().unwrap_or("/");
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (host, port(spec, &get["port"]), path)
}

/// A port by number, or by the name that the container's spec gives it.
pub fn port(spec: &Value, port: &Value) -> u16 {
    let named = |name: &str| {
        let ports = spec["ports"].as_array().into_iter().flatten();
        ports
            .into_iter()
            .find(|entry| entry["name"].as_str() == Some(name))
            .and_then(|entry| entry["containerPort"].as_u64())
    };
    let number = port.as_u64().or_else(|| port.as_str().and_then(|name| name.parse().ok().or_else(|| named(name))));
    number.and_then(|number| u16::try_from(number).ok()).unwrap_or_default()
}

fn too_late(container: &Container, spec: &Value, probe: &Value) -> String {
    if probe["httpGet"].is_object() {
        let (host, port, path) = target(container, spec, &probe["httpGet"]);
        return format!(
            "Get \"http://{host}:{port}{path}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        );
    }
    if probe["tcpSocket"].is_object() {
        let port = port(spec, &probe["tcpSocket"]["port"]);
        return format!("dial tcp {}:{port}: i/o timeout", container.setup.network.address);
    }
    let command: Vec<&str> =
        probe["exec"]["command"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!(
        "command timed out: {:?} timed out after {}s",
        command.join(" "),
        probe["timeoutSeconds"].as_u64().unwrap_or(1)
    )
}

/// Tries a probe once: what went wrong, or nothing.
async fn run(container: &Arc<Container>, spec: &Value, probe: &Value) -> Option<String> {
    if let Some(command) = probe["exec"]["command"].as_array() {
        let command: Vec<String> = command.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let (code, output) = lifecycle::exec(container, &command).await;
        return (code != 0).then_some(output);
    }
    if probe["httpGet"].is_object() {
        let get = &probe["httpGet"];
        let (host, port, path) = target(container, spec, get);
        return match get_status(container, &host, port, &path, get).await {
            Ok(status) if (200..400).contains(&status) => None,
            Ok(status) => Some(format!("HTTP probe failed with statuscode: {status}")),
            Err(why) => Some(format!("Get \"http://{host}:{port}{path}\": {why}")),
        };
    }
    if probe["tcpSocket"].is_object() || probe["grpc"].is_object() {
        let (field, what) = if probe["grpc"].is_object() { ("grpc", "grpc") } else { ("tcpSocket", "tcp") };
        let port = port(spec, &probe[field]["port"]);
        let host =
            probe[field]["host"].as_str().map_or_else(|| container.setup.network.address.to_string(), str::to_owned);
        let network = &container.setup.network;
        let from = crate::network::Origin::Node(String::new());
        return network
            .network
            .connect(&from, &host, port)
            .await
            .err()
            .map(|error| format!("dial {what} {host}:{port}: connect: {}", error.to_string().to_lowercase()));
    }
    None
}

/// GETs a path from the node, and gives the status.
pub async fn get_status(
    container: &Arc<Container>,
    host: &str,
    port: u16,
    path: &str,
    get: &Value,
) -> Result<u16, String> {
    let network = &container.setup.network;
    let from = crate::network::Origin::Node(String::new());
    let connected = network.network.connect(&from, host, port).await;
    let connection =
        connected.map_err(|error| format!("dial tcp {host}:{port}: connect: {}", error.to_string().to_lowercase()))?;
    let mut headers = vec![
        ("Host".to_owned(), format!("{host}:{port}")),
        ("User-Agent".into(), "kube-probe/1.37".into()),
        ("Accept".into(), "*/*".into()),
    ];
    headers.push(("Connection".into(), "close".into()));
    for header in get["httpHeaders"].as_array().into_iter().flatten() {
        let (name, value) = (header["name"].as_str().unwrap_or_default(), header["value"].as_str().unwrap_or_default());
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.to_owned(), value.to_owned()));
    }
    let request = Request { method: "GET".into(), target: path.to_owned(), headers, body: Vec::new() };
    let answer = Client::new(connection).send(&request).await;
    answer.map(|response| response.status).map_err(|_| "EOF".to_owned())
}
