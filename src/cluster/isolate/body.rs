//! An answer in the lesson's names, as it streams by.

use super::filter;
use super::names::{DEFAULT, Names};
use super::target::Target;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame};
use kube::client::Body;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::BoxError;

/// The body of an answer.
pub(super) struct Shown {
    inner: Option<Body>,
    work: Work,
    /// Held back: it may be the beginning of a name or of a line.
    rest: BytesMut,
}

enum Work {
    Nothing,
    Replace(Replacer),
    /// A watch across namespaces: event by event.
    Lines(Box<filter::Events>),
}

impl Shown {
    /// As it comes.
    pub fn untouched(inner: Body) -> Self {
        Shown { inner: Some(inner), work: Work::Nothing, rest: BytesMut::new() }
    }

    /// Names replaced wherever they stand.
    pub fn replaced(inner: Body, names: &Names) -> Self {
        Shown { inner: Some(inner), work: Work::Replace(Replacer::new(names)), rest: BytesMut::new() }
    }

    /// Events of what the lesson sees.
    pub fn lines(inner: Body, names: Arc<Names>, target: Target) -> Self {
        Shown {
            inner: Some(inner),
            work: Work::Lines(Box::new(filter::Events::new(names, target))),
            rest: BytesMut::new(),
        }
    }

    /// A document that is complete.
    pub fn whole(document: Bytes) -> Self {
        Shown::untouched(Body::from(document))
    }

    /// What can be passed on of what has been read.
    fn work_off(&mut self, last: bool) -> Bytes {
        match &mut self.work {
            Work::Nothing => self.rest.split().freeze(),
            Work::Replace(replacer) => replacer.take(&mut self.rest, last),
            Work::Lines(events) => {
                let end = if last {
                    self.rest.len()
                } else {
                    self.rest.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1)
                };
                let lines = self.rest.split_to(end);
                let mut shown = BytesMut::new();
                for line in lines.split_inclusive(|&b| b == b'\n') {
                    shown.extend_from_slice(&events.line(line));
                }
                shown.freeze()
            }
        }
    }
}

impl HttpBody for Shown {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let Some(inner) = &mut self.inner else {
                return Poll::Ready(None);
            };
            let piece = match std::task::ready!(Pin::new(inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        self.rest.extend_from_slice(&data);
                        self.work_off(false)
                    }
                    // Trailers say nothing.
                    Err(_) => continue,
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => {
                    self.inner = None;
                    self.work_off(true)
                }
            };
            if !piece.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
    }
}

/// Puts the lesson's names where real ones stand, anywhere in bytes.
pub(in crate::cluster) struct Replacer {
    real: Vec<u8>,
    suffix: Vec<u8>,
    /// A beginning of a name of this many bytes is held back until the next bytes come.
    shortest: usize,
}

impl Replacer {
    pub fn new(names: &Names) -> Self {
        Replacer { real: names.real().into(), suffix: names.suffix().into(), shortest: 1 }
    }

    /// Holds back longer beginnings only.
    pub fn holding_from(self, shortest: usize) -> Self {
        Replacer { shortest, ..self }
    }

    /// Takes what is complete from `rest`; all of it when it is the `last`.
    pub fn take(&self, rest: &mut BytesMut, last: bool) -> Bytes {
        let hold = if last { 0 } else { self.possible_beginning(rest) };
        let ready = rest.split_to(rest.len() - hold);
        match self.find(&ready) {
            None => ready.freeze(),
            Some(first) => self.replace(&ready, first),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        bytes.windows(self.real.len()).position(|window| window == self.real)
    }

    fn replace(&self, bytes: &[u8], first: usize) -> Bytes {
        let mut shown = BytesMut::with_capacity(bytes.len());
        let (mut done, mut next) = (0, Some(first));
        let of = self.suffix.len() - self.real.len();
        while let Some(at) = next {
            let before = &bytes[done..at];
            if before.ends_with(&self.suffix[..of]) {
                // `team-blue-of-…`: a namespace that the lesson made.
                shown.extend_from_slice(&before[..before.len() - of]);
            } else {
                shown.extend_from_slice(before);
                shown.extend_from_slice(DEFAULT.as_bytes());
            }
            done = at + self.real.len();
            next = self.find(&bytes[done..]).map(|found| done + found);
        }
        shown.extend_from_slice(&bytes[done..]);
        shown.freeze()
    }

    /// How many bytes at the end may be the beginning of a name.
    fn possible_beginning(&self, bytes: &[u8]) -> usize {
        let longest = |name: &[u8]| {
            (self.shortest..name.len().min(bytes.len() + 1)).rev().find(|&n| bytes.ends_with(&name[..n])).unwrap_or(0)
        };
        longest(&self.real).max(longest(&self.suffix))
    }
}
