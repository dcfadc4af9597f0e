//! `kubectl`, in this process, on the lesson's cluster, with the learner's files.

use crate::cluster::{Cluster, isolate};
use crate::shell::files::Files;
use crate::shell::output::{Output, Stream};
use crate::shell::program::{Invocation, Program, TerminalSize};
use async_trait::async_trait;
use kubectl::clients::FixedClient;
use kubectl::{Environment, FileKind, Io, Loopback, NoPrograms, Sink, TerminalInfo};
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Verbs whose input is typed into a container, and not an object.
const INTO_CONTAINERS: &[&str] = &["attach", "debug", "exec", "run"];

/// kubectl on one cluster.
pub struct Kubectl {
    cluster: Arc<dyn Cluster>,
    loopback: Loopback,
}

impl Kubectl {
    /// For this cluster; `port-forward` and `proxy` listen on the loopback.
    pub fn new(cluster: Arc<dyn Cluster>, loopback: Loopback) -> Self {
        Kubectl { cluster, loopback }
    }
}

#[async_trait]
impl Program for Kubectl {
    fn name(&self) -> &str {
        "kubectl"
    }

    async fn run(&self, invocation: Invocation) -> i32 {
        let client = FixedClient {
            client: self.cluster.client(),
            namespace: "default".into(),
            context: self.cluster.name().to_owned(),
            server: self.cluster.server().to_owned(),
        };
        let environment = Environment {
            vars: Arc::new(invocation.variables),
            files: Arc::new(invocation.files),
            programs: Arc::new(NoPrograms),
            clients: Arc::new(client),
            clock: Arc::new(Clock(self.cluster.clone())),
            network: Arc::new(self.loopback.clone()),
        };
        let names = self.cluster.names();
        let terminal =
            // a lesson's text has no colours
            invocation.terminal.map(|size| TerminalInfo { stdin: true, stdout: true, stderr: false, terminal: Arc::new(Fixed(size)) });
        let (stdout, stderr) = (
            Arc::new(Screen::new(&invocation.output, Stream::Stdout, names.as_deref())),
            Arc::new(Screen::new(&invocation.output, Stream::Stderr, names.as_deref())),
        );
        drop(invocation.output);
        let into_container = invocation.args.iter().any(|arg| INTO_CONTAINERS.contains(&arg.as_str()));
        let io = Io {
            stdin: match names {
                Some(names) if into_container => Box::new(Typed { inner: invocation.stdin, names, rest: Vec::new() }),
                _ => invocation.stdin,
            },
            stdout: Sink::new(Shared(stdout.clone())),
            stderr: Sink::new(Shared(stderr.clone())),
            tty: terminal,
        };
        let code = kubectl::run(invocation.args, &environment, io).await;
        // A reader that left does not change the exit code.
        let _ = stdout.end();
        let _ = stderr.end();
        code
    }
}

struct Clock(Arc<dyn Cluster>);

impl kubectl::Clock for Clock {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
}

#[async_trait]
impl kubectl::Files for Files {
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Files::read(self, path).await
    }
    async fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        Files::write(self, path, bytes).await
    }
    async fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        Files::list(self, path).await
    }
    async fn kind(&self, path: &Path) -> io::Result<FileKind> {
        Ok(if self.is_directory(path).await? { FileKind::Directory } else { FileKind::File })
    }
    async fn remove(&self, path: &Path) -> io::Result<()> {
        Files::remove(self, path).await
    }
}

/// A stream of output in the lesson's names: what programs in containers print has not gone through the API's layer.
struct Screen {
    output: Output,
    stream: Stream,
    screen: Option<Mutex<isolate::Screen>>,
}

impl Screen {
    fn new(output: &Output, stream: Stream, names: Option<&isolate::Names>) -> Self {
        Screen { output: output.clone(), stream, screen: names.map(|names| Mutex::new(isolate::Screen::new(names))) }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(screen) = &self.screen else {
            return self.output.write(self.stream, bytes.to_vec());
        };
        let shown = screen.lock().unwrap_or_else(PoisonError::into_inner).show(bytes);
        self.output.write(self.stream, shown)
    }

    fn end(&self) -> io::Result<()> {
        let Some(screen) = &self.screen else { return Ok(()) };
        let rest = screen.lock().unwrap_or_else(PoisonError::into_inner).end();
        self.output.write(self.stream, rest)
    }
}

struct Shared(Arc<Screen>);

impl kubectl::io::Output for Shared {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.write(bytes)
    }
}

/// What is typed, in real names.
struct Typed {
    inner: Box<dyn AsyncRead + Send + Unpin>,
    names: Arc<isolate::Names>,
    rest: Vec<u8>,
}

impl AsyncRead for Typed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            let mut bytes = [0; 4096];
            let mut read = ReadBuf::new(&mut bytes);
            std::task::ready!(Pin::new(&mut self.inner).poll_read(context, &mut read))?;
            let read = read.filled();
            self.rest = match std::str::from_utf8(read) {
                Ok(text) => isolate::typed(text, &self.names).into_bytes(),
                // Not typed by a person.
                Err(_) => read.to_vec(),
            };
        }
        let count = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Poll::Ready(Ok(()))
    }
}

/// A terminal whose size never changes.
struct Fixed(TerminalSize);

#[async_trait]
impl kubectl::Terminal for Fixed {
    fn set_raw(&self, _raw: bool) -> io::Result<()> {
        Ok(())
    }
    fn size(&self) -> Option<kubectl::TerminalSize> {
        Some(kubectl::TerminalSize { width: self.0.width, height: self.0.height })
    }
    async fn resized(&self) -> kubectl::TerminalSize {
        std::future::pending().await
    }
}
