//! Requests to the API server: raw HTTP over the [`kube::Client`], JSON bodies as `Value`s, answers that are errors
//! turned into [`Error`], warnings printed (client-go: rest/request.go, rest/warnings.go).

mod lean;
mod log;

use crate::clients::Connection;
use crate::environment::Clock;
use crate::error::{ApiError, ConnectionError, Error, Result};
use crate::io::Sink;
use crate::text::quote;
use bytes::{Buf, BytesMut};
use futures::{Stream, StreamExt, stream};
use http::{Method, Request, Response, header};
use http_body_util::BodyExt;
use kube::client::Body;
use log::Log;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Asks for a table, and for plain JSON of servers that have none (kubectl: get.go `transformRequests`).
pub const ACCEPT_TABLE: &str =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// One request, before it is sent.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(header::HeaderName, String)>,
    body: Vec<u8>,
}

impl Call {
    /// A request to a path such as `/api/v1/pods` (it may have a query already).
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Call { method, path: path.into(), query: Vec::new(), headers: Vec::new(), body: Vec::new() }
    }
    /// `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Call::new(Method::GET, path)
    }
    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
    /// Adds a query parameter if it is not empty.
    pub fn query_if(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.query(name, value) }
    }
    /// Sets a header.
    pub fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    /// A JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string().into_bytes(), "application/json")
    }
    /// Any body.
    pub fn body(mut self, body: Vec<u8>, content_type: &str) -> Self {
        self.body = body;
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// The path with its query.
    pub fn uri(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let mut pairs: Vec<_> = self.query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        // as Go's url.Values.Encode
        pairs.sort_by_key(|(name, _)| *name);
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let separator = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{separator}{query}", self.path)
    }

    fn build(&self) -> Result<Request<Body>> {
        let mut request = Request::builder().method(self.method.clone()).uri(self.uri());
        if !self.headers.iter().any(|(name, _)| name == header::ACCEPT) {
            request = request.header(header::ACCEPT, "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Body::from(self.body.clone())).map_err(|error| Error::msg(error.to_string()))
    }
}

/// The way to the API server; cheap to clone.
#[derive(Clone)]
pub struct Requests {
    client: kube::Client,
    server: String,
    stderr: Sink,
    timeout: Option<Duration>,
    warned: Arc<Mutex<BTreeSet<String>>>,
    compressed: bool,
    color: bool,
    log: Option<Log>,
}

impl Requests {
    /// Requests over a connection; warnings go to `stderr`, each once.
    pub fn new(connection: &Connection, stderr: Sink, timeout: Option<Duration>) -> Self {
        let (client, server) = (connection.client.clone(), connection.server.clone());
        Requests { client, server, stderr, timeout, warned: Arc::default(), compressed: true, color: false, log: None }
    }

    /// Logs requests where the verbosity asks for it (`-v`).
    pub fn verbose(mut self, level: i64, clock: &Arc<dyn Clock>) -> Self {
        self.log = (level >= 6).then(|| Log::new(level, clock.clone(), self.stderr.clone()));
        self
    }

    /// Colours warnings if so.
    pub fn colored(mut self, color: bool) -> Self {
        self.color = color;
        self
    }

    /// Takes compressed answers if so (`--disable-compression`).
    pub fn compressed(mut self, compressed: bool) -> Self {
        self.compressed = compressed;
        self
    }

    /// The lines that upstream's discovery logs before it gives up: every verb that asks it tries that often.
    pub(crate) fn log_discovery_failure(&self, clock: &dyn Clock, error: &Error, times: usize) -> Result<()> {
        let Error::Connection(error) = error else { return Ok(()) };
        let url = format!("{}/api?timeout=32s", self.server.trim_end_matches('/'));
        let cause = quote(&format!("Get {}: {}", quote(&url), error.text));
        for _ in 0..times {
            let stamp = clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%m%d %H:%M:%S%.6f");
            let text = "\"Couldn't get current server API group list\"";
            writeln!(self.stderr, "E{stamp} {:>7} memcache.go:381] {text} err={cause}", 1)?;
        }
        Ok(())
    }

    /// The client beneath, for upgrades (`exec`, `attach`, `port-forward`).
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// How many different warnings were printed.
    pub fn warnings(&self) -> usize {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Sends; an answer that is not a success is an [`Error::Api`].
    pub async fn send(&self, call: Call) -> Result<Response<Body>> {
        let request = call.build()?;
        let started = self.log.as_ref().map(|log| (log, log.request(&self.server, &call, &request)));
        let response = self.within(&call, self.client.send(request)).await?;
        if let Some((log, started)) = started {
            log.response(&self.server, &call, &started, response.as_ref().ok());
        }
        let response = response.map_err(|error| self.explain(Some(&call), &error))?;
        self.warn(&response)?;
        let status = response.status();
        if (200..=206).contains(&status.as_u16()) || status == http::StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response);
        }
        let body = self.collect(&call, response).await?;
        Err(Error::Api(Box::new(error_of(&call, status.as_u16(), &body))))
    }

    /// Sends and reads the answer's bytes.
    pub async fn bytes(&self, call: Call) -> Result<bytes::Bytes> {
        let encoding = if self.compressed { "gzip" } else { "identity" };
        let response = self.send(call.clone().header(header::ACCEPT_ENCODING, encoding)).await?;
        self.collect(&call, response).await
    }

    /// Sends and reads the answer's JSON.
    pub async fn json(&self, call: Call) -> Result<Value> {
        let bytes = self.bytes(call).await?;
        serde_json::from_slice(&bytes).map_err(|error| Error::msg(error.to_string()))
    }

    /// As [`Requests::json`], without `managedFields` anywhere: for what is shown as a table.
    pub async fn lean(&self, call: Call) -> Result<Value> {
        let bytes = self.bytes(call).await?;
        lean::from_slice(&bytes).map_err(|error| Error::msg(error.to_string()))
    }

    /// Sends and streams what comes, for logs and the like.
    pub async fn stream(&self, call: Call) -> Result<impl Stream<Item = Result<bytes::Bytes>> + Send + Unpin + use<>> {
        let response = self.send(call.header(header::ACCEPT_ENCODING, "identity")).await?;
        let this = self.clone();
        let chunks =
            response.into_body().into_data_stream().map(move |chunk| chunk.map_err(|error| this.explain(None, &error)));
        Ok(match self.timeout {
            // Go's Client.Timeout counts until the last byte; what is cut off simply ends.
            Some(limit) => chunks.take_until(tokio::time::sleep(limit)).boxed(),
            None => chunks.boxed(),
        })
    }

    /// Sends a watch; the events in order, until the server ends it.
    pub async fn watch(&self, call: Call) -> Result<impl Stream<Item = Result<WatchEvent>> + Send + Unpin + use<>> {
        let chunks = self.stream(call.query("watch", "true")).await?;
        let state = (chunks, BytesMut::new());
        let events = stream::try_unfold(state, |(mut chunks, mut buffer)| async move {
            loop {
                if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                    let line = buffer.split_to(end);
                    buffer.advance(1);
                    if line.is_empty() {
                        continue;
                    }
                    let event = WatchEvent::parse(&line)?;
                    return Ok(Some((event, (chunks, buffer))));
                }
                match chunks.next().await {
                    Some(chunk) => buffer.extend_from_slice(&chunk?),
                    None => return Ok(None),
                }
            }
        });
        Ok(events.boxed())
    }

    async fn collect(&self, call: &Call, response: Response<Body>) -> Result<bytes::Bytes> {
        let gzip = response.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
        let body = self.within(call, response.into_body().collect()).await?;
        let mut body = body.map_err(|error| self.explain(Some(call), &error))?.to_bytes();
        if gzip {
            let mut plain = Vec::new();
            let read = flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain);
            read.map_err(|error| Error::msg(error.to_string()))?;
            body = plain.into();
        }
        if let Some(log) = &self.log {
            log.response_body(&body);
        }
        Ok(body)
    }

    /// The whole URL of a request.
    fn url(&self, call: &Call) -> String {
        format!("{}{}", self.server.trim_end_matches('/'), call.uri())
    }

    /// `Get "https://…": `: which request failed, as Go's `url.Error` says it.
    fn failed(&self, call: &Call) -> String {
        let method = call.method.as_str();
        format!("{}{} {}: ", &method[..1], method[1..].to_lowercase(), quote(&self.url(call)))
    }

    async fn within<T>(&self, call: &Call, work: impl Future<Output = T>) -> Result<T> {
        let Some(limit) = self.timeout else { return Ok(work.await) };
        tokio::time::timeout(limit, work).await.map_err(|_| {
            let text = "net/http: request canceled (Client.Timeout exceeded while awaiting headers)".into();
            let request = self.failed(call);
            Error::Connection(Box::new(ConnectionError { host: self.host(), refused: false, request, text }))
        })
    }

    fn host(&self) -> String {
        let parsed = url::Url::parse(&self.server).ok();
        let host = parsed.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        match parsed.as_ref().and_then(url::Url::port) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        }
    }

    /// A transport error in Go's words.
    fn explain(&self, call: Option<&Call>, error: &(dyn std::error::Error + 'static)) -> Error {
        let (mut deepest, mut refused, mut cause) = (error, false, Some(error));
        while let Some(current) = cause {
            deepest = current;
            refused |= current
                .downcast_ref::<std::io::Error>()
                .is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
            cause = current.source();
        }
        let text = deepest.to_string();
        let text = if refused {
            format!("dial tcp {}: connect: connection refused", self.host())
        } else if text.contains("UnknownIssuer") {
            "tls: failed to verify certificate: x509: certificate signed by unknown authority".into()
        } else if text.contains("failed to lookup address") {
            let host = self.host();
            format!("dial tcp: lookup {}: no such host", host.split(':').next().unwrap_or_default())
        } else if let Some(text) = wrong_name(&text) {
            text
        } else if let Some(scheme) = text.strip_prefix("unsupported scheme ") {
            format!("unsupported protocol scheme {}", quote(scheme))
        } else {
            text
        };
        let request = call.map(|call| self.failed(call)).unwrap_or_default();
        Error::Connection(Box::new(ConnectionError { host: self.host(), refused, request, text }))
    }

    /// `Warning: …` on stderr, each text once.
    pub(crate) fn warn_once(&self, text: &str) -> Result<()> {
        if self.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_string()) {
            writeln!(self.stderr, "{}", crate::text::warning(text, self.color))?;
        }
        Ok(())
    }

    /// Prints `Warning:` headers, each text once.
    fn warn(&self, response: &Response<Body>) -> Result<()> {
        for value in response.headers().get_all(header::WARNING) {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            // `299 - "text"`, with \" and \\ inside.
            let Some(quoted) = text.strip_prefix("299 ").and_then(|rest| rest.split_once(" \"")).map(|(_, rest)| rest)
            else {
                continue;
            };
            let text = quoted.strip_suffix('"').unwrap_or(quoted).replace("\\\"", "\"").replace("\\\\", "\\");
            self.warn_once(&text)?;
        }
        Ok(())
    }
}

