//! nginx: serves the files that its configuration names, logs requests, answers as nginx does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::run_operands;
use super::static_files::{Found, content_type, http_date, look};
use crate::network::{Request, Response, Server, serve};
use crate::runtime::process::{Process, Program};

/// The configuration that the images bring; any other is read by [`Site::read`].
const SITES: &str = "/etc/nginx/conf.d";
/// The kernel that log lines name.
const KERNEL: &str = "6.12.0";

/// The official image's entrypoint: what it prints depends on how old the image is.
pub struct EntryPoint;

fn at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) >= (major, minor)
}

#[async_trait]
impl Program for EntryPoint {
    async fn run(&self, process: Process) -> i32 {
        let version = process.container.setup.image.version();
        let starts_nginx = process.operands().first().is_some_and(|word| word.starts_with("nginx"));
        if starts_nginx && at_least(version, 1, 19) {
            let own = "/docker-entrypoint.sh";
            let say = |text: &str| process.stdout.line(text);
            say(&format!("{own}: /docker-entrypoint.d/ is not empty, will attempt to perform configuration"));
            say(&format!("{own}: Looking for shell scripts in /docker-entrypoint.d/"));
            say(&format!("{own}: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh"));
            say("10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf");
            say("10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf");
            if at_least(version, 1, 25) {
                say(&format!("{own}: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh"));
            }
            say(&format!("{own}: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh"));
            say(&format!("{own}: Launching /docker-entrypoint.d/30-tune-worker-processes.sh"));
            say(&format!("{own}: Configuration complete; ready for start up"));
        }
        run_operands(process).await
    }

    fn on_terminate(&self) -> Option<i32> {
        Nginx.on_terminate()
    }
}

/// nginx itself
pub struct Nginx;

/// One server of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Site {
    ports: Vec<u16>,
    root: String,
    /// Locations that answer with a text or a redirection: `return CODE TEXT`.
    returns: BTreeMap<String, (u16, String)>,
    /// Directives that are not simulated.
    unknown: Vec<String>,
}

impl Site {
    /// Reads the servers of a configuration: `listen`, `root`, `location` with `return` or `root`. The rest is noted, never guessed.
    fn read(text: &str) -> Vec<Self> {
        const HARMLESS: &[&str] = &[
            "access_log",
            "autoindex",
            "charset",
            "default_type",
            "error_log",
            "error_page",
            "gzip",
            "include",
            "index",
            "keepalive_timeout",
            "server_name",
            "sendfile",
            "server_tokens",
            "add_header",
            "location",
            "server",
            "try_files",
        ];
        let mut sites: Vec<Self> = Vec::new();
        let mut blocks: Vec<String> = Vec::new();
        let without_comments: String =
            text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
        for piece in without_comments.split_inclusive([';', '{', '}']) {
            let (words, end) = piece.split_at(piece.len() - 1);
            let words: Vec<&str> = words.split_whitespace().collect();
            match end {
                "{" => {
                    if words.first() == Some(&"server") {
                        sites.push(Self::default());
                    }
                    blocks.push(words.join(" "));
                }
                "}" => {
                    blocks.pop();
                }
                _ => {
                    let Some(site) = sites.last_mut() else { continue };
                    let location = blocks
                        .last()
                        .and_then(|block| block.strip_prefix("location "))
                        .map(|path| path.trim_start_matches("= ").to_owned());
                    match (words.as_slice(), location) {
                        (["listen", port, ..], _) => {
                            site.ports.extend(port.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()))
                        }
                        (["root", root], None) => site.root = (*root).to_owned(),
                        (["root", root], Some(path)) if path == "/" => site.root = (*root).to_owned(),
                        (["return", code, text @ ..], path) => {
                            let text = text
                                .join(" ")
                                .trim_matches(['"', '\''])
                                .replace("\\n", "\n")
                                .replace("$hostname", "\u{0}");
                            site.returns
                                .insert(path.unwrap_or_else(|| "/".into()), (code.parse().unwrap_or(200), text));
                        }
                        (["root", _], _) | ([], _) => {}
                        ([name, ..], _) if HARMLESS.contains(name) => {}
                        ([name, ..], _) => site.unknown.push((*name).to_owned()),
                    }
                }
            }
        }
        for site in &mut sites {
            site.ports.sort_unstable();
            site.ports.dedup();
            if site.ports.is_empty() {
                site.ports.push(80);
            }
        }
        sites
    }
}

struct Serves {
    process: Process,
    site: Site,
    version: String,
    connections: AtomicU64,
}

