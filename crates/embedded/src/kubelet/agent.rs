//! What the API server asks of this node (pkg/kubelet/server): exec, attach, logs, port-forward.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;

use super::pod_worker::Shared;
use super::{Kubelet, lifecycle, locked, logs};
use crate::apiserver::{
    ContainerTarget, ExitStatus, LogOptions, LogStream, NodeAgent, ProcessStreams, Reader, Status, Writer,
};
use crate::network::Origin;
use crate::runtime::container::Container;
use crate::runtime::process::{NOT_FOUND, Process};
use crate::runtime::stream::{Input, Output, Sink};
use crate::runtime::terminal::{Terminal, Translated};

/// The agent of a node. It does not keep its kubelet alive: the API holds it.
pub struct Agent {
    kubelet: Weak<Kubelet>,
}

/// How long the output of a process that has ended is waited for.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Passes what a process writes to whoever copies it on.
struct Passed(mpsc::UnboundedSender<Bytes>);

impl Sink for Passed {
    fn write(&self, bytes: &[u8]) {
        // A client that has gone reads nothing more.
        let _ = self.0.send(Bytes::copy_from_slice(bytes));
    }
}

async fn copy_out(mut from: mpsc::UnboundedReceiver<Bytes>, to: Option<Writer>) {
    let Some(mut to) = to else { return };
    while let Some(bytes) = from.recv().await {
        if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
    // The reader sees the end.
    let _ = to.shutdown().await;
}

/// Hands what the client types to `typed`, and says when it has gone.
async fn copy_in(from: Option<Reader>, mut typed: impl FnMut(Option<&[u8]>)) {
    let Some(mut from) = from else { return typed(None) };
    let mut buffer = vec![0; 8192];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return typed(None),
            Ok(read) => typed(Some(&buffer[..read])),
        }
    }
}

impl Agent {
    /// The agent of a kubelet.
    pub fn new(kubelet: &Arc<Kubelet>) -> Self {
        Self { kubelet: Arc::downgrade(kubelet) }
    }

    fn kubelet(&self) -> Result<Arc<Kubelet>, Status> {
        self.kubelet.upgrade().ok_or_else(|| Status::internal("the node has stopped"))
    }

    fn pod(&self, namespace: &str, name: &str) -> Result<Arc<Shared>, Status> {
        let kubelet = self.kubelet()?;
        let found = locked(&kubelet.pods).get(&format!("{namespace}/{name}")).cloned();
        found.ok_or_else(|| Status::internal(format!("pod \"{name}_{namespace}\" not found")))
    }

    fn running(&self, target: &ContainerTarget) -> Result<Arc<Container>, Status> {
        let shared = self.pod(&target.namespace, &target.pod)?;
        let state = locked(&shared.state);
        let found = state
            .containers
            .iter()
            .find(|container| container.name() == target.container)
            .and_then(|container| container.running().cloned());
        found
            .filter(|container| container.exit_code().is_none())
            .ok_or_else(|| Status::internal(format!("container not found (\"{}\")", target.container)))
    }
}

/// What the kubelet says of a container whose log there is not, or the log (kubelet_pods.go: validateContainerLogStatus).
fn log_of(shared: &Shared, target: &ContainerTarget, previous: bool) -> Result<crate::runtime::log::Log, String> {
    let state = locked(&shared.state);
    let (name, pod) = (&target.container, &target.pod);
    let Some(container) = state.containers.iter().find(|container| container.name() == name) else {
        return Err(format!("container {name:?} in pod {pod:?} is not available"));
    };
    let log = |run: &Option<super::container_state::Run>| {
        run.as_ref().and_then(|run| run.container.as_ref()).map(|container| container.log.clone())
    };
    // A container that waits to be started again is shown by its last run.
    let waits = container.waiting.is_some();
    if previous {
        let earlier = if waits { log(&container.run) } else { log(&container.last) };
        return earlier.ok_or_else(|| format!("previous terminated container {name:?} in pod {pod:?} not found"));
    }
    if let Some(log) = log(&container.run) {
        return Ok(log);
    }
    let status = container.status(
        state
            .containers
            .iter()
            .any(|other| matches!(other.role, super::container_state::Role::Init) && !other.succeeded()),
    );
    let what = match status["state"]["waiting"]["reason"].as_str().unwrap_or("ContainerCreating") {
        "ErrImagePull" => "image can't be pulled".to_owned(),
        "ImagePullBackOff" => "trying and failing to pull image".to_owned(),
        reason => reason.to_owned(),
    };
    Err(format!("container {name:?} in pod {pod:?} is waiting to start: {what}"))
}

#[async_trait]
impl NodeAgent for Agent {
    fn runs(&self, target: &ContainerTarget) -> bool {
        self.running(target).is_ok()
    }

