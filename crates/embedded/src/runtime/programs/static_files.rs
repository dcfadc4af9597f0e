//! Servers of files: Apache httpd and busybox httpd. nginx has a file of its own.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::web::listen;
use crate::network::http::reason;
use crate::network::{Request, Response, Server, serve};
use crate::runtime::files::{Kind, clean};
use crate::runtime::process::{Process, Program};

/// A date as HTTP writes it.
pub fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The type of a file, by the end of its name.
pub fn content_type(path: &str, default: &'static str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html" | "htm") => "text/html",
        Some("txt") => "text/plain",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        Some("xml") => "text/xml",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        _ => default,
    }
}

/// What a path under a folder of files leads to.
pub enum Found {
    /// A file: its path, its bytes and when it was written.
    File(String, bytes::Bytes, Timestamp),
    /// A folder that was asked for without its last slash.
    Folder,
    /// A folder without an index.
    NoIndex(String),
    /// Nothing.
    Missing(String),
}

/// Looks for the file that a request's path means.
pub fn look(process: &Process, root: &str, request: &Request) -> Found {
    let files = &process.container.setup.files;
    let decoded = percent_encoding::percent_decode_str(request.path()).decode_utf8_lossy().into_owned();
    let path = format!("{}{}", root.trim_end_matches('/'), clean("/", &decoded));
    let Ok(entry) = files.status(&path) else { return Found::Missing(path) };
    if let Kind::File(bytes) = entry.kind {
        return Found::File(path, bytes, entry.modified);
    }
    if !decoded.ends_with('/') {
        return Found::Folder;
    }
    let folder = format!("{}/", path.trim_end_matches('/'));
    let index = format!("{folder}index.html");
    match files.status(&index).map(|entry| (entry.kind, entry.modified)) {
        Ok((Kind::File(bytes), modified)) => Found::File(index, bytes, modified),
        _ => Found::NoIndex(folder),
    }
}

struct Folder {
    process: Process,
    root: String,
    server: String,
    log: bool,
}

#[async_trait]
impl Server for Folder {
    async fn answer(&self, request: Request, peer: IpAddr) -> Response {
        let now = self.process.container.setup.clock.now();
        let page = |status: u16, text: &str| {
            let title = reason(status);
            let html = format!(
                "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {title}</title>\n</head><body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"
            );
            (status, "text/html; charset=iso-8859-1", html.into_bytes(), None)
        };
        let (status, kind, body, modified) = match look(&self.process, &self.root, &request) {
            Found::File(path, bytes, modified) => {
                (200, content_type(&path, "text/plain"), bytes.to_vec(), Some(modified))
            }
            Found::Folder => page(301, "The document has moved."),
            Found::NoIndex(_) => page(403, "You don't have permission to access this resource."),
            Found::Missing(_) => page(404, "The requested URL was not found on this server."),
        };
        let mut headers = vec![("Date".to_owned(), http_date(now)), ("Server".to_owned(), self.server.clone())];
        if let Some(modified) = modified {
            headers.push(("Last-Modified".into(), http_date(modified)));
            headers.push(("ETag".into(), format!("\"{:x}-{:x}\"", body.len(), modified.as_second())));
            headers.push(("Accept-Ranges".into(), "bytes".into()));
        }
        headers.push(("Content-Length".into(), body.len().to_string()));
        headers.push(("Content-Type".into(), kind.into()));
        if status == 301 {
            headers.push((
                "Location".into(),
                format!("http://{}{}/", request.header("Host").unwrap_or_default(), request.path()),
            ));
        }
        if self.log {
            let stamp = now.strftime("%d/%b/%Y:%H:%M:%S +0000");
            self.process.stdout.line(format!(
                "{peer} - - [{stamp}] \"{} {} HTTP/1.1\" {status} {}",
                request.method,
                request.target,
                body.len()
            ));
        }
        Response { status, reason: reason(status).into(), headers, body }
    }
}

/// Apache httpd, as the image `httpd` runs it
pub struct Apache;

#[async_trait]
impl Program for Apache {
    async fn run(&self, process: Process) -> i32 {
        let setup = &process.container.setup;
        let version = setup.image.version().to_owned();
        let warning = format!(
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {}. Set the 'ServerName' directive globally to suppress this message",
            setup.network.address
        );
        process.stderr.line(&warning);
        process.stderr.line(&warning);
        let stamp = setup.clock.now().strftime("%a %b %d %H:%M:%S%.6f %Y").to_string();
        process.stderr.line(format!("[{stamp}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/{version} (Unix) configured -- resuming normal operations"));
        process
            .stderr
            .line(format!("[{stamp}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'"));
        let server = format!("Apache/{version} (Unix)");
        let folder = Folder { process: process.clone(), root: "/usr/local/apache2/htdocs".into(), server, log: true };
        listen(&process, 80, serve(Arc::new(folder))).await
    }

    fn on_terminate(&self) -> Option<i32> {
        Some(0)
    }
}

/// busybox httpd
pub struct Httpd;

#[async_trait]
impl Program for Httpd {
    async fn run(&self, process: Process) -> i32 {
        let (mut port, mut root, mut foreground) = (80, process.directory.clone(), false);
        let mut words = process.operands().into_iter();
        while let Some(word) = words.next() {
            match word {
                "-p" => port = words.next().and_then(|port| port.rsplit(':').next()?.parse().ok()).unwrap_or(port),
                "-h" => root = process.path(words.next().unwrap_or(".")),
                word if word.starts_with('-') => foreground |= word.contains('f'),
                _ => {}
            }
        }
        let folder = Folder { process: process.clone(), root, server: "busybox httpd".into(), log: false };
        let listener = serve(Arc::new(folder));
        if foreground {
            return listen(&process, port, listener).await;
        }
        // Without -f it goes to the background and leaves its caller free.
        let setup = &process.container.setup;
        if setup.network.listen(&setup.id, port, listener) {
            0
        } else {
            process.fail("httpd: bind: Address already in use", 1)
        }
    }
}
