//! HTTP/1.1 between containers, over connections that are held in memory. Headers keep their order and their letters.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream};

use super::Listener;

/// Bytes of a request's head that are read before the client is called broken.
const MOST_HEAD: usize = 64 << 10;

/// What went wrong on a connection.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It ended before the answer did.
    #[error("Empty reply from server")]
    Ended,
    /// What came is not HTTP.
    #[error("Received HTTP/0.9 when not allowed")]
    NotHttp,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// `200`.
    pub status: u16,
    /// `OK`.
    pub reason: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, without the question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

impl Response {
    /// An answer with the usual words for its status, and a body with its length.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let headers =
            vec![("Content-Length".into(), body.len().to_string()), ("Content-Type".into(), content_type.into())];
        Self { status, reason: reason(status).into(), headers, body }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// The usual words for a status.
pub fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown")
}

/// What answers requests.
#[async_trait]
pub trait Server: Send + Sync {
    /// Answers one request from `peer`.
    async fn answer(&self, request: Request, peer: IpAddr) -> Response;
}

struct HttpListener(Arc<dyn Server>);

/// A listener that speaks HTTP for `server`.
pub fn serve(server: Arc<dyn Server>) -> Arc<dyn Listener> {
    Arc::new(HttpListener(server))
}

impl Listener for HttpListener {
    fn accept(&self, connection: DuplexStream, peer: IpAddr) {
        let server = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut connection = BufReader::new(connection);
            while let Some(request) = read_request(&mut connection).await {
                let head_only = request.method == "HEAD";
                let close = request.header("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
                let mut response = server.answer(request, peer).await;
                if close {
                    for (_, value) in
                        response.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("Connection"))
                    {
                        *value = "close".into();
                    }
                }
                if head_only {
                    response.body.clear();
                }
                if write_response(&mut connection, &response).await.is_err() || close {
                    break;
                }
            }
            // The other side reads what is left, and then the end.
            let _ = connection.shutdown().await;
        });
    }
}

type Head = (String, Vec<(String, String)>);

/// The first line and the headers; `None` when the connection ends before, or says something else.
async fn read_head<R: AsyncRead + Unpin>(from: &mut BufReader<R>) -> Option<Head> {
    let mut first = None;
    let mut headers = Vec::new();
    let mut size = 0;
    loop {
        let mut line = Vec::new();
        let read = from.read_until(b'\n', &mut line).await.ok()?;
        size += read;
        if read == 0 || size > MOST_HEAD {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        match (&first, line.is_empty()) {
            (None, true) => {}
            (None, false) => first = Some(line.to_owned()),
            (Some(_), true) => return first.map(|first| (first, headers)),
            (Some(_), false) => {
                let (name, value) = line.split_once(':')?;
                headers.push((name.to_owned(), value.trim().to_owned()));
            }
        }
    }
}

async fn read_body<R: AsyncRead + Unpin>(
    from: &mut BufReader<R>,
    headers: &[(String, String)],
    until_end: bool,
) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    if find(headers, "Transfer-Encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut line = String::new();
            from.read_line(&mut line).await.ok()?;
            let size = usize::from_str_radix(line.trim().split(';').next()?, 16).ok()?;
            let mut chunk = vec![0; size];
            from.read_exact(&mut chunk).await.ok()?;
            let mut end = String::new();
            from.read_line(&mut end).await.ok()?;
            if size == 0 {
                return Some(body);
            }
            body.extend(chunk);
        }
    }
    match find(headers, "Content-Length") {
        Some(length) => {
            body.resize(length.parse().ok()?, 0);
            from.read_exact(&mut body).await.ok()?;
        }
        None if until_end => {
            from.read_to_end(&mut body).await.ok()?;
        }
        None => {}
    }
    Some(body)
}

async fn read_request<R: AsyncRead + Unpin>(from: &mut BufReader<R>) -> Option<Request> {
    let (first, headers) = read_head(from).await?;
    let mut words = first.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if !version.starts_with("HTTP/") {
        return None;
    }
    let body = read_body(from, &headers, false).await?;
    Some(Request { method: method.to_owned(), target: target.to_owned(), headers, body })
}

fn head(first: String, headers: &[(String, String)]) -> String {
    headers.iter().fold(first, |head, (name, value)| format!("{head}{name}: {value}\r\n")) + "\r\n"
}

async fn write_response<W: AsyncWrite + Unpin>(to: &mut W, response: &Response) -> std::io::Result<()> {
    let head = head(format!("HTTP/1.1 {} {}\r\n", response.status, response.reason), &response.headers);
    to.write_all(head.as_bytes()).await?;
    to.write_all(&response.body).await?;
    to.flush().await
}

/// The client's side of one connection.
pub struct Client(BufReader<DuplexStream>);

impl Client {
    /// A client on a fresh connection.
    pub fn new(connection: DuplexStream) -> Self {
        Self(BufReader::new(connection))
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// When the connection ends before, or what comes is not HTTP.
    pub async fn send(&mut self, request: &Request) -> Result<Response, HttpError> {
        let head = head(format!("{} {} HTTP/1.1\r\n", request.method, request.target), &request.headers);
        self.0.write_all(head.as_bytes()).await.map_err(|_| HttpError::Ended)?;
        self.0.write_all(&request.body).await.map_err(|_| HttpError::Ended)?;
        let (first, headers) = read_head(&mut self.0).await.ok_or(HttpError::Ended)?;
        let mut words = first.splitn(3, ' ');
        let status = match (words.next(), words.next()) {
            (Some(version), Some(status)) if version.starts_with("HTTP/") => {
                status.parse().map_err(|_| HttpError::NotHttp)?
            }
            _ => return Err(HttpError::NotHttp),
        };
        let reason = words.next().unwrap_or_default().to_owned();
        let bodiless = request.method == "HEAD" || status == 204 || status == 304;
        let body =
            if bodiless { Vec::new() } else { read_body(&mut self.0, &headers, true).await.ok_or(HttpError::Ended)? };
        Ok(Response { status, reason, headers, body })
    }
}

/// The parts of `http://host:port/path?query`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`.
    pub scheme: String,
    /// Name or address.
    pub host: String,
    /// Port; 80 or 443 where none was written.
    pub port: u16,
    /// The port was written.
    pub explicit_port: bool,
    /// Path and query, `/` at least.
    pub target: String,
}

impl Url {
    /// Reads what people type: the scheme may be missing. `None` where there is no host or the port is no number.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = target.split('#').next().unwrap_or_default();
        let authority = authority.rsplit('@').next()?;
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return None;
        }
        let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        let explicit = match port {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        let target = match target {
            "" => "/".to_owned(),
            target if target.starts_with('?') => format!("/{target}"),
            target => target.to_owned(),
        };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port: explicit.unwrap_or(default),
            explicit_port: explicit.is_some(),
            target,
        })
    }

    /// What stands in the Host header.
    pub fn authority(&self) -> String {
        if self.explicit_port { format!("{}:{}", self.host, self.port) } else { self.host.clone() }
    }
}

/// The pairs of a query, decoded.
pub fn query_pairs(query: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
