//! Where a command reads from and writes to: given by the caller, never the process' own.

use std::fmt::Arguments;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::AsyncRead;

/// Takes the bytes that a command writes. Called in order, a write is visible when the call returns, so that what
/// streams (`-w`, `logs -f`) streams.
pub trait Output: Send + Sync {
    /// Writes all of `bytes`. An error (a closed pipe) ends the command.
    fn write(&self, bytes: &[u8]) -> io::Result<()>;
}

/// A cheap handle on an [`Output`]. `write!` and `writeln!` work on it.
#[derive(Clone)]
pub struct Sink(Arc<dyn Output>);

impl Sink {
    /// A sink over an output of the caller's.
    pub fn new(output: impl Output + 'static) -> Self {
        Sink(Arc::new(output))
    }
    /// A sink over a plain writer (the process' stdout, a file).
    pub fn writer(writer: impl io::Write + Send + 'static) -> Self {
        Sink::new(WriterOutput(Mutex::new(writer)))
    }
    /// A sink that hands its bytes to an async consumer as they come; the consumer's end closes with the last clone.
    pub fn channel() -> (Self, tokio::sync::mpsc::UnboundedReceiver<bytes::Bytes>) {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        (Sink::new(ChannelOutput(sender)), receiver)
    }
    /// A sink that collects, and what reads it.
    pub fn buffer() -> (Self, Buffer) {
        let buffer = Buffer::default();
        (Sink::new(buffer.clone()), buffer)
    }
    /// Writes bytes as they are.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.write(bytes)
    }
    /// What `write!` calls.
    pub fn write_fmt(&self, arguments: Arguments<'_>) -> io::Result<()> {
        match arguments.as_str() {
            Some(text) => self.0.write(text.as_bytes()),
            None => self.0.write(arguments.to_string().as_bytes()),
        }
    }
}

struct WriterOutput<W>(Mutex<W>);

impl<W: io::Write + Send> Output for WriterOutput<W> {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(bytes)?;
        writer.flush()
    }
}

struct ChannelOutput(tokio::sync::mpsc::UnboundedSender<bytes::Bytes>);

impl Output for ChannelOutput {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let closed = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.send(bytes::Bytes::copy_from_slice(bytes)).map_err(closed)
    }
}

/// Collected output.
#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// What was written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// What was written so far, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

impl Output for Buffer {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(())
    }
}

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// A terminal's controls, for `-it`.
#[async_trait::async_trait]
pub trait Terminal: Send + Sync {
    /// Switches raw mode (no echo, no line editing, no signals from keys) on or off.
    fn set_raw(&self, raw: bool) -> io::Result<()>;
    /// The present size, if known.
    fn size(&self) -> Option<TerminalSize>;
    /// Waits for the next change of size; a terminal that never changes never returns.
    async fn resized(&self) -> TerminalSize;
}

/// What is a terminal.
#[derive(Clone)]
pub struct TerminalInfo {
    /// Standard input is one.
    pub stdin: bool,
    /// Standard output is one.
    pub stdout: bool,
    /// Standard error is one: warnings are coloured there.
    pub stderr: bool,
    /// Its controls.
    pub terminal: Arc<dyn Terminal>,
}

/// The streams of one command.
pub struct Io {
    /// Standard input.
    pub stdin: Box<dyn AsyncRead + Send + Unpin>,
    /// Standard output.
    pub stdout: Sink,
    /// Standard error.
    pub stderr: Sink,
    /// The terminal, where there is one.
    pub tty: Option<TerminalInfo>,
}

impl Io {
    /// Empty input, collected output: for tests and for callers that only want the texts.
    pub fn captured() -> (Self, Buffer, Buffer) {
        let (stdout, out) = Sink::buffer();
        let (stderr, err) = Sink::buffer();
        (Io { stdin: Box::new(tokio::io::empty()), stdout, stderr, tty: None }, out, err)
    }
}
