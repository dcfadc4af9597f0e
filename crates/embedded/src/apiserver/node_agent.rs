//! What the API server asks of a node: to run a process in a container, to attach to one, to read logs, to forward a port.

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    sync::mpsc,
};

use super::Status;

/// The reading end of a process's stream.
pub type Reader = Pin<Box<dyn AsyncRead + Send>>;
/// The writing end of a process's stream.
pub type Writer = Pin<Box<dyn AsyncWrite + Send>>;
/// A log as it is read: without end when it is followed.
pub type LogStream = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerTarget {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
    /// The container's name in the pod.
    pub container: String,
}

/// The streams of a process: those that the client asked for.
#[derive(Default)]
pub struct ProcessStreams {
    /// What the client types; it ends when the client closes it.
    pub stdin: Option<Reader>,
    /// What the process prints; with a terminal, all of it.
    pub stdout: Option<Writer>,
    /// What the process prints as errors; never with a terminal.
    pub stderr: Option<Writer>,
    /// Whether the process runs in a terminal.
    pub tty: bool,
    /// The sizes of the terminal as they change: columns and rows.
    pub resize: Option<mpsc::Receiver<(u16, u16)>>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// It ended with this exit code.
    Code(i32),
    /// It could not be started or waited for; the runtime's message.
    Error(String),
}

/// Which part of a log is asked for: `PodLogOptions` of the core API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Go on as the container writes.
    pub follow: bool,
    /// The log of the container's previous instance.
    pub previous: bool,
    /// Only lines not older than this many seconds.
    pub since_seconds: Option<i64>,
    /// Only lines not older than this moment.
    pub since_time: Option<jiff::Timestamp>,
    /// Only the last lines.
    pub tail_lines: Option<i64>,
    /// Each line begins with its time.
    pub timestamps: bool,
    /// At most this many bytes.
    pub limit_bytes: Option<i64>,
}

/// The side of a kubelet that the API server calls.
#[async_trait]
pub trait NodeAgent: Send + Sync {
    /// Whether a container runs at this moment; the pod's status follows later.
    fn runs(&self, target: &ContainerTarget) -> bool;

    /// Runs a command in a container until it ends or the client goes.
    async fn exec(
        &self,
        target: ContainerTarget,
        command: Vec<String>,
        streams: ProcessStreams,
    ) -> Result<ExitStatus, Status>;

    /// Connects to a container's main process until it ends or the client goes. What it printed before is not repeated.
    async fn attach(&self, target: ContainerTarget, streams: ProcessStreams) -> Result<(), Status>;

    /// Reads a container's log.
    async fn logs(&self, target: ContainerTarget, options: LogOptions) -> Result<LogStream, Status>;

    /// Connects to a port of a pod.
    async fn port_forward(&self, namespace: &str, pod: &str, port: u16) -> Result<DuplexStream, Status>;
}
