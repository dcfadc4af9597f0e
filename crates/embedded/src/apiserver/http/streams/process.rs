//! exec and attach over WebSockets: `v4.channel.k8s.io`, and `v5.channel.k8s.io`, in which a client can close its stdin.
//!
//! Upstream: k8s.io/cri-streaming/pkg/streaming/remotecommand/websocket.go, k8s.io/apimachinery/pkg/util/remotecommand.

use apimachinery::status::Status;
use futures::{FutureExt, future::BoxFuture};
use http::Response;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc,
};

use super::{
    super::{Exchange, body::Body, request::ResourcePath, respond},
    websocket::{self, Receiver, Sender},
};
use crate::apiserver::{ContainerTarget, ExitStatus, ProcessStreams};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

const PROTOCOLS: &[&str] = &["v5.channel.k8s.io", "v4.channel.k8s.io"];
/// Bytes that a stream holds before its writer has to wait.
const BUFFER: usize = 64 * 1024;

/// The process, or the attachment to it, as it runs.
type Process = BoxFuture<'static, Result<ExitStatus, Status>>;

/// Our ends of the streams that the agent got the others of.
#[derive(Default)]
struct Ends {
    stdin: Option<DuplexStream>,
    stdout: Option<DuplexStream>,
    stderr: Option<DuplexStream>,
    resize: Option<mpsc::Sender<(u16, u16)>>,
}

impl Exchange {
    pub(super) fn process(&mut self, path: &ResourcePath, exec: bool) -> Result<Response<Body>, Status> {
        let (pod, target) = self.target(path)?;
        let agent = self.agent(&pod)?;
        let flag = |name: &str| self.query.flag(name);
        let (stdin, stdout, tty) = (flag("stdin"), flag("stdout"), flag("tty"));
        let stderr = flag("stderr") && !tty;
        if !stdin && !stdout && !stderr {
            return Err(Status::bad_request("you must specify at least 1 of stdin, stdout, stderr"));
        }
        let command: Vec<String> =
            self.query.pairs.iter().filter(|(key, _)| key == "command").map(|(_, value)| value.clone()).collect();
        if exec && command.is_empty() {
            return Err(Status::bad_request("you must specify a command"));
        }
        if !is_running(&pod, &target.container) || !agent.runs(&target) {
            return Ok(not_running(&target, exec));
        }
        let handshake = websocket::accept(&mut self.parts, PROTOCOLS)?;
        let closes = handshake.protocol == PROTOCOLS[0];
        let (streams, ends) = streams(stdin, stdout, stderr, tty);
        let owned = target.clone();
        let mut process: Process = if exec {
            async move { agent.exec(owned, command, streams).await }.boxed()
        } else {
            async move { agent.attach(owned, streams).await.map(|()| ExitStatus::Code(0)) }.boxed()
        };
        // It begins before the client is answered: what ends now was not there to begin with, and nothing is missed meanwhile.
        let process = match process.as_mut().now_or_never() {
            Some(Err(_)) => return Ok(not_running(&target, exec)),
            Some(done) => std::future::ready(done).boxed(),
            None => process,
        };
        let (response, upgrade) = handshake.split();
        tokio::spawn(async move {
            if let Some((sender, receiver)) = websocket::open(upgrade).await {
                run(sender, receiver, process, ends, closes).await;
            }
        });
        Ok(response)
    }
}

/// What a kubelet says of a container that does not run, in its own plain words (kubelet_pods.go).
fn not_running(target: &ContainerTarget, exec: bool) -> Response<Body> {
    let ContainerTarget { namespace, pod, container } = target;
    let text = if exec {
        format!("container not found (\"{container}\")\n")
    } else {
        format!("container {container} not found in pod {pod}_{namespace}\n")
    };
    respond::answer(500, "text/plain; charset=utf-8", Body::from(text.into_bytes()))
}

/// Whether a container runs as far as the pod's status knows.
fn is_running(pod: &Value, container: &str) -> bool {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let mut statuses = lists.iter().flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    statuses.any(|status| status["name"] == container && status["state"]["running"].is_object())
}

