//! What a request is about, by its path (`apiserver/pkg/endpoints/request/requestinfo.go`).

use http::{Method, Request};
use kube::client::Body;

/// A request for a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub method: Method,
    /// `/api/v1`, `/apis/apps/v1`.
    pub prefix: String,
    /// As the lesson calls it; `None`: all namespaces, or a resource that has none.
    pub namespace: Option<String>,
    /// `pods`.
    pub resource: String,
    pub name: Option<String>,
    /// `log`, `exec`, `status`, with the rest of the path.
    pub subresource: Option<String>,
    /// The answer is a stream of events.
    pub watch: bool,
}

impl Target {
    /// What a request is about; `None`: discovery and other documents.
    pub fn of(request: &Request<Body>) -> Option<Target> {
        let mut parts = request.uri().path().split('/').filter(|part| !part.is_empty());
        let prefix = match parts.next()? {
            "api" => format!("/api/{}", parts.next()?),
            "apis" => format!("/apis/{}/{}", parts.next()?, parts.next()?),
            _ => return None,
        };
        let rest: Vec<&str> = parts.collect();
        let (namespace, rest) = match rest.as_slice() {
            // `/namespaces/x` and `/namespaces/x/status` are about the namespace itself.
            ["namespaces", _, "status" | "finalize", ..] | ["namespaces", _] => (None, rest.as_slice()),
            ["namespaces", namespace, rest @ ..] => (Some((*namespace).to_owned()), rest),
            rest => (None, rest),
        };
        let (resource, rest) = rest.split_first()?;
        let (name, rest) = rest.split_first().map_or((None, &[][..]), |(name, rest)| (Some((*name).to_owned()), rest));
        let query = request.uri().query().unwrap_or_default();
        let watch = form(query).any(|(key, value)| key == "watch" && !matches!(&*value, "" | "false" | "0"));
        Some(Target {
            method: request.method().clone(),
            prefix,
            namespace,
            resource: (*resource).to_owned(),
            name,
            subresource: (!rest.is_empty()).then(|| rest.join("/")),
            watch,
        })
    }

    /// The group: empty for the core group.
    pub fn group(&self) -> &str {
        match self.prefix.strip_prefix("/apis/") {
            Some(rest) => rest.split('/').next().unwrap_or_default(),
            None => "",
        }
    }

    /// Whether it is about namespaces themselves.
    pub fn is_namespace(&self) -> bool {
        self.resource == "namespaces" && self.prefix == "/api/v1" && self.namespace.is_none()
    }

    /// The path of the object itself, without subresource. For cluster-scoped resources.
    pub fn object_path(&self) -> String {
        format!("{}/{}/{}", self.prefix, self.resource, self.name.as_deref().unwrap_or_default())
    }

    /// Whether the answer may hold objects of several namespaces, or one with our marks on it.
    pub fn is_filtered(&self) -> bool {
        self.namespace.is_none() && self.subresource.is_none()
    }
}

/// The pairs of a query.
pub(super) fn form(query: &str) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
    url::form_urlencoded::parse(query.as_bytes())
}
