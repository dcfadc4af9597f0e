//! One connection of a client: TLS, who it is, HTTP/1.1 or HTTP/2.

use std::{convert::Infallible, sync::Arc};

use apimachinery::status::Status;
use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{net::TcpStream, sync::Notify};
use tokio_rustls::TlsAcceptor;

use super::STOP_PATH;
use crate::apiserver::{
    Api,
    http::{ApiService, Body},
};

/// Paths that everybody may ask for (kubernetes: the ClusterRole system:public-info-viewer).
const PUBLIC: &[&str] = &["/healthz", "/livez", "/readyz", "/version", "/version/"];

pub(super) async fn serve(stream: TcpStream, acceptor: TlsAcceptor, api: Api, stop: Arc<Notify>) {
    // Small writes (a key typed into a terminal) must not wait for more. A socket that cannot do so works nevertheless.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    // Only the authority's own certificates pass the handshake, and it made one for a client: the administrator's.
    let admin = stream.get_ref().1.peer_certificates().is_some_and(|chain| !chain.is_empty());
    let service = ApiService::new(api);
    let answer = service_fn(move |request: Request<Incoming>| {
        let (service, stop) = (service.clone(), stop.clone());
        async move { Ok::<_, Infallible>(answer(&service, request, admin, &stop).await) }
    });
    // A client that breaks off has ended its connection.
    let _ = Builder::new(TokioExecutor::new()).serve_connection_with_upgrades(TokioIo::new(stream), answer).await;
}

async fn answer(service: &ApiService, request: Request<Incoming>, admin: bool, stop: &Notify) -> Response<Body> {
    let path = request.uri().path();
    if !admin && !PUBLIC.contains(&path) {
        return unauthorized();
    }
    if path == STOP_PATH && request.method() == Method::POST {
        stop.notify_one();
        return Response::new(Body::Full(Some(Bytes::from_static(b"stopping\n"))));
    }
    service.handle(request).await
}

fn unauthorized() -> Response<Body> {
    let bytes = serde_json::to_vec(&Status::unauthorized("Unauthorized")).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = http::StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
