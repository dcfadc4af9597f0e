//! `wget`, as busybox has it.

use std::time::Duration;

use async_trait::async_trait;

use crate::network::http::{Client, Url};
use crate::network::{ConnectError, Request};
use crate::runtime::process::{Process, Program};

/// `wget`
pub struct Wget;

/// How many redirections are followed.
const MOST_REDIRECTIONS: usize = 10;

#[derive(Default)]
struct Options {
    quiet: bool,
    spider: bool,
    to: Option<String>,
    patience: Option<Duration>,
    headers: Vec<(String, String)>,
    data: Option<String>,
    show_headers: bool,
    url: Option<String>,
}

fn options(process: &Process) -> Result<Options, String> {
    let mut options = Options::default();
    let mut words = process.operands().into_iter();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            match name {
                "quiet" => options.quiet = true,
                "spider" => options.spider = true,
                "server-response" => options.show_headers = true,
                "no-check-certificate" | "no-verbose" | "continue" => {}
                "output-document" => options.to = value.or_else(|| words.next()).map(str::to_owned),
                "timeout" => {
                    options.patience =
                        value.or_else(|| words.next()).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs)
                }
                "tries" => drop(value.or_else(|| words.next())),
                "header" => {
                    let header = value.or_else(|| words.next()).unwrap_or_default();
                    options.headers.extend(
                        header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())),
                    );
                }
                "post-data" => options.data = value.or_else(|| words.next()).map(str::to_owned),
                _ => return Err(format!("wget: unrecognized option: {name}")),
            }
            continue;
        }
        let Some(flags) = word.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
            options.url = Some(word.to_owned());
            continue;
        };
        for (at, letter) in flags.char_indices() {
            let rest = &flags[at + 1..];
            match letter {
                'q' => options.quiet = true,
                'S' => options.show_headers = true,
                'c' | 'n' | 'v' => {}
                'O' | 'T' | 't' | 'U' | 'P' => {
                    let value = if rest.is_empty() { words.next().unwrap_or_default() } else { rest };
                    match letter {
                        'O' => options.to = Some(value.to_owned()),
                        'T' => options.patience = value.parse().ok().map(Duration::from_secs),
                        _ => {}
                    }
                    break;
                }
                letter => return Err(format!("wget: unrecognized option: {letter}")),
            }
        }
    }
    Ok(options)
}

#[async_trait]
impl Program for Wget {
    async fn run(&self, process: Process) -> i32 {
        let options = match options(&process) {
            Ok(options) => options,
            Err(message) => return process.fail(message, 1),
        };
        let Some(mut url) = options.url.as_deref().and_then(Url::parse) else {
            return process.fail("wget: missing URL", 1);
        };
        let say = |text: String| {
            if !options.quiet {
                process.stderr.line(text);
            }
        };
        let network = &process.container.setup.network;
        for _ in 0..MOST_REDIRECTIONS {
            if url.scheme == "https" {
                return process
                    .fail("wget: TLS is not simulated in the embedded cluster; use http, or a real cluster", 1);
            }
            let Some(address) =
                network.network.resolve(&network.origin, &url.host).ok().and_then(|found| found.first().copied())
            else {
                return process.fail(format!("wget: bad address '{}'", url.authority()), 1);
            };
            say(format!("Connecting to {} ({address}:{})", url.authority(), url.port));
            let mut headers = vec![
                ("Host".into(), url.authority()),
                ("User-Agent".into(), "Wget".into()),
                ("Connection".into(), "close".into()),
            ];
            headers.extend(options.headers.iter().cloned());
            let body = options.data.clone().unwrap_or_default().into_bytes();
            let method = if options.data.is_some() { "POST" } else { "GET" };
            if options.data.is_some() {
                headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
                headers.push(("Content-Length".into(), body.len().to_string()));
            }
            let request = Request { method: method.into(), target: url.target.clone(), headers, body };
            let exchange = async {
                let connection = network.connect(&url.host, url.port).await?;
                Ok::<_, ConnectError>(Client::new(connection).send(&request).await)
            };
            let answered = match options.patience {
                None => exchange.await,
                Some(patience) => match tokio::time::timeout(patience, exchange).await {
                    Ok(answered) => answered,
                    Err(_) => return process.fail("wget: download timed out", 1),
                },
            };
            let response = match answered {
                Ok(Ok(response)) => response,
                Ok(Err(_)) => return process.fail("wget: error getting response", 1),
                Err(error) => {
                    return process.fail(format!("wget: can't connect to remote host ({address}): {error}"), 1);
                }
            };
            if options.show_headers {
                process.stderr.line(format!("  HTTP/1.1 {} {}", response.status, response.reason));
                for (name, value) in &response.headers {
                    process.stderr.line(format!("  {name}: {value}"));
                }
            }
            if let (301 | 302 | 303 | 307 | 308, Some(location)) = (response.status, response.header("Location")) {
                match Url::parse(location) {
                    Some(next) => url = next,
                    None => return process.fail("wget: bad redirection", 1),
                }
                continue;
            }
            if response.status >= 300 {
                return process
                    .fail(format!("wget: server returned error: HTTP/1.1 {} {}", response.status, response.reason), 1);
            }
            if options.spider {
                say("remote file exists".into());
                return 0;
            }
            return save(&process, &options, &url, &response.body);
        }
        process.fail("wget: too many redirections", 1)
    }
}

fn save(process: &Process, options: &Options, url: &Url, body: &[u8]) -> i32 {
    let default = url
        .target
        .split('?')
        .next()
        .and_then(|path| path.rsplit('/').next())
        .filter(|name| !name.is_empty())
        .unwrap_or("index.html");
    let to = options.to.as_deref().unwrap_or(default);
    let (begin, shown, done) = if to == "-" {
        ("writing to stdout".to_owned(), "-", "written to stdout".to_owned())
    } else {
        (format!("saving to '{to}'"), to, format!("'{to}' saved"))
    };
    if !options.quiet {
        process.stderr.line(begin);
    }
    if to == "-" {
        process.stdout.write(body);
    } else if let Err(error) = process.container.setup.files.write(&process.path(to), body.to_vec()) {
        return process.fail(format!("wget: can't open '{to}': {error}"), 1);
    }
    if !options.quiet {
        process
            .stderr
            .line(format!("{shown:<20.20} 100% |********************************| {:5}  0:00:00 ETA", body.len()));
        process.stderr.line(done);
    }
    0
}
