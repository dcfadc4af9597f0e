//! The way to the pod: SPDY/3.1 in a WebSocket (client-go: tools/portforward/tunneling_dialer.go), or a WebSocket a
//! connection with `v4.channel.k8s.io` for servers that do not tunnel.

use super::spdy::Session;
use crate::command::Context;
use crate::error::{ApiError, Error, Result};
use crate::network::Stream;
use crate::request::Call;
use crate::verbs::remote;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::client::Body;
use serde_json::Value;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};
use tokio_util::io::{CopyToBytes, SinkWriter, StreamReader};

const PROTOCOL: &str = "SPDY/3.1+portforward.k8s.io";

/// A way to a pod's ports.
pub(super) struct Tunnel {
    way: Way,
    /// Ends when the pod cannot be reached any more. Must be polled for anything to move.
    pub alive: BoxFuture<'static, ()>,
}

/// How connections get there.
#[derive(Clone)]
pub(super) enum Way {
    /// All share one connection; each has a number.
    Spdy(Arc<Session>, Arc<AtomicU32>),
    /// Each opens its own.
    Channels(Box<kube::Api<Pod>>, String),
}

/// Why there is no tunnel.
enum Refused {
    /// The server does not know the protocol.
    Unknown,
    /// It said no.
    Error(String),
}

/// Opens the way to a pod.
pub(super) async fn open(cx: &Context, pod: &Value) -> Result<Tunnel> {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    match upgrade(cx, &format!("/api/v1/namespaces/{namespace}/pods/{name}/portforward")).await {
        Ok(socket) => Ok(tunnel(socket)),
        Err(Refused::Unknown) => {
            let way = Way::Channels(Box::new(remote::pods(cx, namespace).await?), name.to_string());
            let ended = ended(cx.requests().await?, namespace.to_string(), name.to_string());
            Ok(Tunnel { way, alive: Box::pin(ended) })
        }
        Err(Refused::Error(text)) => Err(Error::msg(format!("error upgrading connection: {text}"))),
    }
}

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

async fn upgrade(cx: &Context, path: &str) -> Result<Socket, Refused> {
    let failed = |error: &dyn std::fmt::Display| Refused::Error(error.to_string());
    let key = generate_key();
    let request = Request::get(path)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .header(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
        .body(Body::empty())
        .map_err(|error| failed(&error))?;
    let requests = cx.requests().await.map_err(|error| failed(&error))?;
    let response = requests.client().send(request).await.map_err(|error| failed(&error))?;
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS if speaks(&response, &key) => {}
        // who may not, or what is not there, is so in any protocol
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            let body = response.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
            return Err(match serde_json::from_slice::<Value>(&body) {
                Ok(status) => failed(&ApiError { status }),
                Err(_) => failed(&String::from_utf8_lossy(&body)),
            });
        }
        _ => return Err(Refused::Unknown),
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| failed(&error))?;
    Ok(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await)
}

/// The server took the protocol, and answers this very request.
fn speaks<B>(response: &Response<B>, key: &str) -> bool {
    let is = |name: header::HeaderName, wanted: &str| {
        response.headers().get(name).is_some_and(|value| value.as_bytes() == wanted.as_bytes())
    };
    is(header::SEC_WEBSOCKET_ACCEPT, &derive_accept_key(key.as_bytes())) && is(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
}

fn tunnel(socket: Socket) -> Tunnel {
    let (session, outgoing) = Session::new();
    let session = Arc::new(session);
    let (sink, messages) = socket.split();
    let bytes = messages.filter_map(|message| async {
        match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Close(_)) => Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::other(error))),
        }
    });
    let sink = sink.sink_map_err(io::Error::other);
    let sink = sink.with(|bytes: Bytes| std::future::ready(Ok::<_, io::Error>(Message::Binary(bytes))));
    let reader = StreamReader::new(Box::pin(bytes));
    let writer = SinkWriter::new(CopyToBytes::new(sink));
    let running = session.clone();
    Tunnel {
        way: Way::Spdy(session, Arc::default()),
        alive: Box::pin(async move { running.run(reader, writer, outgoing).await }),
    }
}

