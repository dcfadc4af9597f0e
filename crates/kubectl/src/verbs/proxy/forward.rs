//! A request to the API server and back, upgrades too (apimachinery: pkg/util/proxy/upgradeaware.go).

use super::server::said;
use http::{HeaderName, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use kube::client::Body;

/// What is between two hops, and not for a third (RFC 9110, section 7.6.1).
const HOPS: &[HeaderName] = &[
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
];

/// Sends the request to `uri` of the API server.
pub(super) async fn forward(client: &kube::Client, mut request: Request<Incoming>, uri: &str) -> Response<Body> {
    let upgrade = request.headers().contains_key(header::UPGRADE);
    let near = hyper::upgrade::on(&mut request);
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(header::HOST);
    if !upgrade {
        HOPS.iter().for_each(|name| drop(parts.headers.remove(name)));
    }
    parts.uri = match uri.parse() {
        Ok(uri) => uri,
        Err(_) => return said(StatusCode::BAD_REQUEST, "400 Bad Request"),
    };
    parts.extensions.clear();
    // kube's client takes bodies whole; those of the API are objects
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return said(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let mut response = match client.send(Request::from_parts(parts, Body::from(body))).await {
        Ok(response) => response,
        Err(error) => return said(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let far = hyper::upgrade::on(&mut response);
        // ends when either side does
        tokio::spawn(async move {
            if let (Ok(near), Ok(far)) = tokio::join!(near, far) {
                let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(near), &mut TokioIo::new(far)).await;
            }
        });
        return response.map(|_| Body::empty());
    }
    HOPS.iter().for_each(|name| drop(response.headers_mut().remove(name)));
    response
}
