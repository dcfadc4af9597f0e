//! The proxy's HTTP server: which request goes where (Go: net/http `ServeMux`).

use super::filter::Filter;
use super::{files, forward};
use crate::environment::Files;
use crate::error::{Error, Result};
use crate::network::{Listener, Stream};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What is served.
pub(super) struct Routes {
    /// The path of the API, with a slash at its end.
    pub api: String,
    /// The path of files, their directory, and where that is.
    pub files: Option<(String, String, Arc<dyn Files>)>,
    /// What goes to the API.
    pub filter: Option<Filter>,
    /// The API.
    pub client: kube::Client,
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: &dyn Listener, routes: Routes) -> Result<()> {
    let routes = Arc::new(routes);
    // dropped with this future, and the connections with it
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let connection = accepted.map_err(|error| Error::msg(error.to_string()))?;
                connections.spawn(connected(connection, routes.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connected(connection: Pin<Box<dyn Stream>>, routes: Arc<Routes>) {
    let answer = service_fn(move |request| {
        let routes = routes.clone();
        async move { Ok::<_, Infallible>(routes.answer(request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(connection), answer);
    // a caller that left in the middle is its own affair
    let _ = served.with_upgrades().await;
}

impl Routes {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path().to_string();
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let cleaned = cleaned(&path);
        if cleaned != path && request.method() != Method::CONNECT {
            return redirect(&format!("{cleaned}{query}"));
        }
        let files =
            self.files.as_ref().filter(|(prefix, ..)| prefix.len() >= self.api.len() || !path.starts_with(&self.api));
        match files {
            Some((prefix, directory, files)) if path.starts_with(prefix.as_str()) => {
                return files::serve(files.as_ref(), directory, &path[prefix.len()..], request.method()).await;
            }
            Some((prefix, ..)) if format!("{path}/") == *prefix => return redirect(&format!("{prefix}{query}")),
            _ => {}
        }
        if format!("{path}/") == self.api {
            return redirect(&format!("{}{query}", self.api));
        }
        let Some(rest) = path.strip_prefix(&self.api) else { return not_found() };
        let inner = if self.api.starts_with("/api") { path.clone() } else { format!("/{rest}") };
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if let Some(filter) = &self.filter
            && !filter.accepts(request.method(), &inner, host)
        {
            return said(StatusCode::FORBIDDEN, "Forbidden");
        }
        forward::forward(&self.client, request, &format!("{inner}{query}")).await
    }
}

/// Without `//`, `.` and `..`, the slash at the end kept.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}", parts.join("/"))
}

fn redirect(to: &str) -> Response<Body> {
    let escaped = to.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
    let mut response =
        Response::new(Body::from(format!("<a href=\"{escaped}\">Temporary Redirect</a>.\n\n").into_bytes()));
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// `http.Error`.
pub(super) fn said(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n").into_bytes()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// `http.NotFound`.
pub(super) fn not_found() -> Response<Body> {
    said(StatusCode::NOT_FOUND, "404 page not found")
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_cleaned() {
        for (path, cleaned) in [("/", "/"), ("//a", "/a"), ("/a/../b/", "/b/"), ("/../", "/"), ("/a/./b", "/a/b")] {
            assert_eq!(super::cleaned(path), cleaned, "{path}");
        }
    }
}
