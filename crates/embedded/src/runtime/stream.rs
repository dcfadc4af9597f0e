//! Where the bytes of a process come from and go to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// A place that takes what a process writes. It never blocks: all of it is in memory.
pub trait Sink: Send + Sync {
    /// Takes `bytes`, all of them.
    fn write(&self, bytes: &[u8]);
}

/// The standard output or error of a process. Clones write to the same place.
#[derive(Clone)]
pub struct Output(Arc<dyn Sink>);

impl Output {
    /// An output that ends in `sink`.
    pub fn to(sink: impl Sink + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// An output that nobody reads.
    pub fn discarded() -> Self {
        struct Nothing;
        impl Sink for Nothing {
            fn write(&self, _: &[u8]) {}
        }
        Self::to(Nothing)
    }

    /// An output that is kept, and what was kept.
    pub fn kept() -> (Self, Kept) {
        let kept = Kept::default();
        (Self::to(kept.clone()), kept)
    }

    /// Writes bytes.
    pub fn write(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.write(bytes);
        }
    }

    /// Writes text and ends the line.
    pub fn line(&self, text: impl AsRef<str>) {
        self.write(format!("{}\n", text.as_ref()).as_bytes());
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Output")
    }
}

/// Bytes that were written to [`Output::kept`].
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Sink for Kept {
    fn write(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

impl Kept {
    /// All that was written until now.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that was written until now, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

#[derive(Default)]
struct Pipe {
    /// `None` is an end that lasts for one read only: Ctrl-D on a terminal.
    chunks: VecDeque<Option<Bytes>>,
    closed: bool,
}

/// The standard input of a process: filled by whoever is attached, read by the process. Clones are the same pipe.
#[derive(Clone, Default)]
pub struct Input {
    pipe: Arc<(Mutex<Pipe>, Notify)>,
}

impl Input {
    /// An input that has ended before it began, as of a container without `stdin: true`.
    pub fn empty() -> Self {
        let input = Self::default();
        input.close();
        input
    }

    /// An input that is open and has nothing in it yet.
    pub fn open() -> Self {
        Self::default()
    }

    /// An input that holds `bytes` and then ends.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let input = Self::default();
        input.feed(bytes.into());
        input.close();
        input
    }

    /// Adds bytes for the process to read. Bytes fed after the end are lost.
    pub fn feed(&self, bytes: Bytes) {
        let mut pipe = self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !pipe.closed && !bytes.is_empty() {
            pipe.chunks.push_back(Some(bytes));
        }
        drop(pipe);
        self.pipe.1.notify_one();
    }

    /// Ends the input for whoever reads now; what is fed after is read next. This is what Ctrl-D does on a terminal.
    pub fn end_of_file(&self) {
        self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner).chunks.push_back(None);
        self.pipe.1.notify_one();
    }

    /// Ends the input: the process reads what is left and then sees its end.
    pub fn close(&self) {
        self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.pipe.1.notify_one();
    }

    /// The input has ended and all of it was read.
    pub fn at_end(&self) -> bool {
        let pipe = self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.closed && pipe.chunks.is_empty()
    }

    /// The next bytes; `None` at the end.
    pub async fn chunk(&self) -> Option<Bytes> {
        loop {
            {
                let mut pipe = self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(chunk) = pipe.chunks.pop_front() {
                    return chunk;
                }
                if pipe.closed {
                    // Whoever else waits on this pipe must see its end too.
                    self.pipe.1.notify_one();
                    return None;
                }
            }
            self.pipe.1.notified().await;
        }
    }

    /// Puts bytes back, to be read next.
    pub fn unread(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.pipe.0.lock().unwrap_or_else(PoisonError::into_inner).chunks.push_front(Some(bytes));
            self.pipe.1.notify_one();
        }
    }

    /// The next line with its newline, or what is left before the end; `None` at the end.
    pub async fn line(&self) -> Option<String> {
        let mut line = Vec::new();
        while let Some(chunk) = self.chunk().await {
            if let Some(at) = chunk.iter().position(|byte| *byte == b'\n') {
                line.extend_from_slice(&chunk[..=at]);
                self.unread(chunk.slice(at + 1..));
                break;
            }
            line.extend_from_slice(&chunk);
        }
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }

    /// All that is left, once the input has ended.
    pub async fn rest(&self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await {
            all.extend_from_slice(&chunk);
        }
        all
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Input")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_read_as_they_come() {
        let input = Input::open();
        input.feed("one\ntwo".into());
        assert_eq!(input.line().await.as_deref(), Some("one\n"));
        let reader = tokio::spawn({
            let input = input.clone();
            async move { input.line().await }
        });
        input.feed(" three\nfour".into());
        assert_eq!(reader.await.unwrap().as_deref(), Some("two three\n"));
        input.close();
        assert_eq!(input.line().await.as_deref(), Some("four"));
        assert_eq!(input.line().await, None);
    }
}
