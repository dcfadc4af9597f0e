//! Answers: JSON, warnings, failures.

use apimachinery::status::Status;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, USER_AGENT, WARNING},
    request::Parts,
};
use serde::Serialize;

use super::body::Body;

/// Whether JSON is to be laid out for a person: asked for, or asked by a browser or curl (handlers/responsewriters).
pub(super) fn wants_pretty(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    if let Some(value) = query.split('&').find_map(|pair| pair.strip_prefix("pretty=")) {
        return value != "false" && value != "0";
    }
    let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    ["curl", "Wget", "Mozilla/5.0"].iter().any(|person| agent.starts_with(person))
}

/// JSON with a status code.
pub(super) fn json(code: u16, value: &impl Serialize, pretty: bool) -> Response<Body> {
    // What is serialized here are JSON values and structs with string keys, which cannot fail.
    let mut bytes =
        if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) }.unwrap_or_default();
    if !pretty {
        bytes.push(b'\n');
    }
    answer(code, "application/json", Body::from(bytes))
}

/// JSON that is already written.
pub(super) fn json_bytes(bytes: impl Into<Body>) -> Response<Body> {
    answer(200, "application/json", bytes.into())
}

/// Plain text.
pub(super) fn plain(code: u16, text: &'static str) -> Response<Body> {
    answer(code, "text/plain; charset=utf-8", Body::from(text.as_bytes()))
}

/// Any answer.
pub(super) fn answer(code: u16, media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// A failure.
pub(super) fn failure(status: &Status, pretty: bool) -> Response<Body> {
    json(if status.code == 0 { 500 } else { status.code }, status, pretty)
}

/// Adds a warning for the person at the client: `299 - "text"`.
pub(super) fn warn(response: &mut Response<Body>, text: &str) {
    let quoted: String =
        text.chars().flat_map(|c| if c == '"' || c == '\\' { vec!['\\', c] } else { vec![c] }).collect();
    if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
        response.headers_mut().append(WARNING, value);
    }
}
