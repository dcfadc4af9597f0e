//! `curl`, over HTTP: the options that people use, the errors and exit codes of curl 8.

mod options;

use std::time::Duration;

use async_trait::async_trait;

use self::options::{Options, options};
use crate::network::http::{Client, Url};
use crate::network::{ConnectError, Request, Response};
use crate::runtime::process::{Process, Program};

/// `curl`
pub struct Curl;

/// How many redirections `-L` follows.
const MOST_REDIRECTIONS: usize = 50;
/// The table that shows progress, before anything came.
const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";
const NO_PROGRESS: &str = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";

/// Why a transfer failed: curl's text and exit code.
struct Failure(String, i32);

struct Transfer<'a> {
    process: &'a Process,
    options: &'a Options,
    started: jiff::Timestamp,
}

impl Transfer<'_> {
    fn milliseconds(&self) -> i128 {
        self.process.container.setup.clock.now().duration_since(self.started).as_millis()
    }

    fn note(&self, text: impl AsRef<str>) {
        if self.options.verbose {
            self.process.stderr.line(text);
        }
    }

    fn request(&self, url: &Url) -> Request {
        let options = self.options;
        let mut target = url.target.clone();
        let data = options.data.join("&");
        if options.get && !data.is_empty() {
            target = format!("{target}{}{data}", if target.contains('?') { "&" } else { "?" });
        }
        let has_body = !options.data.is_empty() && !options.get;
        let method = options.method.clone().unwrap_or_else(|| {
            if options.head {
                "HEAD"
            } else if has_body {
                "POST"
            } else {
                "GET"
            }
            .to_owned()
        });
        let version = self.process.container.setup.image.version();
        let own = if version.starts_with(['7', '8']) { version } else { "8.14.1" };
        let agent = options.user_agent.clone().unwrap_or_else(|| format!("curl/{own}"));
        let mut headers: Vec<(String, String)> = vec![("Host".into(), url.authority())];
        if let Some(user) = &options.user {
            use base64::Engine;
            headers.push((
                "Authorization".into(),
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user)),
            ));
        }
        headers.extend([("User-Agent".into(), agent), ("Accept".into(), "*/*".into())]);
        for header in &options.headers {
            let Some((name, value)) = header.split_once(':') else { continue };
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            if value.trim().is_empty() {
                continue;
            }
            let at = if name.eq_ignore_ascii_case("host") { 0 } else { headers.len() };
            headers.insert(at, (name.to_owned(), value.trim().to_owned()));
        }
        if has_body {
            headers.push(("Content-Length".into(), data.len().to_string()));
            if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
            }
        }
        Request { method, target, headers, body: if has_body { data.into_bytes() } else { Vec::new() } }
    }

    async fn fetch(&self, url: &Url) -> Result<Response, Failure> {
        let network = &self.process.container.setup.network;
        if url.scheme == "https" {
            return Err(Failure(
                "curl: (35) TLS is not simulated in the embedded cluster; use http, or a real cluster".into(),
                35,
            ));
        }
        if url.scheme != "http" {
            return Err(Failure(format!("curl: (1) Protocol \"{}\" not supported", url.scheme), 1));
        }
        let host =
            self.options.resolve.iter().find(|(host, _)| *host == url.host).map_or(&url.host, |(_, address)| address);
        let address = match network.network.resolve(&network.origin, host) {
            Ok(addresses) if !addresses.is_empty() => addresses[0],
            _ => return Err(Failure(format!("curl: (6) Could not resolve host: {}", url.host), 6)),
        };
        self.note(format!("*   Trying {address}:{}...", url.port));
        let connecting = network.network.connect_to(&network.origin, address, url.port);
        let patience = self.options.connect_timeout.unwrap_or(Duration::from_secs(300));
        let connected = match tokio::time::timeout(patience, connecting).await {
            Ok(connected) => connected,
            Err(_) => {
                return Err(Failure(
                    format!(
                        "curl: (28) Failed to connect to {} port {} after {} ms: Timeout was reached",
                        url.host,
                        url.port,
                        self.milliseconds()
                    ),
                    28,
                ));
            }
        };
        let connection = connected.map_err(|error| {
            self.note(format!("* connect to {address} port {} failed: {error}", url.port));
            let (code, words) = match error {
                ConnectError::TimedOut => (28, "Could not connect to server"),
                _ => (7, "Could not connect to server"),
            };
            Failure(
                format!(
                    "curl: ({code}) Failed to connect to {} port {} after {} ms: {words}",
                    url.host,
                    url.port,
                    self.milliseconds()
                ),
                code,
            )
        })?;
        self.note(format!("* Connected to {} ({address}) port {}", url.host, url.port));
        let request = self.request(url);
        self.note(format!("> {} {} HTTP/1.1", request.method, request.target));
        for (name, value) in &request.headers {
            self.note(format!("> {name}: {value}"));
        }
        self.note("> ");
        let response = Client::new(connection)
            .send(&request)
            .await
            .map_err(|_| Failure("curl: (52) Empty reply from server".into(), 52))?;
        self.note(format!("< HTTP/1.1 {} {}", response.status, response.reason));
        for (name, value) in &response.headers {
            self.note(format!("< {name}: {value}"));
        }
        self.note("< ");
        Ok(response)
    }

    fn head_text(&self, response: &Response) -> String {
        let headers: String = response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {} {}\r\n{headers}\r\n", response.status, response.reason)
    }

    async fn run(&self, text: &str) -> Result<i32, Failure> {
        let options = self.options;
        let mut url = Url::parse(text)
            .ok_or_else(|| Failure("curl: (3) URL rejected: Malformed input to a URL function".into(), 3))?;
        let mut out = Vec::new();
        let mut redirections = 0;
        let (response, failed) = loop {
            let response = self.fetch(&url).await?;
            if options.include || options.head {
                out.extend(self.head_text(&response).into_bytes());
            }
            let location = response
                .header("Location")
                .filter(|_| options.location && (301..=308).contains(&response.status))
                .map(str::to_owned);
            if let Some(location) = location {
                redirections += 1;
                if redirections > MOST_REDIRECTIONS {
                    return Err(Failure("curl: (47) Maximum (50) redirects followed".into(), 47));
                }
                let next = if location.starts_with('/') {
                    format!("{}://{}{location}", url.scheme, url.authority())
                } else {
                    location
                };
                url = Url::parse(&next).ok_or_else(|| Failure("curl: (3) URL rejected".into(), 3))?;
                continue;
            }
            let failed = (options.fail || options.fail_with_body) && response.status >= 400;
            break (response, failed);
        };
        if !failed || options.fail_with_body {
            out.extend_from_slice(&response.body);
        } else {
            out.clear();
        }
        let name = options
            .to
            .clone()
            .or_else(|| options.remote_name.then(|| url.target.rsplit('/').next().unwrap_or_default().to_owned()));
        self.meter(&response, name.is_some());
        self.note(format!("* Connection #0 to host {} left intact", url.host));
        match name.as_deref() {
            Some("/dev/null") => {}
            None | Some("-") => self.process.stdout.write(&out),
            Some(file) => {
                if let Err(error) = self.process.container.setup.files.write(&self.process.path(file), out) {
                    return Err(Failure(format!("curl: (23) client returned ERROR on write, {file}: {error}"), 23));
                }
            }
        }
        if let Some(format) = &options.write_out {
            self.process.stdout.write(self.write_out(format, &response, text).as_bytes());
        }
        if failed {
            return Err(Failure(format!("curl: (22) The requested URL returned error: {}", response.status), 22));
        }
        Ok(0)
    }

    fn write_out(&self, format: &str, response: &Response, url: &str) -> String {
        let time = format!("{:.6}", self.milliseconds() as f64 / 1000.0);
        format
            .replace("%{http_code}", &format!("{:03}", response.status))
            .replace("%{response_code}", &format!("{:03}", response.status))
            .replace("%{size_download}", &response.body.len().to_string())
            .replace("%{content_type}", response.header("Content-Type").unwrap_or_default())
            .replace("%{time_total}", &time)
            .replace("%{url_effective}", url)
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("%%", "%")
    }

    /// The progress table, where there is one: when the body does not go to a terminal.
    fn meter(&self, response: &Response, to_file: bool) {
        if self.options.silent || (self.process.terminal.is_some() && !to_file) {
            return;
        }
        let size = response.body.len();
        self.process.stderr.write(format!("{METER}{NO_PROGRESS}\r100 {size:5}  100 {size:5}    0     0   600k      0 --:--:-- --:--:-- --:--:--  600k\n").as_bytes());
    }
}

