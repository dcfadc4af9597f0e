//! What a terminal or a program inside of the cluster prints, in the lesson's names.

use super::body::Replacer;
use super::names::Names;
use bytes::{Bytes, BytesMut};

/// A beginning shorter than this is shown at once: a prompt that ends with `l` is no name.
const SHORT: usize = 4;

/// A stream of output.
pub struct Screen {
    replacer: Replacer,
    rest: BytesMut,
}

impl Screen {
    /// For a stream of a cluster with these names.
    pub fn new(names: &Names) -> Self {
        Screen { replacer: Replacer::new(names).holding_from(SHORT), rest: BytesMut::new() }
    }

    /// What can be shown after these bytes came.
    pub fn show(&mut self, bytes: &[u8]) -> Bytes {
        self.rest.extend_from_slice(bytes);
        self.replacer.take(&mut self.rest, false)
    }

    /// What is left at the end.
    pub fn end(&mut self) -> Bytes {
        self.replacer.take(&mut self.rest, true)
    }
}
