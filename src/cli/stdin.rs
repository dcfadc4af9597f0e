//! Standard input for async code, read by a thread that starts with the first read: a command that reads nothing
//! takes nothing from the terminal, and one that ends does not wait for a key.

use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use std::io::{self, Read};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// The process' standard input.
pub fn stdin() -> impl AsyncRead + Send + Unpin {
    let chunks = stream::once(async { chunks() }).flatten();
    StreamReader::new(chunks.boxed())
}

fn chunks() -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        loop {
            let read = match io::stdin().read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => Ok(Bytes::copy_from_slice(&buffer[..length])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            if sender.blocking_send(read).is_err() || failed {
                return;
            }
        }
    });
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|chunk| (chunk, receiver)) })
}