#[async_trait]
impl Program for Curl {
    async fn run(&self, process: Process) -> i32 {
        let options = match options(&process) {
            Ok(options) => options,
            Err((message, code)) => return process.fail(message, code),
        };
        if options.urls.is_empty() {
            return process.fail("curl: (2) no URL specified", 2);
        }
        let clock = process.container.setup.clock;
        let mut last = 0;
        for url in &options.urls {
            if url == "\0version" {
                process.stdout.line(format!("curl {} (x86_64-pc-linux-musl)", process.container.setup.image.version()));
                return 0;
            }
            for attempt in 0..=options.retry {
                let transfer = Transfer { process: &process, options: &options, started: clock.now() };
                let running = transfer.run(url);
                let ended = match options.max_time {
                    None => running.await,
                    Some(most) => tokio::time::timeout(most, running).await.unwrap_or_else(|_| {
                        let message =
                            format!("curl: (28) Connection timed out after {} milliseconds", transfer.milliseconds());
                        Err(Failure(message, 28))
                    }),
                };
                let Failure(message, code) = match ended {
                    Ok(code) => {
                        last = code;
                        break;
                    }
                    Err(failure) => failure,
                };
                if !options.silent && code != 22 && process.terminal.is_none() {
                    process.stderr.write(METER.as_bytes());
                    process.stderr.write(NO_PROGRESS.as_bytes());
                    if code == 28 {
                        process.stderr.write(b"\n");
                    }
                }
                if !options.silent || options.show_error {
                    process.stderr.line(message);
                }
                if let Some(format) = &options.write_out
                    && code != 22
                {
                    process.stdout.write(transfer.write_out(format, &Response::default(), url).as_bytes());
                }
                last = code;
                if attempt < options.retry {
                    clock.sleep(Duration::from_secs(1 << attempt.min(9))).await;
                }
            }
        }
        last
    }
}