impl Serves {
    fn page(&self, status: u16) -> String {
        let reason = format!("{status} {}", error_words(status));
        format!(
            "<html>\r\n<head><title>{reason}</title></head>\r\n<body>\r\n<center><h1>{reason}</h1></center>\r\n<hr><center>nginx/{}</center>\r\n</body>\r\n</html>\r\n",
            self.version
        )
    }

    /// Writes to the error log.
    fn complain(&self, number: u64, what: &str, request: &Request, peer: IpAddr) {
        let setup = &self.process.container.setup;
        let stamp = setup.clock.now().strftime("%Y/%m/%d %H:%M:%S");
        self.process.stderr.line(format!(
            "{stamp} [error] 29#29: *{number} {what}, client: {peer}, server: localhost, request: \"{} {} HTTP/1.1\", host: \"{}\"",
            request.method,
            request.target,
            request.header("Host").unwrap_or_default()
        ));
    }
}

/// nginx writes some reasons in its own way.
fn error_words(status: u16) -> &'static str {
    match status {
        405 => "Not Allowed",
        status => crate::network::http::reason(status),
    }
}

#[async_trait]
impl Server for Serves {
    async fn answer(&self, request: Request, peer: IpAddr) -> Response {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let now = self.process.container.setup.clock.now();
        let html = "text/html";
        let returned = self
            .site
            .returns
            .iter()
            .rev()
            .find(|(path, _)| request.path().starts_with(path.as_str()))
            .map(|(_, answer)| answer.clone());
        let (status, kind, body, extra) = if let Some((status, text)) = returned {
            match status {
                301 | 302 | 303 | 307 | 308 => {
                    (status, html, self.page(status).into_bytes(), vec![("Location".to_owned(), text)])
                }
                status if text.is_empty() && status >= 300 => (status, html, self.page(status).into_bytes(), vec![]),
                status => {
                    let text = text.replace('\u{0}', &self.process.container.setup.hostname);
                    (status, "application/octet-stream", text.into_bytes(), vec![])
                }
            }
        } else if !matches!(request.method.as_str(), "GET" | "HEAD") {
            (405, html, self.page(405).into_bytes(), vec![])
        } else {
            match look(&self.process, &self.site.root, &request) {
                Found::File(path, bytes, modified) => {
                    let tag = format!("\"{:x}-{:x}\"", modified.as_second(), bytes.len());
                    let kind = content_type(&path, "application/octet-stream");
                    let extra = vec![("Last-Modified".to_owned(), http_date(modified)), ("ETag".to_owned(), tag)];
                    (200, kind, bytes.to_vec(), extra)
                }
                Found::Folder => {
                    let location = format!("http://{}{}/", request.header("Host").unwrap_or_default(), request.path());
                    (301, html, self.page(301).into_bytes(), vec![("Location".to_owned(), location)])
                }
                Found::NoIndex(path) => {
                    self.complain(number, &format!("directory index of \"{path}\" is forbidden"), &request, peer);
                    (403, html, self.page(403).into_bytes(), vec![])
                }
                Found::Missing(path) => {
                    self.complain(
                        number,
                        &format!("open() \"{path}\" failed (2: No such file or directory)"),
                        &request,
                        peer,
                    );
                    (404, html, self.page(404).into_bytes(), vec![])
                }
            }
        };
        let mut headers = vec![
            ("Server".to_owned(), format!("nginx/{}", self.version)),
            ("Date".to_owned(), http_date(now)),
            ("Content-Type".to_owned(), kind.to_owned()),
            ("Content-Length".to_owned(), body.len().to_string()),
        ];
        let (modified, tag): (Vec<_>, Vec<_>) = extra.into_iter().partition(|(name, _)| name != "ETag");
        headers.extend(modified);
        headers.push(("Connection".to_owned(), "keep-alive".to_owned()));
        if status == 200 && !tag.is_empty() {
            headers.extend(tag);
            headers.push(("Accept-Ranges".to_owned(), "bytes".to_owned()));
        }
        let stamp = now.strftime("%d/%b/%Y:%H:%M:%S +0000");
        let sent = if request.method == "HEAD" { 0 } else { body.len() };
        self.process.stdout.line(format!(
            "{peer} - - [{stamp}] \"{} {} HTTP/1.1\" {status} {sent} \"{}\" \"{}\" \"{}\"",
            request.method,
            request.target,
            request.header("Referer").unwrap_or("-"),
            request.header("User-Agent").unwrap_or("-"),
            request.header("X-Forwarded-For").unwrap_or("-"),
        ));
        Response { status, reason: error_words(status).into(), headers, body }
    }
}

