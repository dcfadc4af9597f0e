//! SPDY/3.1 as kubelets speak it for port-forward (github.com/moby/spdystream): streams over one connection, without flow
//! control. The client opens streams; of what the server sends, only data, ends and resets matter.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

const CONTROL: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;
const GOAWAY: u16 = 7;
/// A data frame, or a `SYN_STREAM`, that is its sender's last.
const FIN: u8 = 1;
/// `RST_STREAM`'s reason: the sender wants no more of it.
const CANCEL: u32 = 5;
/// How many frames may wait for a stream's reader, or for the connection.
const QUEUE: usize = 16;
const HEAD: usize = 8;
/// Keeps what is silent from being taken for dead (client-go: tools/portforward `PingPeriod`).
const BETWEEN_PINGS: Duration = Duration::from_secs(10);

type Incoming = mpsc::Sender<Bytes>;

/// The client's side of a connection. Streams can be opened as long as [`Session::run`] is polled.
pub(super) struct Session {
    frames: mpsc::Sender<Bytes>,
    streams: Arc<Mutex<HashMap<u32, Incoming>>>,
    opening: Mutex<Opening>,
}

struct Opening {
    next: u32,
    compress: Compress,
}

/// A stream: bytes both ways.
pub(super) struct SpdyStream {
    id: u32,
    frames: mpsc::Sender<Bytes>,
    incoming: mpsc::Receiver<Bytes>,
    streams: Arc<Mutex<HashMap<u32, Incoming>>>,
}

/// The writing half of a stream.
pub(super) struct Writer {
    id: u32,
    frames: mpsc::Sender<Bytes>,
}