fn streams(stdin: bool, stdout: bool, stderr: bool, tty: bool) -> (ProcessStreams, Ends) {
    let mut ends = Ends::default();
    let mut streams = ProcessStreams { tty, ..ProcessStreams::default() };
    if stdin {
        let (ours, theirs) = tokio::io::duplex(BUFFER);
        ends.stdin = Some(ours);
        streams.stdin = Some(Box::pin(theirs));
    }
    if stdout {
        let (ours, theirs) = tokio::io::duplex(BUFFER);
        ends.stdout = Some(ours);
        streams.stdout = Some(Box::pin(theirs));
    }
    if stderr {
        let (ours, theirs) = tokio::io::duplex(BUFFER);
        ends.stderr = Some(ours);
        streams.stderr = Some(Box::pin(theirs));
    }
    if tty {
        let (sender, receiver) = mpsc::channel(16);
        ends.resize = Some(sender);
        streams.resize = Some(receiver);
    }
    (streams, ends)
}

/// Reads what is there; `None` at the end. Without a stream it never answers.
async fn read(stream: &mut Option<DuplexStream>, buffer: &mut [u8]) -> Option<usize> {
    match stream {
        Some(stream) => stream.read(buffer).await.ok().filter(|count| *count > 0),
        None => std::future::pending().await,
    }
}

/// Carries bytes between the client and the process until both are through.
async fn run(mut sender: Sender, mut receiver: Receiver, mut process: Process, mut ends: Ends, closes: bool) {
    // The first thing that a client sees: the connection stands.
    let first = if ends.stdout.is_some() {
        STDOUT
    } else if ends.stderr.is_some() {
        STDERR
    } else {
        ERROR
    };
    if !sender.send(first, &[]).await {
        return;
    }
    let (mut out, mut err) = (vec![0; 32 * 1024], vec![0; 32 * 1024]);
    let mut ended: Option<Result<ExitStatus, Status>> = None;
    let mut listening = true;
    loop {
        if ended.is_some() && ends.stdout.is_none() && ends.stderr.is_none() {
            break;
        }
        tokio::select! {
            biased;
            count = read(&mut ends.stdout, &mut out) => match count {
                Some(count) => if !sender.send(STDOUT, &out[..count]).await { return },
                None => ends.stdout = None,
            },
            count = read(&mut ends.stderr, &mut err) => match count {
                Some(count) => if !sender.send(STDERR, &err[..count]).await { return },
                None => ends.stderr = None,
            },
            result = &mut process, if ended.is_none() => ended = Some(result),
            message = receiver.next(), if listening => match message {
                Some((channel, bytes)) => take(channel, &bytes, &mut ends, closes).await,
                // The client is gone: what it started loses its streams with the end of this function.
                None if ended.is_none() => return,
                None => listening = false,
            },
        }
    }
    let status = ended.map(outcome).unwrap_or_default();
    sender.send(ERROR, status.to_string().as_bytes()).await;
    sender.close().await;
}

/// A message of the client.
async fn take(channel: u8, bytes: &[u8], ends: &mut Ends, closes: bool) {
    match channel {
        STDIN => {
            if let Some(stdin) = &mut ends.stdin
                && stdin.write_all(bytes).await.is_err()
            {
                // A process that reads no more does not end for it.
                ends.stdin = None;
            }
        }
        RESIZE => {
            let size: Option<Value> = serde_json::from_slice(bytes).ok();
            let number = |field: &str| size.as_ref()?[field].as_u64().and_then(|n| u16::try_from(n).ok());
            if let (Some(columns), Some(rows), Some(resize)) = (number("Width"), number("Height"), &ends.resize) {
                // A terminal that nobody looks at may miss a size.
                let _ = resize.try_send((columns, rows));
            }
        }
        CLOSE if closes && bytes.first() == Some(&STDIN) => ends.stdin = None,
        _ => {}
    }
}

/// How it ended, as the client is told on the error channel.
fn outcome(result: Result<ExitStatus, Status>) -> Value {
    match result {
        Ok(ExitStatus::Code(0)) => json!({"metadata": {}, "status": "Success"}),
        Ok(ExitStatus::Code(code)) => json!({
            "metadata": {},
            "status": "Failure",
            "message": format!("command terminated with non-zero exit code: command terminated with exit code {code}"),
            "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
        }),
        Ok(ExitStatus::Error(text)) => {
            // The kubelet wraps what the runtime wrapped already.
            Status::internal(format!("Internal error occurred: {text}")).to_json()
        }
        Err(status) => status.to_json(),
    }
}