/// The sites of the configuration as it stands, or what is wrong with it.
fn sites(process: &Process) -> Result<Vec<Site>, String> {
    let files = &process.container.setup.files;
    let main = files
        .text("/etc/nginx/nginx.conf")
        .ok_or("open() \"/etc/nginx/nginx.conf\" failed (2: No such file or directory)")?;
    let mut text = if main.contains("include /etc/nginx/conf.d/") || main.contains("include       /etc/nginx/conf.d/") {
        String::new()
    } else {
        main.clone()
    };
    if main.contains("conf.d/*.conf") {
        for (name, _) in files.list(SITES).unwrap_or_default() {
            if name.ends_with(".conf") {
                text.push_str(&files.text(&format!("{SITES}/{name}")).unwrap_or_default());
            }
        }
    }
    let mut found = Site::read(&text);
    for site in &mut found {
        if site.root.is_empty() {
            site.root = "/etc/nginx/html".into();
        }
        if let Some(directive) = site.unknown.first() {
            return Err(format!(
                "the embedded cluster's nginx does not simulate the directive \"{directive}\"; use a real cluster for it"
            ));
        }
    }
    Ok(found)
}

#[async_trait]
impl Program for Nginx {
    async fn run(&self, process: Process) -> i32 {
        let setup = &process.container.setup;
        let version = setup.image.version().to_owned();
        match process.operands().as_slice() {
            ["-v"] => return process.fail(format!("nginx version: nginx/{version}"), 0),
            ["-t"] => {
                let (path, wrong) = ("/etc/nginx/nginx.conf", sites(&process).err());
                return match wrong {
                    None => process.fail(
                        format!("nginx: the configuration file {path} syntax is ok\nnginx: configuration file {path} test is successful"),
                        0,
                    ),
                    Some(wrong) => process.fail(format!("nginx: [emerg] {wrong}\nnginx: configuration file {path} test failed"), 1),
                };
            }
            ["-s", signal] => {
                if *signal != "reload" {
                    process.container.signal(1, 3);
                }
                return 0;
            }
            _ => {}
        }
        let stamp = setup.clock.now().strftime("%Y/%m/%d %H:%M:%S").to_string();
        let sites = match sites(&process) {
            Ok(sites) => sites,
            Err(wrong) => return process.fail(format!("{stamp} [emerg] 1#1: {wrong}\nnginx: [emerg] {wrong}"), 1),
        };
        // Notices came with the error_log level of the images from 1.19 on.
        if at_least(&version, 1, 19) {
            let notice = |text: &str| process.stderr.line(format!("{stamp} [notice] 1#1: {text}"));
            notice("using the \"epoll\" event method");
            notice(&format!("nginx/{version}"));
            notice("built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ");
            notice(&format!("OS: Linux {KERNEL}"));
            notice("getrlimit(RLIMIT_NOFILE): 1048576:1048576");
            notice("start worker processes");
            notice("start worker process 29");
            notice("start worker process 30");
        }
        for site in sites {
            for port in site.ports.clone() {
                let serves = Serves {
                    process: process.clone(),
                    site: site.clone(),
                    version: version.clone(),
                    connections: AtomicU64::new(0),
                };
                if !setup.network.listen(&setup.id, port, serve(Arc::new(serves))) {
                    let wrong = format!("bind() to 0.0.0.0:{port} failed (98: Address already in use)");
                    return process.fail(format!("{stamp} [emerg] 1#1: {wrong}\nnginx: [emerg] {wrong}"), 1);
                }
            }
        }
        if !process.arguments.iter().any(|word| word.contains("daemon off")) && process.pid != 1 {
            return 0;
        }
        if process.pid == 1 && !process.arguments.iter().any(|word| word.contains("daemon off")) {
            // It goes to the background, and with process 1 the container ends.
            return 0;
        }
        std::future::pending().await
    }

    fn on_terminate(&self) -> Option<i32> {
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read() {
        let sites = Site::read(
            "server { listen 8080; server_name _; location / { return 200 'hi\\n'; } location /data { root /srv; } proxy_pass http://x; }",
        );
        assert_eq!(sites[0].ports, [8080]);
        assert_eq!(sites[0].returns["/"], (200, "hi\n".to_owned()));
        assert_eq!(sites[0].unknown, ["proxy_pass"]);
        let default = Site::read(include_str!("../data/files/nginx/default.conf"));
        assert_eq!((default[0].ports.as_slice(), default[0].root.as_str()), ([80].as_slice(), "/usr/share/nginx/html"));
        assert!(default[0].unknown.is_empty(), "{default:?}");
    }
}