impl Session {
    /// A session, and what is to be sent for it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Bytes>) {
        let (frames, outgoing) = mpsc::channel(QUEUE);
        // header blocks are a few bytes: stored, they need no dictionary
        let opening = Mutex::new(Opening { next: 1, compress: Compress::new(Compression::none(), true) });
        (Session { frames, streams: Arc::default(), opening }, outgoing)
    }

    /// Opens a stream with these headers.
    pub(super) async fn open(&self, headers: &[(&str, &str)]) -> io::Result<SpdyStream> {
        let (sender, incoming) = mpsc::channel(QUEUE);
        let (id, frame) = {
            // the order of identifiers, and of the compression's blocks, is the order on the wire
            let mut opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
            let id = opening.next;
            opening.next += 2;
            (id, syn_stream(id, headers, &mut opening.compress)?)
        };
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        self.frames.send(frame).await.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(SpdyStream { id, frames: self.frames.clone(), incoming, streams: self.streams.clone() })
    }

    /// Carries frames until the connection ends.
    pub(super) async fn run(
        &self,
        reader: impl AsyncRead + Unpin,
        writer: impl AsyncWrite + Unpin,
        outgoing: mpsc::Receiver<Bytes>,
    ) {
        tokio::select! {
            () = self.receive(reader) => {}
            () = send(writer, outgoing) => {}
        }
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn receive(&self, mut reader: impl AsyncRead + Unpin) {
        let mut buffer = BytesMut::with_capacity(32 * 1024);
        loop {
            while let Some(frame) = take_frame(&mut buffer) {
                if !self.handle(frame).await {
                    return;
                }
            }
            match reader.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Handles one frame; false if it was the last.
    async fn handle(&self, mut frame: Bytes) -> bool {
        let (first, flags) = (frame.get_u32(), frame.get_u32().to_be_bytes()[0]);
        if first >> 31 == 0 {
            let stream = self.stream(first, flags & FIN != 0);
            if let Some(stream) = stream.filter(|_| !frame.is_empty()) {
                // a reader that is gone wants none of it
                let _ = stream.send(frame).await;
            }
            return true;
        }
        match (first & 0xffff) as u16 {
            // the server's are even; ours come back
            PING if frame.len() >= 4 && frame[3].is_multiple_of(2) => {
                let answer = control(PING, 0, &frame[..4]);
                self.frames.send(answer).await.is_ok()
            }
            RST_STREAM if frame.len() >= 4 => {
                drop(self.stream(frame.get_u32(), true));
                true
            }
            GOAWAY => false,
            _ => {
                // SYN_REPLY, HEADERS: a reply that is the last of its stream ends it
                if flags & FIN != 0 && frame.len() >= 4 {
                    drop(self.stream(frame.get_u32(), true));
                }
                true
            }
        }
    }

    fn stream(&self, id: u32, last: bool) -> Option<Incoming> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let id = id & 0x7fff_ffff;
        if last { streams.remove(&id) } else { streams.get(&id).cloned() }
    }
}

impl SpdyStream {
    /// The next bytes; nothing at the end.
    pub(super) async fn read(&mut self) -> Option<Bytes> {
        self.incoming.recv().await
    }

    /// What writes to the stream while it is read.
    pub(super) fn writer(&self) -> Writer {
        Writer { id: self.id, frames: self.frames.clone() }
    }

    /// Says that no more is wanted, and that no more will come.
    pub(super) async fn reset(self) {
        let body = [self.id.to_be_bytes(), CANCEL.to_be_bytes()].concat();
        // a connection that has ended has reset all its streams
        let _ = self.frames.send(control(RST_STREAM, 0, &body)).await;
    }
}

impl Drop for SpdyStream {
    fn drop(&mut self) {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Writer {
    /// Sends bytes.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.frame(0, bytes).await
    }
    /// Says that no more will come.
    pub(super) async fn finish(&self) -> io::Result<()> {
        self.frame(FIN, &[]).await
    }
    async fn frame(&self, flags: u8, bytes: &[u8]) -> io::Result<()> {
        let frame = framed(self.id, flags, bytes);
        self.frames.send(frame).await.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

async fn send(mut writer: impl AsyncWrite + Unpin, mut outgoing: mpsc::Receiver<Bytes>) {
    let mut pings = tokio::time::interval(BETWEEN_PINGS);
    pings.reset();
    let mut ping: u32 = 1;
    loop {
        let frame = tokio::select! {
            frame = outgoing.recv() => match frame {
                Some(frame) => frame,
                None => return,
            },
            _ = pings.tick() => {
                ping = ping.wrapping_add(2);
                control(PING, 0, &ping.to_be_bytes())
            }
        };
        if writer.write_all(&frame).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

/// A whole frame, if there is one.
fn take_frame(buffer: &mut BytesMut) -> Option<Bytes> {
    let length = buffer.get(5..HEAD)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    (buffer.len() >= HEAD + length).then(|| buffer.split_to(HEAD + length).freeze())
}

fn framed(first: u32, flags: u8, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(HEAD + body.len());
    frame.put_u32(first);
    // a body is a header block or what was read at once: far below 16 MiB
    let length = u32::try_from(body.len()).unwrap_or(0) & 0x00ff_ffff;
    frame.put_u32(u32::from(flags) << 24 | length);
    frame.put_slice(body);
    frame.freeze()
}

fn control(kind: u16, flags: u8, body: &[u8]) -> Bytes {
    framed(u32::from(CONTROL) << 16 | u32::from(kind), flags, body)
}

fn syn_stream(id: u32, headers: &[(&str, &str)], compress: &mut Compress) -> io::Result<Bytes> {
    let mut plain = Vec::new();
    let put = |plain: &mut Vec<u8>, text: &str| {
        plain.put_u32(u32::try_from(text.len()).unwrap_or(0));
        plain.extend_from_slice(text.as_bytes());
    };
    plain.put_u32(u32::try_from(headers.len()).unwrap_or(0));
    for (name, value) in headers {
        put(&mut plain, name);
        put(&mut plain, value);
    }
    let mut body = Vec::with_capacity(plain.len() + 64);
    body.put_u32(id);
    body.put_u32(0); // associated to no other stream
    body.put_u16(0); // priority, slot
    let mut block = Vec::with_capacity(plain.len() + 64);
    compress.compress_vec(&plain, &mut block, FlushCompress::Sync).map_err(io::Error::other)?;
    body.extend_from_slice(&block);
    Ok(control(SYN_STREAM, 0, &body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Decompress, FlushDecompress};

    fn header_block(frame: &[u8], inflate: &mut Decompress) -> Vec<u8> {
        let mut plain = Vec::with_capacity(256);
        inflate.decompress_vec(&frame[HEAD + 10..], &mut plain, FlushDecompress::Sync).expect("valid zlib");
        plain
    }

    #[test]
    fn header_blocks_are_one_zlib_stream() {
        let (mut deflate, mut inflate) = (Compress::new(Compression::none(), true), Decompress::new(true));
        for id in [1, 3] {
            let frame = syn_stream(id, &[("port", "80")], &mut deflate).expect("compresses");
            assert_eq!(&frame[..4], &[0x80, 3, 0, 1]);
            assert_eq!(&frame[8..12], &id.to_be_bytes());
            assert_eq!(header_block(&frame, &mut inflate), b"\0\0\0\x01\0\0\0\x04port\0\0\0\x0280");
        }
    }

    #[tokio::test]
    async fn streams_carry_bytes_until_their_end() {
        let (session, outgoing) = Session::new();
        let (near, far) = tokio::io::duplex(4096);
        let (reader, writer) = tokio::io::split(near);
        let (mut from, mut to) = tokio::io::split(far);
        let server = async {
            let mut buffer = BytesMut::new();
            let mut seen = Vec::new();
            while seen.len() < 3 {
                from.read_buf(&mut buffer).await.expect("readable");
                while let Some(frame) = take_frame(&mut buffer) {
                    seen.push(frame);
                }
            }
            assert_eq!(&seen[1][..], b"\0\0\0\x01\0\0\0\x02hi");
            assert_eq!(&seen[2][..], b"\0\0\0\x01\x01\0\0\0");
            to.write_all(b"\x80\x03\0\x06\0\0\0\x04\0\0\0\x08").await.expect("a ping");
            to.write_all(b"\0\0\0\x01\x01\0\0\x02yo").await.expect("an answer");
            let mut pong = [0; 12];
            from.read_exact(&mut pong).await.expect("a pong");
            assert_eq!(&pong, b"\x80\x03\0\x06\0\0\0\x04\0\0\0\x08");
            std::future::pending::<()>().await;
        };
        let client = async {
            let mut stream = session.open(&[("streamtype", "data")]).await.expect("opens");
            stream.writer().write(b"hi").await.expect("writes");
            stream.writer().finish().await.expect("ends");
            assert_eq!(stream.read().await.as_deref(), Some(&b"yo"[..]));
            assert_eq!(stream.read().await, None);
            tokio::task::yield_now().await;
        };
        tokio::select! {
            () = client => {}
            () = server => unreachable!("the server waits"),
            () = session.run(reader, writer, outgoing) => panic!("the session ended"),
        }
    }
}
