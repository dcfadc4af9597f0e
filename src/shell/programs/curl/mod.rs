//! `curl` on the learner's machine: to node ports, load balancers and forwarded ports, over plain HTTP.

mod options;

use crate::cluster::{Cluster, Connection};
use crate::shell::files::Files;
use crate::shell::output::{Output, Stream};
use crate::shell::program::{Invocation, Program};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use kubectl::Loopback;
use options::Options;
use std::io::ErrorKind;
use std::sync::Arc;
use url::Url;

/// curl: how many redirections `-L` follows.
const MOST_REDIRECTIONS: usize = 50;

/// curl against one cluster, and against what the learner's own machine listens on.
pub struct Curl {
    cluster: Arc<dyn Cluster>,
    loopback: Loopback,
}

impl Curl {
    /// For this cluster and this machine.
    pub fn new(cluster: Arc<dyn Cluster>, loopback: Loopback) -> Self {
        Curl { cluster, loopback }
    }

    async fn connect(&self, host: &str, port: u16) -> std::io::Result<Connection> {
        match self.loopback.connect(host, port) {
            Ok(connection) => Ok(Box::new(connection)),
            Err(_) => self.cluster.connect(host, port).await,
        }
    }
}

/// curl's own words and exit code.
struct Failure(i32, String);

struct Answer {
    head: http::response::Parts,
    body: Bytes,
}

#[async_trait]
impl Program for Curl {
    fn name(&self) -> &str {
        "curl"
    }

    async fn run(&self, invocation: Invocation) -> i32 {
        let say = |text: String| {
            // A reader that left does not change the exit code.
            let _ = invocation.output.write(Stream::Stderr, text);
        };
        let options = match options::parse(&invocation.args) {
            Ok(options) => options,
            Err(message) => {
                say(format!("curl: {message}\ncurl: try 'curl --help' for more information\n"));
                return 2;
            }
        };
        let mut code = 0;
        for url in &options.urls {
            let transfer = self.transfer(url, &options, &invocation.files, &invocation.output);
            let done = match options.max_time {
                Some(limit) => tokio::time::timeout(limit, transfer).await.unwrap_or_else(|_| {
                    Err(Failure(28, format!("Operation timed out after {} milliseconds", limit.as_millis())))
                }),
                None => transfer.await,
            };
            code = match done {
                Ok(()) => 0,
                Err(Failure(code, message)) => {
                    if !options.silent || options.show_error {
                        say(format!("curl: ({code}) {message}\n"));
                    }
                    code
                }
            };
        }
        code
    }
}

impl Curl {
    async fn transfer(&self, text: &str, options: &Options, files: &Files, output: &Output) -> Result<(), Failure> {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let malformed = || Failure(3, "URL rejected: Malformed input to a URL function".into());
        let mut url = Url::parse(&with_scheme).map_err(|_| malformed())?;
        let mut shown = Vec::new();
        let mut redirections = 0;
        let answer = loop {
            let answer = self.fetch(&url, options).await?;
            if options.include || options.head {
                shown.extend_from_slice(head(&answer.head).as_bytes());
            }
            let location = answer.head.headers.get(http::header::LOCATION).and_then(|to| to.to_str().ok());
            let Some(location) = location.filter(|_| options.location && answer.head.status.is_redirection()) else {
                break answer;
            };
            redirections += 1;
            if redirections > MOST_REDIRECTIONS {
                return Err(Failure(47, format!("Maximum ({MOST_REDIRECTIONS}) redirects followed")));
            }
            url = url.join(location).map_err(|_| malformed())?;
        };
        let status = answer.head.status.as_u16();
        let failed = options.fail && status >= 400;
        if !failed {
            shown.extend_from_slice(&answer.body);
        }
        match options.to.as_deref() {
            Some("/dev/null") => {}
            Some(file) if file != "-" => {
                let written = files.write(file.as_ref(), &shown).await;
                written.map_err(|error| Failure(23, format!("client returned ERROR on write: {error}")))?;
            }
            _ => {
                // A reader that left does not change the exit code.
                let _ = output.write(Stream::Stdout, shown);
            }
        }
        if let Some(format) = &options.write_out {
            let text = options::written_out(format, status, answer.body.len(), &url);
            let _ = output.write(Stream::Stdout, text);
        }
        if failed {
            return Err(Failure(22, format!("The requested URL returned error: {status}")));
        }
        Ok(())
    }

    async fn fetch(&self, url: &Url, options: &Options) -> Result<Answer, Failure> {
        if url.scheme() != "http" {
            let why = "only http is there in a lesson; --allow-host curl runs the machine's own curl";
            return Err(Failure(1, format!("Protocol {:?} not supported: {why}", url.scheme())));
        }
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
        let started = tokio::time::Instant::now();
        let patience = options.connect_timeout.unwrap_or(options::CONNECT_TIMEOUT);
        let host_alone = host.trim_start_matches('[').trim_end_matches(']');
        let connected = tokio::time::timeout(patience, self.connect(host_alone, port)).await;
        let took = started.elapsed().as_millis();
        let failed = |code, words: &str| {
            Failure(code, format!("Failed to connect to {host} port {port} after {took} ms: {words}"))
        };
        let connection = match connected {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
                return Err(Failure(6, format!("Could not resolve host: {host}")));
            }
            Ok(Err(error)) if error.kind() == ErrorKind::TimedOut => {
                return Err(failed(28, "Could not connect to server"));
            }
            Ok(Err(_)) => return Err(failed(7, "Could not connect to server")),
            Err(_) => return Err(failed(28, "Timeout was reached")),
        };
        let request = options.request(url).map_err(|error| Failure(3, format!("URL rejected: {error}")))?;
        let empty = |_: hyper::Error| Failure(52, "Empty reply from server".into());
        let io = TokioIo::new(connection);
        let (mut sender, driver) = hyper::client::conn::http1::handshake::<_, Full<Bytes>>(io).await.map_err(empty)?;
        let exchange = async {
            let (head, body) = sender.send_request(request).await.map_err(empty)?.into_parts();
            Ok(Answer { head, body: body.collect().await.map_err(empty)?.to_bytes() })
        };
        tokio::pin!(exchange, driver);
        // The connection moves only while it is polled; when it ends first, the answer is complete or broken.
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            _ = &mut driver => exchange.await,
        }
    }
}

fn head(parts: &http::response::Parts) -> String {
    let reason = parts.status.canonical_reason().unwrap_or_default();
    let mut text = format!("{:?} {} {reason}\r\n", parts.version, parts.status.as_u16());
    for (name, value) in &parts.headers {
        text += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    text + "\r\n"
}
