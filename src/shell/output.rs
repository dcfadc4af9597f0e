//! Output of commands: both streams in one order, as a terminal shows them, each piece tagged with where it came from.

use bytes::Bytes;
use tokio::sync::mpsc;

/// Which stream a piece was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output, or a terminal.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it was written to.
    pub stream: Stream,
    /// The bytes; a character may be cut.
    pub bytes: Bytes,
}

/// Where output is written to. Clones write to the same place, in the order of their calls.
#[derive(Debug, Clone)]
pub struct Output(mpsc::UnboundedSender<Chunk>);

impl Output {
    /// An output, and what reads it: its end comes when all clones are gone.
    pub fn channel() -> (Output, mpsc::UnboundedReceiver<Chunk>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Output(sender), receiver)
    }

    /// Writes bytes; an error when nobody reads any more.
    ///
    /// # Errors
    /// `BrokenPipe`.
    pub fn write(&self, stream: Stream, bytes: impl Into<Bytes>) -> std::io::Result<()> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        self.0.send(Chunk { stream, bytes }).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

/// All that a command printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// In the order of writing; neighbours of one stream are one.
    chunks: Vec<(Stream, Vec<u8>)>,
}

impl Transcript {
    /// Appends a piece.
    pub fn push(&mut self, chunk: Chunk) {
        match self.chunks.last_mut() {
            Some((stream, bytes)) if *stream == chunk.stream => bytes.extend_from_slice(&chunk.bytes),
            _ => self.chunks.push((chunk.stream, chunk.bytes.to_vec())),
        }
    }

    /// Its pieces in the order of writing, each with where it was written to.
    pub fn pieces(&self) -> impl Iterator<Item = (Stream, &[u8])> {
        self.chunks.iter().map(|(stream, bytes)| (*stream, bytes.as_slice()))
    }

    /// What a terminal shows: both streams.
    pub fn combined(&self) -> String {
        self.text(|_| true)
    }

    /// Standard output alone.
    pub fn stdout(&self) -> String {
        self.text(|stream| stream == Stream::Stdout)
    }

    /// Standard error alone.
    pub fn stderr(&self) -> String {
        self.text(|stream| stream == Stream::Stderr)
    }

    fn text(&self, wanted: impl Fn(Stream) -> bool) -> String {
        let bytes: Vec<u8> =
            self.chunks.iter().filter(|(stream, _)| wanted(*stream)).flat_map(|(_, b)| b).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
