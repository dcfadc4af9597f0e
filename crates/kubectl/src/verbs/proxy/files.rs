//! Static files under a path (Go: net/http `FileServer`).

use super::server::not_found;
use crate::environment::{FileKind, Files};
use http::{HeaderValue, Method, Response, StatusCode, header};
use kube::client::Body;
use std::path::{Path, PathBuf};

/// What `path`, relative to the directory, leads to.
pub(super) async fn serve(files: &dyn Files, directory: &str, path: &str, method: &Method) -> Response<Body> {
    let Some(found) = percent_encoding::percent_decode_str(path).decode_utf8().ok() else { return not_found() };
    if path == "index.html" || path.ends_with("/index.html") {
        return moved("./");
    }
    let mut place = PathBuf::from(directory);
    place.extend(found.split('/').filter(|part| !part.is_empty()));
    let slash = path.is_empty() || path.ends_with('/');
    match files.kind(&place).await {
        Err(_) => not_found(),
        Ok(FileKind::File) if slash => moved(&format!("../{}", last(path))),
        Ok(FileKind::Directory) if !slash => moved(&format!("{}/", last(path))),
        Ok(FileKind::File) => file(files, &place, method).await,
        Ok(FileKind::Directory) => match files.kind(&place.join("index.html")).await {
            Ok(FileKind::File) => file(files, &place.join("index.html"), method).await,
            _ => listing(files, &place).await,
        },
    }
}

fn last(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

fn moved(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

async fn file(files: &dyn Files, place: &Path, method: &Method) -> Response<Body> {
    let Ok(bytes) = files.read(place).await else { return not_found() };
    let extension = place.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let kind = match extension.as_deref() {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("xml") => "text/xml; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("pdf") => "application/pdf",
        Some("wasm") => "application/wasm",
        _ if std::str::from_utf8(&bytes).is_ok() => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let length = HeaderValue::from(bytes.len());
    let body = if method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn listing(files: &dyn Files, place: &Path) -> Response<Body> {
    let Ok(names) = files.list(place).await else { return not_found() };
    let mut page = String::from("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
    for mut name in names {
        if matches!(files.kind(&place.join(&name)).await, Ok(FileKind::Directory)) {
            name.push('/');
        }
        let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
        let link = percent_encoding::utf8_percent_encode(&name, LINK);
        page.push_str(&format!("<a href=\"{link}\">{escaped}</a>\n"));
    }
    page.push_str("</pre>\n");
    let mut response = Response::new(Body::from(page.into_bytes()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// What Go's `url.URL` escapes in a path.
const LINK: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
