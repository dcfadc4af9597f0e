//! The API over HTTP: a tower service over [`Api`]. One file a verb; none of them knows what a resource is about.
//!
//! Upstream: k8s.io/apiserver/pkg/endpoints.

mod body;
mod create;
mod delete;
mod discovery;
mod filter;
mod get;
mod health;
mod list;
mod negotiate;
mod patch;
mod query;
mod request;
mod respond;
mod streams;
mod table;
mod unimplemented;
mod update;
mod watch;

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use apimachinery::status::Status;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Method, Request, Response, request::Parts};
use http_body_util::BodyExt;
use tower::{BoxError, Service};

pub use body::Body;
use negotiate::Format;
use query::Query;
use request::{Path, ResourcePath};

use super::Api;

/// Most bytes that a request's body may have (apiserver: MaxRequestBodyBytes).
const LIMIT: usize = 3 * 1024 * 1024;

/// The API server as a tower service, for one caller who is already known.
#[derive(Clone)]
pub struct ApiService {
    api: Api,
}

impl ApiService {
    /// Serves `api` to the caller that it stands for.
    pub fn new(api: Api) -> Self {
        Self { api }
    }

    /// Answers one request.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let pretty = respond::wants_pretty(&parts);
        let body = match http_body_util::Limited::new(body, LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return respond::failure(&Status::request_entity_too_large("limit is 3145728"), pretty),
        };
        let path = Path::parse(parts.uri.path());
        let exchange = match Exchange::new(&self.api, parts, body, pretty) {
            Ok(exchange) => exchange,
            Err(status) => return respond::failure(&status, pretty),
        };
        let answer = match path {
            Path::Resource(path) => exchange.resource(path).await,
            Path::Other(path) => exchange.other(&path),
        };
        answer.unwrap_or_else(|status| respond::failure(&status, pretty))
    }
}

impl<B> Service<Request<B>> for ApiService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.handle(request).await) })
    }
}

/// One request while it is answered.
struct Exchange {
    api: Api,
    parts: Parts,
    body: Bytes,
    query: Query,
    pretty: bool,
}

impl Exchange {
    fn new(api: &Api, parts: Parts, body: Bytes, pretty: bool) -> Result<Self, Status> {
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        let manager = request::manager(&parts, &query);
        let api = api.as_caller(api.user(), &manager);
        Ok(Self { api, parts, body, query, pretty })
    }

    /// The kind of answer that the client accepts.
    fn format(&self) -> Result<Format, Status> {
        negotiate::format(&self.parts.headers)
    }

    async fn resource(mut self, path: ResourcePath) -> Result<Response<Body>, Status> {
        let registry = self.api.registry().clone();
        let Some(resource) = registry.find(&path.group, &path.version, &path.resource) else {
            if let Some(status) = unimplemented::answer(&path) {
                return Err(status);
            }
            let known = registry.iter().any(|r| r.group == path.group && r.version == path.version);
            return if known { Err(Status::unknown_path()) } else { Ok(respond::plain(404, "404 page not found\n")) };
        };
        let key = resource.key();
        // Objects without the namespace that they have, or with one that they have not, are at no path.
        if (resource.namespaced && path.namespace.is_empty() && !path.name.is_empty())
            || (!resource.namespaced && !path.namespace.is_empty())
        {
            return Err(Status::unknown_path());
        }
        let deprecation = resource.strategy.deprecation();
        let mut answer = match &path.subresource {
            Some(subresource) if resource.subresource(subresource).is_none() => Err(Status::unknown_path()),
            Some(subresource) => self.subresource(&key, &path, subresource).await,
            None if path.name.is_empty() => match self.parts.method {
                Method::GET if self.query.watch => self.watch(&key, &path, None),
                Method::GET => self.list(&key, &path),
                Method::POST if resource.namespaced && path.namespace.is_empty() => Err(Status::method_not_allowed()),
                Method::POST => self.create(&key, &path).await,
                Method::DELETE if resource.verbs.contains(&"deletecollection") => self.delete_collection(&key, &path),
                _ => Err(Status::method_not_allowed()),
            },
            None => match self.parts.method {
                Method::GET if self.query.watch => self.watch(&key, &path, Some(path.name.clone())),
                Method::GET => self.get(&key, &path),
                Method::PUT => self.update(&key, &path, None),
                Method::PATCH => self.patch(&key, &path, None),
                Method::DELETE => self.delete(&key, &path),
                _ => Err(Status::method_not_allowed()),
            },
        }?;
        if let Some(text) = deprecation {
            respond::warn(&mut answer, text);
        }
        Ok(answer)
    }

    async fn subresource(
        &mut self,
        key: &str,
        path: &ResourcePath,
        subresource: &str,
    ) -> Result<Response<Body>, Status> {
        match (subresource, &self.parts.method) {
            ("status", &Method::GET) => self.get(key, path),
            ("status" | "scale" | "finalize", &Method::PUT) => self.update(key, path, Some(subresource)),
            ("status" | "scale", &Method::PATCH) => self.patch(key, path, Some(subresource)),
            ("scale", &Method::GET) => self.get_scale(key, path),
            ("binding", &Method::POST) => self.bind(path),
            ("eviction", &Method::POST) => self.evict(path),
            ("log" | "exec" | "attach" | "portforward", _) => self.stream(path, subresource).await,
            _ => Err(Status::method_not_allowed()),
        }
    }

    fn other(&self, path: &str) -> Result<Response<Body>, Status> {
        if self.parts.method != Method::GET {
            return Err(Status::method_not_allowed());
        }
        if let Some(answer) = health::answer(path) {
            return Ok(answer);
        }
        if path == "/version" {
            return Ok(respond::json_bytes(include_bytes!("../../../data/version.json").as_slice()));
        }
        match self.discovery(path) {
            Some(answer) => answer,
            None => Ok(respond::plain(404, "404 page not found\n")),
        }
    }
}