    async fn exec(
        &self,
        target: ContainerTarget,
        command: Vec<String>,
        streams: ProcessStreams,
    ) -> Result<ExitStatus, Status> {
        let container = self.running(&target)?;
        let (out_to, out) = mpsc::unbounded_channel();
        let (err_to, err) = mpsc::unbounded_channel();
        let stdin = if streams.stdin.is_some() { Input::open() } else { Input::empty() };
        let (mut stdout, mut stderr) = (Output::to(Passed(out_to)), Output::to(Passed(err_to)));
        let terminal = streams.tty.then(|| {
            let screen = Output::to(Translated(stdout.clone()));
            (stdout, stderr) = (screen.clone(), screen.clone());
            Terminal::new(stdin.clone(), screen)
        });
        let mut environment = container.setup.environment.clone();
        if streams.tty {
            environment.insert("TERM".into(), "xterm".into());
        }
        let process = Process {
            pid: 0,
            arguments: command,
            environment,
            directory: container.setup.directory.clone(),
            stdin: stdin.clone(),
            stdout,
            stderr,
            terminal: terminal.clone(),
            container: Arc::clone(&container),
        };
        let mut exit = match container.spawn(process) {
            Ok(exit) => exit,
            Err(error) => {
                let id = container.setup.entropy.hex(64);
                let message = lifecycle::exec_error(&error);
                return Ok(ExitStatus::Error(format!(
                    "failed to exec in container: failed to start exec \"{id}\": {message}"
                )));
            }
        };
        let typing = copy_in(streams.stdin, |bytes| match (bytes, &terminal) {
            (Some(bytes), Some(terminal)) => terminal.typed(bytes),
            (Some(bytes), None) => stdin.feed(Bytes::copy_from_slice(bytes)),
            (None, Some(terminal)) => terminal.hang_up(),
            (None, None) => stdin.close(),
        });
        let ended = async { exit.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(NOT_FOUND) };
        let shown = async { tokio::join!(copy_out(out, streams.stdout), copy_out(err, streams.stderr)) };
        let code = {
            let (mut typing, mut shown, mut ended) = (Box::pin(typing), Box::pin(shown), std::pin::pin!(ended));
            let (mut typed, mut seen) = (false, false);
            let code = loop {
                tokio::select! {
                    biased;
                    _ = &mut shown, if !seen => seen = true,
                    code = &mut ended => break code,
                    () = &mut typing, if !typed => typed = true,
                }
            };
            // The terminal, which holds a sending end, goes with what was typed; what was written before the end is still on its way.
            drop(typing);
            drop(terminal);
            if !seen {
                // A process that was left behind may hold the stream for ever.
                let _ = tokio::time::timeout(LAST_WORDS, shown).await;
            }
            code
        };
        Ok(ExitStatus::Code(code))
    }

    async fn attach(&self, target: ContainerTarget, streams: ProcessStreams) -> Result<(), Status> {
        let container = self.running(&target)?;
        let mut from = container.attach();
        let once = {
            let shared = self.pod(&target.namespace, &target.pod)?;
            let state = locked(&shared.state);
            state
                .containers
                .iter()
                .find(|state| state.name() == target.container)
                .is_some_and(|state| state.spec["stdinOnce"] == true)
        };
        let (mut stdout, mut stderr) = (streams.stdout, streams.stderr);
        let has_stdin = streams.stdin.is_some() && container.setup.stdin;
        let typing = async {
            if !has_stdin {
                return std::future::pending().await;
            }
            copy_in(streams.stdin, |bytes| match (bytes, container.terminal()) {
                (Some(bytes), Some(terminal)) => terminal.typed(bytes),
                (Some(bytes), None) => container.input().feed(Bytes::copy_from_slice(bytes)),
                (None, Some(terminal)) if once => terminal.hang_up(),
                (None, None) if once => container.input().close(),
                (None, _) => {}
            })
            .await;
            // The client may go on reading after it has said all.
            std::future::pending::<()>().await
        };
        let showing = async {
            while let Some((error, bytes)) = from.recv().await {
                let to = if error { &mut stderr } else { &mut stdout };
                let Some(to) = to else { continue };
                if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
                    return;
                }
            }
            for to in [stdout, stderr].into_iter().flatten() {
                let mut to = to;
                // The reader sees the end.
                let _ = to.shutdown().await;
            }
        };
        tokio::select! {
            biased;
            () = showing => {}
            () = typing => {}
        }
        Ok(())
    }

    async fn logs(&self, target: ContainerTarget, options: LogOptions) -> Result<LogStream, Status> {
        let shared = self.pod(&target.namespace, &target.pod)?;
        let log = log_of(&shared, &target, options.previous).map_err(Status::bad_request)?;
        Ok(logs::read(&log, options, self.kubelet()?.api.clock().now()))
    }

    async fn port_forward(&self, namespace: &str, pod: &str, port: u16) -> Result<DuplexStream, Status> {
        let kubelet = self.kubelet()?;
        let shared = self.pod(namespace, pod)?;
        let object = locked(&shared.state).pod.clone();
        let object: &Value = &object;
        let address = object["status"]["podIP"].as_str().unwrap_or_default().to_owned();
        let from = Origin::Pod {
            namespace: namespace.to_owned(),
            name: pod.to_owned(),
            ip: address.parse().map_err(|_| Status::internal(format!("pod {pod}_{namespace} has no address")))?,
        };
        let connected = kubelet.network.connect(&from, &address, port).await;
        connected.map_err(|error| {
            let why = error.to_string().to_lowercase();
            Status::internal(format!("failed to connect to localhost:{port} inside namespace \"{}\", IPv4: dial tcp4 127.0.0.1:{port}: connect: {why}", shared.uid))
        })
    }
}