/// Ends when the pod does.
async fn ended(requests: crate::request::Requests, namespace: String, name: String) {
    let call = || {
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        Call::get(pods).query("fieldSelector", format!("metadata.name={name}"))
    };
    let runs = |pod: &Value| pod["status"]["phase"] == "Running";
    loop {
        let Ok(list) = requests.json(call()).await else { return };
        if !list["items"].get(0).is_some_and(runs) {
            return;
        }
        let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        let Ok(mut events) = requests.watch(call().query("resourceVersion", version)).await else { return };
        while let Some(Ok(event)) = events.next().await {
            if event.kind == "DELETED" || (event.kind == "MODIFIED" && !runs(&event.object)) {
                return;
            }
        }
    }
}

impl Tunnel {
    /// What carries connections while [`Tunnel::alive`] is polled.
    pub(super) fn way(&self) -> Way {
        self.way.clone()
    }
}

impl Way {
    /// Carries one connection until its far side has ended. The error is the pod's side's: it ends the session.
    pub(super) async fn carry(self, connection: Pin<Box<dyn Stream>>, port: u16) -> Result<(), String> {
        match self {
            Way::Spdy(session, requests) => {
                let number = requests.fetch_add(1, Ordering::Relaxed);
                spdy(&session, number, connection, port).await
            }
            Way::Channels(pods, name) => channels(&pods, &name, connection, port).await,
        }
    }
}

async fn spdy(session: &Session, number: u32, connection: Pin<Box<dyn Stream>>, port: u16) -> Result<(), String> {
    let (port, number) = (port.to_string(), number.to_string());
    let headers = |kind: &'static str| [("streamtype", kind), ("port", &*port), ("requestid", &*number)];
    // a connection that has ended says so by `alive`
    let Ok(mut errors) = session.open(&headers("error")).await else { return Ok(()) };
    let _ = errors.writer().finish().await;
    let Ok(mut data) = session.open(&headers("data")).await else { return Ok(()) };
    let (mut local, mut back) = tokio::io::split(connection);
    let writer = data.writer();
    let upload = async {
        let mut buffer = vec![0; 32 * 1024];
        loop {
            match local.read(&mut buffer).await {
                Ok(0) => break,
                Ok(count) if writer.write(&buffer[..count]).await.is_ok() => {}
                _ => return,
            }
        }
        let _ = writer.finish().await;
        std::future::pending::<()>().await;
    };
    let download = async {
        while let Some(bytes) = data.read().await {
            if back.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // the caller may have left already
        let _ = back.shutdown().await;
    };
    tokio::select! {
        () = upload => {}
        () = download => {}
    }
    data.reset().await;
    let mut message = Vec::new();
    while let Some(bytes) = errors.read().await {
        message.extend_from_slice(&bytes);
    }
    match message.is_empty() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&message).into_owned()),
    }
}

async fn channels(
    pods: &kube::Api<Pod>,
    name: &str,
    mut connection: Pin<Box<dyn Stream>>,
    port: u16,
) -> Result<(), String> {
    let mut forwarder = pods.portforward(name, &[port]).await.map_err(|error| error.to_string())?;
    let (Some(mut stream), Some(error)) = (forwarder.take_stream(port), forwarder.take_error(port)) else {
        return Ok(());
    };
    let copied = tokio::io::copy_bidirectional(&mut connection, &mut stream);
    tokio::pin!(error, copied);
    let said = tokio::select! {
        biased;
        said = &mut error => match said {
            Some(said) => Some(said),
            None => {
                // no error will come: what is left is carried; either side may leave
                let _ = copied.await;
                None
            }
        },
        _ = &mut copied => None,
    };
    forwarder.abort();
    said.map_or(Ok(()), Err)
}
