//! The lesson's own namespace, seen as `default`: one layer between the client and the API.
//!
//! Requests are translated by knowing where namespaces stand ([`places`], [`text`]), since `default` is a common word.
//! Answers need no such knowledge: the real name is drawn at random, wherever its bytes turn up they mean the
//! namespace ([`body`]). Lists across namespaces show what a cluster would that is the lesson's alone ([`filter`]).
//! Writes that would touch what is not the lesson's are refused ([`policy`]).

mod body;
mod filter;
mod names;
mod places;
mod policy;
mod request;
mod screen;
mod target;
mod text;

pub use names::{EXPIRES, MANAGED_BY, MANAGER, Names, OWNER, RUN};
pub use policy::Permissions;
pub(super) use policy::own_resources;
pub use screen::Screen;
pub use text::typed;

use self::policy::Decision;
use self::target::Target;
use http::{Request, Response, StatusCode};
use kube::client::Body;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use tower::BoxError;

/// The namespace that is seen as `default`; it changes when the lesson's world is made anew.
#[derive(Clone)]
pub struct World(Arc<RwLock<Arc<Names>>>);

impl World {
    /// A world in this namespace.
    pub fn new(names: Names) -> Self {
        World(Arc::new(RwLock::new(Arc::new(names))))
    }

    /// The names as they are now.
    pub fn names(&self) -> Arc<Names> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From the next request on, another namespace is `default`.
    pub fn replace(&self, names: Names) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(names);
    }
}

/// A client that sees the world's namespace as `default`.
pub fn client(plain: kube::Client, world: World, permissions: Permissions) -> kube::Client {
    kube::Client::new(Isolate { plain, world, permissions }, names::DEFAULT)
}

/// The layer, as a service over the plain client.
#[derive(Clone)]
struct Isolate {
    plain: kube::Client,
    world: World,
    permissions: Permissions,
}

impl tower::Service<Request<Body>> for Isolate {
    type Response = Response<body::Shown>;
    type Error = BoxError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let isolate = self.clone();
        Box::pin(async move { isolate.serve(request).await })
    }
}

impl Isolate {
    async fn serve(self, request: Request<Body>) -> Result<Response<body::Shown>, BoxError> {
        let names = self.world.names();
        // Discovery, OpenAPI, version: large, and the same for every namespace.
        let Some(target) = Target::of(&request) else {
            return Ok(self.plain.send(request).await?.map(body::Shown::untouched));
        };
        match policy::decide(&target, &self.permissions) {
            Decision::Allow => {}
            Decision::Refuse(status) => return Ok(refusal(&status)),
            Decision::IfOwn => {
                if let Some(status) = self.not_own(&target, &names).await? {
                    return Ok(refusal(&status));
                }
            }
        }
        let request = request::translate(request, &target, &names).await?;
        let response = self.plain.send(request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response.map(body::Shown::untouched));
        }
        let (mut parts, answer) = response.into_parts();
        parts.headers.remove(http::header::CONTENT_LENGTH);
        for warning in parts.headers.get_mut(http::header::WARNING).into_iter() {
            let shown = body::Replacer::new(&names).take(&mut warning.as_bytes().into(), true);
            *warning = http::HeaderValue::from_maybe_shared(shown)?;
        }
        let shown = if target.is_filtered() && parts.status.is_success() {
            if target.watch {
                body::Shown::lines(answer, names, target)
            } else {
                let bytes = answer.collect_bytes().await?;
                body::Shown::whole(filter::document(bytes, &target, &names))
            }
        } else {
            body::Shown::replaced(answer, &names)
        };
        Ok(Response::from_parts(parts, shown))
    }

    /// A cluster-scoped object may be changed by the lesson that created it. Answers why it may not.
    async fn not_own(&self, target: &Target, names: &Names) -> Result<Option<serde_json::Value>, BoxError> {
        let request = Request::get(target.object_path()).body(Body::empty())?;
        let response = self.plain.send(request).await?;
        if !response.status().is_success() {
            // It is not there: the API says so itself.
            return Ok(None);
        }
        let bytes = response.into_body().collect_bytes().await?;
        let object: serde_json::Value = serde_json::from_slice(&bytes)?;
        Ok((!names.owns(&object)).then(|| policy::not_the_lessons(target)))
    }
}

fn refusal(status: &serde_json::Value) -> Response<body::Shown> {
    let code = status["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    let mut response = Response::new(body::Shown::whole(status.to_string().into()));
    *response.status_mut() = code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::FORBIDDEN);
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests;
