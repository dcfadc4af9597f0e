//! WebSockets: the handshake, and channels (the first byte of a message says which stream it is of).

use apimachinery::status::Status;
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    request::Parts,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use super::super::body::Body;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// An accepted handshake: the answer to send, and what becomes the connection once it is sent.
pub(super) struct Handshake {
    pub(super) response: Response<Body>,
    pub(super) protocol: String,
    upgrade: OnUpgrade,
}

/// Whether the client asks for a WebSocket.
fn is_websocket(headers: &HeaderMap) -> bool {
    let has = |name, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    has(CONNECTION, "upgrade") && has(UPGRADE, "websocket")
}

/// Accepts a WebSocket with the first of `protocols` that the client offers.
pub(super) fn accept(parts: &mut Parts, protocols: &[&str]) -> Result<Handshake, Status> {
    let key = parts.headers.get(SEC_WEBSOCKET_KEY).filter(|_| is_websocket(&parts.headers)).cloned();
    let (Some(key), Some(upgrade)) = (key, parts.extensions.remove::<OnUpgrade>()) else {
        return Err(Status::bad_request("Upgrade request required"));
    };
    let offered: Vec<&str> = parts
        .headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let Some(protocol) = protocols.iter().find(|protocol| offered.contains(protocol)) else {
        let why = format!(
            "unable to upgrade: unable to negotiate protocol: client supports {offered:?}, server accepts {protocols:?}"
        );
        return Err(Status::bad_request(why));
    };
    let mut response = Response::new(Body::Full(None));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for (name, value) in
        [(SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes())), (SEC_WEBSOCKET_PROTOCOL, (*protocol).to_owned())]
    {
        headers.insert(name, HeaderValue::from_str(&value).map_err(Status::internal)?);
    }
    Ok(Handshake { response, protocol: (*protocol).to_owned(), upgrade })
}

/// Waits until the answer is sent, and takes the connection over; `None` when the client is gone by then.
pub(super) async fn open(upgrade: OnUpgrade) -> Option<(Sender, Receiver)> {
    let upgraded = upgrade.await.ok()?;
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let (sink, stream) = socket.split();
    Some((Sender(sink), Receiver(stream)))
}

impl Handshake {
    /// The answer, and the connection to come.
    pub(super) fn split(self) -> (Response<Body>, OnUpgrade) {
        (self.response, self.upgrade)
    }
}

/// The sending side.
pub(super) struct Sender(SplitSink<Socket, Message>);

impl Sender {
    /// Sends bytes on a channel; false when the client is gone.
    pub(super) async fn send(&mut self, channel: u8, bytes: &[u8]) -> bool {
        let mut message = Vec::with_capacity(bytes.len() + 1);
        message.push(channel);
        message.extend_from_slice(bytes);
        self.0.send(Message::binary(message)).await.is_ok()
    }

    /// Says goodbye.
    pub(super) async fn close(&mut self) {
        // A client that is gone already needs no goodbye.
        let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        let _ = self.0.send(Message::Close(Some(frame))).await;
        let _ = self.0.close().await;
    }
}

/// The receiving side.
pub(super) struct Receiver(SplitStream<Socket>);

impl Receiver {
    /// The next message: its channel and its bytes; `None` when the client is gone.
    pub(super) async fn next(&mut self) -> Option<(u8, bytes::Bytes)> {
        loop {
            let mut bytes = match self.0.next().await?.ok()? {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => text.into(),
                Message::Close(_) => return None,
                _ => continue,
            };
            if !bytes.is_empty() {
                let channel = bytes.split_to(1)[0];
                return Some((channel, bytes));
            }
        }
    }
}