/// rustls' words about a certificate of another name, in Go's.
fn wrong_name(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("certificate not valid for name \"")?;
    let (name, valid) = rest.split_once("\"; certificate is only valid for ")?;
    let is_ip = name.parse::<std::net::IpAddr>().is_ok();
    let kind = if is_ip { "IpAddress(" } else { "DnsName(\"" };
    let parts = valid.split(kind).skip(1).filter_map(|part| part.split([')', '"']).next());
    let names = parts.collect::<Vec<_>>().join(", ");
    let text = match (names.is_empty(), is_ip) {
        (true, true) => format!("cannot validate certificate for {name} because it doesn't contain any IP SANs"),
        (true, false) => format!("certificate is not valid for any names, but wanted to match {name}"),
        (false, _) => format!("certificate is valid for {names}, not {name}"),
    };
    Some(format!("tls: failed to verify certificate: x509: {text}"))
}

/// One event of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`; an `ERROR` is an [`Error::Api`] instead.
    pub kind: String,
    /// The object, or the table, after the event.
    pub object: Value,
}

impl WatchEvent {
    fn parse(line: &[u8]) -> Result<Self> {
        let unable = |error: &dyn std::fmt::Display| {
            Error::msg(format!("unable to decode an event from the watch stream: {error}"))
        };
        let mut value: Value = serde_json::from_slice(line).map_err(|error| unable(&error))?;
        let object = value["object"].take();
        match value["type"].as_str() {
            Some("ERROR") => Err(Error::Api(Box::new(ApiError { status: object }))),
            Some(kind) => Ok(WatchEvent { kind: kind.to_string(), object }),
            None => Err(unable(&"got invalid watch event type")),
        }
    }
}

