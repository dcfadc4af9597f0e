//! How clients in the same process reach the API server: without a socket.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{Request, Response, header::UPGRADE};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper_util::rt::TokioIo;
use tower::{BoxError, Service};

use crate::apiserver::{Api, http::ApiService};

/// Bytes in flight of a connection that was upgraded.
const BUFFER: usize = 64 * 1024;

type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A tower service over the API for in-process clients. Ordinary requests are calls; those that want another protocol (exec,
/// attach, port-forward) go through HTTP/1.1 over a pipe in memory, because an upgrade is hyper's to make.
#[derive(Clone)]
struct InProcess {
    service: ApiService,
}

/// A Kubernetes client for `api`, as the caller that `api` stands for.
pub fn client(api: &Api) -> kube::Client {
    kube::Client::new(InProcess { service: ApiService::new(api.clone()) }, "default")
}

impl<B> Service<Request<B>> for InProcess
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.service.clone();
        if request.headers().contains_key(UPGRADE) {
            return upgrade(service, request).boxed();
        }
        async move {
            let response = service.handle(request).await;
            Ok(response.map(|body| body.map_err(|never: Infallible| match never {}).boxed_unsync()))
        }
        .boxed()
    }
}

async fn upgrade<B>(service: ApiService, request: Request<B>) -> Result<Response<Body>, BoxError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (client, server) = tokio::io::duplex(BUFFER);
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(server), hyper_util::service::TowerToHyperService::new(service))
        .with_upgrades();
    tokio::spawn(connection);
    let body = request.map(|body| body.map_err(Into::<BoxError>::into).boxed_unsync());
    let (mut sender, connection) = hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(client)).await?;
    tokio::spawn(connection.with_upgrades());
    let response = sender.send_request(body).await?;
    Ok(response.map(|body| body.map_err(Into::<BoxError>::into).boxed_unsync()))
}
