//! agnhost: the test image of Kubernetes, as far as its own documentation's tutorials use it.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;

use super::web::listen;
use crate::network::http::query_pairs;
use crate::network::{Request, Response, Server, serve};
use crate::runtime::process::{Process, Program};

/// `agnhost SUBCOMMAND`
pub struct Agnhost;

struct Netexec {
    process: Process,
}

#[async_trait]
impl Server for Netexec {
    async fn answer(&self, request: Request, peer: IpAddr) -> Response {
        let setup = &self.process.container.setup;
        let plain = "text/plain; charset=utf-8";
        match request.path() {
            "/hostname" | "/hostName" => Response::new(200, plain, setup.hostname.clone()),
            "/clientip" => Response::new(200, plain, format!("{peer}:40000")),
            "/echo" => Response::new(200, plain, query_pairs(request.query()).get("msg").cloned().unwrap_or_default()),
            "/healthz" => Response::new(200, plain, ""),
            "/" => Response::new(
                200,
                plain,
                format!("NOW: {}", setup.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")),
            ),
            path => Response::new(404, plain, format!("the embedded cluster's agnhost does not simulate {path}\n")),
        }
    }
}

struct Hostname(Process);

#[async_trait]
impl Server for Hostname {
    async fn answer(&self, _: Request, _: IpAddr) -> Response {
        Response::new(200, "text/plain; charset=utf-8", self.0.container.setup.hostname.clone())
    }
}

/// Answers well for ten seconds, then badly: the tutorial about liveness probes.
struct Liveness {
    process: Process,
    started: jiff::Timestamp,
}

#[async_trait]
impl Server for Liveness {
    async fn answer(&self, request: Request, _: IpAddr) -> Response {
        let plain = "text/plain; charset=utf-8";
        let lived = self.process.container.setup.clock.now().duration_since(self.started);
        match request.path() {
            "/started" => Response::new(200, plain, format!("{:.6}", lived.as_secs_f64())),
            "/healthz" if lived.as_secs() > 10 => {
                Response::new(500, plain, format!("error: {:.6}", lived.as_secs_f64()))
            }
            "/healthz" => Response::new(200, plain, "ok"),
            _ => Response::new(404, plain, "404 page not found\n"),
        }
    }
}

fn option(words: &[&str], names: &[&str]) -> Option<u16> {
    words.iter().enumerate().find_map(|(at, word)| {
        let (name, value) = word.split_once('=').map_or((*word, None), |(name, value)| (name, Some(value)));
        names
            .contains(&name)
            .then(|| value.or_else(|| words.get(at + 1).copied()))?
            .and_then(|value| value.parse().ok())
    })
}

#[async_trait]
impl Program for Agnhost {
    async fn run(&self, process: Process) -> i32 {
        let words: Vec<&str> = process.operands();
        match words.first().copied().unwrap_or("help") {
            "pause" => {
                process.stdout.line("Paused");
                std::future::pending().await
            }
            "netexec" => {
                let port = option(&words, &["--http-port"]).unwrap_or(8080);
                process.stdout.line(format!("Started HTTP server on port {port}"));
                process.stdout.line("Started UDP server on port  8081");
                listen(&process, port, serve(Arc::new(Netexec { process: process.clone() }))).await
            }
            "serve-hostname" => {
                let port = option(&words, &["--port"]).unwrap_or(9376);
                listen(&process, port, serve(Arc::new(Hostname(process.clone())))).await
            }
            "liveness" => {
                let started = process.container.setup.clock.now();
                listen(&process, 8080, serve(Arc::new(Liveness { process: process.clone(), started }))).await
            }
            other => process
                .fail(format!("agnhost: the embedded cluster does not simulate `{other}`; run this on a real one"), 1),
        }
    }

    fn on_terminate(&self) -> Option<i32> {
        Some(2)
    }
}