/// The Status of a failed request, or what client-go makes of an answer that is none (`NewGenericServerResponse`).
fn error_of(call: &Call, code: u16, body: &[u8]) -> ApiError {
    if let Ok(status) = serde_json::from_slice::<Value>(body)
        && status["kind"] == "Status"
        && status["status"] != "Success"
    {
        return ApiError { status };
    }
    let text = String::from_utf8_lossy(body).trim().to_string();
    let text = if text.is_empty() { "unknown".into() } else { text };
    let (reason, message) = match code {
        400 => ("BadRequest", "the server rejected our request for an unknown reason".to_string()),
        401 => ("Unauthorized", "the server has asked for the client to provide credentials".to_string()),
        403 => ("Forbidden", text),
        404 => ("NotFound", "the server could not find the requested resource".to_string()),
        405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource".to_string()),
        406 => (
            "NotAcceptable",
            "the server was unable to respond with a content type that the client supports".to_string(),
        ),
        409 if call.method == Method::POST => ("AlreadyExists", "the server reported a conflict".to_string()),
        409 => ("Conflict", "the server reported a conflict".to_string()),
        415 => ("UnsupportedMediaType", text),
        422 => ("Invalid", "the server rejected our request due to an error in our request".to_string()),
        429 => (
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later".to_string(),
        ),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request".to_string()),
        504 => (
            "Timeout",
            "the server was unable to return a response in the time allotted, but may still be processing the request"
                .to_string(),
        ),
        500.. => (
            "InternalError",
            format!("an error on the server ({}) has prevented the request from succeeding", crate::text::quote(&text)),
        ),
        _ => {
            ("Unknown", format!("the server responded with the status code {code} but did not return more information"))
        }
    };
    ApiError::new(code, reason, message)
}
