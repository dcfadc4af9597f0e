//! How the interpreter starts a program: it runs as a task of its own, on the clock of the caller, while the
//! interpreter passes its input and output on.

use super::INTERRUPTED;
use super::files::Files;
use super::language::Terminal;
use super::output::{Chunk, Output, Stream};
use super::program::{Invocation, Program, TerminalSize};
use super::timeless::Rounds;
use async_trait::async_trait;
use bashkit::{CommandContext, CommandInput, CommandStatus};
use bytes::Bytes;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

type Keyboard = mpsc::UnboundedReceiver<Bytes>;

/// What a program finds around it.
pub(super) struct Attached {
    runtime: Handle,
    rounds: Rounds,
    size: Option<TerminalSize>,
    /// Taken by the first program that asks for it.
    keyboard: Mutex<Option<Keyboard>>,
}

impl Attached {
    /// For commands that are started now, on this runtime.
    pub fn new(terminal: Option<Terminal>, rounds: Rounds) -> Self {
        let size = terminal.as_ref().map(|terminal| terminal.size);
        let keyboard = Mutex::new(terminal.map(|terminal| terminal.stdin));
        Attached { runtime: Handle::current(), rounds, size, keyboard }
    }

    /// The runtime whose clock counts.
    pub fn runtime(&self) -> Handle {
        self.runtime.clone()
    }

    fn take(&self) -> (Handle, Rounds, Option<TerminalSize>, Option<Keyboard>) {
        let keyboard = self.keyboard.lock().unwrap_or_else(PoisonError::into_inner).take();
        (self.runtime.clone(), self.rounds.clone(), self.size, keyboard)
    }
}

/// A program as bashkit calls it.
pub(super) struct Adapter(pub Arc<dyn Program>);

#[async_trait]
impl bashkit::Command for Adapter {
    async fn execute(&self, context: CommandContext<'_>) -> bashkit::Result<CommandStatus> {
        let attached = context.execution_extension::<Attached>().ok_or(bashkit::Error::Cancelled)?;
        let (runtime, rounds, terminal, keyboard) =
            attached.try_with(Attached::take).map_err(|_| bashkit::Error::Cancelled)?;
        let (output, mut pieces) = Output::channel();
        let (wanted, mut wants) = mpsc::unbounded_channel();
        let (piped, more) = mpsc::unbounded_channel();
        let invocation = Invocation {
            args: context.args.to_vec(),
            variables: context.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            directory: context.cwd.to_owned(),
            files: Files::new(context.fs.clone(), context.cwd.to_owned()),
            stdin: Box::new(Stdin { wanted, piped: Some(more), keyboard, asked: false, rest: Bytes::new() }),
            output,
            terminal,
        };
        let program = self.0.clone();
        let mut run = AbortOnDropHandle::new(runtime.spawn(async move { program.run(invocation).await }));
        let feed = feed(context.stdin.clone(), &mut wants, piped);
        tokio::pin!(feed);
        let mut screen = Screen { context: &context, rounds, last: Stream::Stdout };
        let mut feeding = true;
        let code = loop {
            tokio::select! {
                biased;
                // A reader that left ends the program, as SIGPIPE does.
                Some(chunk) = pieces.recv() => screen.write(chunk).await?,
                code = &mut run => break code,
                fed = &mut feed, if feeding => {
                    feeding = false;
                    fed?;
                }
            }
        };
        while let Ok(chunk) = pieces.try_recv() {
            screen.write(chunk).await?;
        }
        screen.rounds.pass(TURN).await;
        let code = code.unwrap_or_else(|error| if error.is_panic() { ABORTED } else { INTERRUPTED });
        Ok(CommandStatus::with_code(code))
    }
}

/// 128 + SIGABRT.
const ABORTED: i32 = 134;

/// bashkit pumps both streams side by side, in one task with the program's. In the next round of polls the pumps may
/// come after this; in the one after that they have had their turn, and what was written has been delivered.
const TURN: u64 = 2;

/// Both streams of a program, kept in order.
struct Screen<'a, 'b> {
    context: &'a CommandContext<'b>,
    rounds: Rounds,
    last: Stream,
}

impl Screen<'_, '_> {
    async fn write(&mut self, chunk: Chunk) -> bashkit::Result<()> {
        if chunk.stream != self.last {
            self.rounds.pass(TURN).await;
            self.last = chunk.stream;
        }
        match chunk.stream {
            Stream::Stdout => self.context.stdout.write_all(&chunk.bytes).await,
            Stream::Stderr => self.context.stderr.write_all(&chunk.bytes).await,
        }
    }
}

/// Reads what is piped in only when the program wants it: `while read x; do kubectl get $x; done` needs the rest.
async fn feed(
    stdin: CommandInput,
    wants: &mut mpsc::UnboundedReceiver<()>,
    piped: mpsc::UnboundedSender<Bytes>,
) -> bashkit::Result<()> {
    while wants.recv().await.is_some() {
        let Some(chunk) = stdin.read_chunk().await? else {
            break;
        };
        if piped.send(chunk.into()).is_err() {
            break;
        }
    }
    Ok(())
}

/// Standard input: what is piped in; where nothing is, the keyboard.
struct Stdin {
    wanted: mpsc::UnboundedSender<()>,
    piped: Option<mpsc::UnboundedReceiver<Bytes>>,
    keyboard: Option<Keyboard>,
    asked: bool,
    rest: Bytes,
}

impl Stdin {
    fn poll_piped(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(piped) = &mut self.piped else {
            return Poll::Ready(None);
        };
        if !self.asked {
            // Where the other side has gone, its sender is gone too: the input is at its end.
            self.asked = self.wanted.send(()).is_ok();
        }
        let chunk = std::task::ready!(piped.poll_recv(context));
        self.asked = false;
        match &chunk {
            // Something was piped in: its end is the end, whatever the keyboard says.
            Some(_) => self.keyboard = None,
            None => self.piped = None,
        }
        Poll::Ready(chunk)
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            let chunk = match std::task::ready!(self.poll_piped(context)) {
                Some(chunk) => Some(chunk),
                None => match &mut self.keyboard {
                    Some(keyboard) => std::task::ready!(keyboard.poll_recv(context)),
                    None => None,
                },
            };
            self.rest = chunk.unwrap_or_default();
        }
        let count = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(count));
        Poll::Ready(Ok(()))
    }
}
