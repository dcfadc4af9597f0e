//! `kubectl proxy` (kubectl: pkg/cmd/proxy/proxy.go, pkg/proxy/proxy_server.go).

mod files;
mod filter;
mod forward;
mod server;

use crate::command::{Class, Command, Context};
use crate::environment::FileKind;
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::network::{Listener, bind_error};
use filter::Filter;
use server::Routes;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

pub(super) static COMMAND: Command = Command {
    name: "proxy",
    use_line: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    short: "Run a proxy to the Kubernetes API server",
    long: "Serve the Kubernetes API on a local address, with the credentials of the kubeconfig.

Files of a directory can be served beside it, under a path of their own; all other requests go to the API server.",
    example: "# The whole API and nothing else
kubectl proxy --api-prefix=/

# A part of it, and files; pods are at localhost:8001/api/v1/pods
kubectl proxy --www=/my/files --www-prefix=/static/ --api-prefix=/api/

# The whole API under another path: localhost:8001/custom/api/v1/pods
kubectl proxy --api-prefix=/custom/

# On port 8011, with files of ./local/www/
kubectl proxy --port=8011 --www=./local/www/

# On any free port, which is printed
kubectl proxy --port=0

# Pods at localhost:8001/k8s-api/v1/pods/
kubectl proxy --api-prefix=/k8s-api",
    flags,
    class: |_| Class::READS.endless_if(true),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

const PORT: &str = "8001";

fn flags() -> Vec<Flag> {
    vec![
        Flag::string(
            "accept-hosts",
            r"^localhost$,^127\.0\.0\.1$,^\[::1\]$",
            "Regular expression for hosts that the proxy should accept.",
        ),
        Flag::string("accept-paths", "^.*", "Regular expression for paths that the proxy should accept."),
        Flag::string("address", "127.0.0.1", "The IP address on which to serve on."),
        Flag::string("api-prefix", "/", "Prefix to serve the proxied API under."),
        Flag::bool(
            "append-server-path",
            "If true, enables automatic path appending of the kube context server path to each request.",
        ),
        Flag::bool(
            "disable-filter",
            "If true, disable request filtering in the proxy. This is dangerous, and can leave you vulnerable to XSRF attacks, when used with an accessible port.",
        ),
        Flag::duration(
            "keepalive",
            "0s",
            "keepalive specifies the keep-alive period for an active network connection. Set to 0 to disable keepalive.",
        ),
        Flag::int("port", PORT, "The port on which to run the proxy. Set to 0 to pick a random port.").short('p'),
        Flag::string(
            "reject-methods",
            "^$",
            "Regular expression for HTTP methods that the proxy should reject (example --reject-methods='POST,PUT,PATCH'). ",
        ),
        Flag::string(
            "reject-paths",
            "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach",
            "Regular expression for paths that the proxy should reject. Paths specified here will be rejected even accepted by --accept-paths.",
        ),
        Flag::string("unix-socket", "", "Unix socket on which to run the proxy.").short('u'),
        Flag::string("www", "", "Also serve static files from the given directory under the specified prefix.")
            .short('w'),
        Flag::string(
            "www-prefix",
            "/static/",
            "Prefix to serve static files under, if static file directory is specified.",
        )
        .short('P'),
    ]
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let requests = cx.requests().await?;
    let with_slash = |prefix: &str| if prefix.ends_with('/') { prefix.to_string() } else { format!("{prefix}/") };
    let (api, static_prefix) = (with_slash(flags.str("api-prefix")), with_slash(flags.str("www-prefix")));
    warn_of_path(cx).await?;
    let filter = filter(cx)?;
    let (socket, www) = (flags.str("unix-socket"), flags.str("www"));
    if flags.str("port") != PORT && !socket.is_empty() {
        return Err(Error::msg("cannot set --unix-socket and --port at the same time"));
    }
    let mut files = None;
    if !www.is_empty() {
        warn_of_files(cx, www).await?;
        files = Some((static_prefix, www.to_string(), cx.env.files.clone()));
    }
    let listener = if socket.is_empty() { listen(cx).await? } else { listen_unix(cx, socket).await? };
    writeln!(cx.out, "Starting to serve on {}", listener.address())?;
    server::serve(listener.as_ref(), Routes { api, files, filter, client: requests.client().clone() }).await
}

async fn warn_of_path(cx: &Context) -> Result<()> {
    let server = url::Url::parse(&cx.connection().await?.server).ok();
    let path = server.as_ref().map_or("/", |url| url.path());
    if path != "/" && !cx.flags.bool("append-server-path") {
        let text = format!(
            "Your kube context contains a server path {path}, use --append-server-path to automatically append the path to each request"
        );
        cx.klog_warning("proxy.go:172", &text)?;
    }
    Ok(())
}

async fn warn_of_files(cx: &Context, www: &str) -> Result<()> {
    match cx.env.files.kind(Path::new(www)).await {
        Ok(FileKind::Directory) => Ok(()),
        Ok(FileKind::File) => {
            cx.klog_warning("proxy.go:205", &format!("Static file directory {www} is not a directory"))
        }
        Err(error) => {
            let reason = bind_error(&error);
            let text = format!("Failed to stat static file directory {www}: stat {www}: {reason}");
            cx.klog_warning("proxy.go:203", &text)
        }
    }
}

/// What the proxy lets through; nothing is asked of a proxy without a filter.
fn filter(cx: &Context) -> Result<Option<Filter>> {
    let flags = &cx.flags;
    if flags.bool("disable-filter") {
        if flags.str("unix-socket").is_empty() {
            let text = "Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious";
            cx.klog_warning("proxy.go:177", text)?;
        }
        return Ok(None);
    }
    if flags.str("reject-paths").is_empty() || flags.str("reject-methods").is_empty() {
        let text = "Request filter has been relaxed, your proxy may be vulnerable to attacks, please be cautious";
        cx.klog_warning("proxy.go:182", text)?;
    }
    match Filter::of(flags) {
        Ok(filter) => Ok(Some(filter)),
        Err(error) => {
            cx.klog('F', "proxy_server.go:83", &format!("Error compiling re: {error}"))?;
            Err(Error::Exit { code: 255, message: String::new() })
        }
    }
}

async fn listen(cx: &Context) -> Result<Box<dyn Listener>> {
    let (address, port) = (cx.flags.str("address"), cx.flags.int("port"));
    let Ok(port) = u16::try_from(port) else {
        return Err(Error::msg(format!("listen tcp: address {port}: invalid port")));
    };
    let ip: IpAddr = match address {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        // any address is any of both families
        "" | "0.0.0.0" => Ipv6Addr::UNSPECIFIED.into(),
        text => match text.trim_matches(['[', ']']).parse() {
            Ok(ip) => ip,
            Err(_) => return Err(Error::msg(format!("listen tcp: lookup {text}: no such host"))),
        },
    };
    let at = SocketAddr::new(ip, port);
    let listener = match cx.env.network.listen(at).await {
        // a machine without IPv6
        Err(error) if ip == IpAddr::from(Ipv6Addr::UNSPECIFIED) && error.kind() != io::ErrorKind::AddrInUse => {
            cx.env.network.listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)).await
        }
        listener => listener,
    };
    listener.map_err(|error| Error::msg(format!("listen tcp {at}: bind: {}", bind_error(&error))))
}

async fn listen_unix(cx: &Context, path: &str) -> Result<Box<dyn Listener>> {
    let listener = cx.env.network.listen_unix(Path::new(path)).await;
    listener.map_err(|error| Error::msg(format!("listen unix {path}: bind: {}", bind_error(&error))))
}
