//! What a request's path asks for (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go).

use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::query::Query;

/// A path of the API.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// A resource, or an object, or something below an object.
    Resource(ResourcePath),
    /// Anything else: discovery, documents, health.
    Other(String),
}

/// A path below a group and version; the parts that it does not have are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ResourcePath {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) namespace: String,
    pub(super) resource: String,
    pub(super) name: String,
    pub(super) subresource: Option<String>,
}

impl Path {
    pub(super) fn parse(path: &str) -> Self {
        let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return Self::Other(path.to_owned()),
        };
        // `namespaces/x/pods` is about pods, `namespaces/x` and `namespaces/x/status` about the namespace.
        let (namespace, rest) = match rest {
            ["namespaces", namespace, below @ ..]
                if !["status", "finalize"].contains(below.first().unwrap_or(&"status")) =>
            {
                (*namespace, below)
            }
            rest => ("", rest),
        };
        let mut found = ResourcePath {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace: namespace.to_owned(),
            ..ResourcePath::default()
        };
        match rest {
            [resource] => found.resource = (*resource).to_owned(),
            [resource, name] => {
                found.resource = (*resource).to_owned();
                found.name = (*name).to_owned();
            }
            [resource, name, subresource] => {
                found.resource = (*resource).to_owned();
                found.name = (*name).to_owned();
                found.subresource = Some((*subresource).to_owned());
            }
            _ => return Self::Other(path.to_owned()),
        }
        Self::Resource(found)
    }
}

/// Who writes, as managedFields name it: what the client says, else the first word of its User-Agent.
pub(super) fn manager(parts: &Parts, query: &Query) -> String {
    let agent = || {
        let agent = parts.headers.get(http::header::USER_AGENT)?.to_str().ok()?;
        Some(agent.split('/').next()?.to_owned())
    };
    query.field_manager.clone().or_else(agent).unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(path: &str) -> String {
        match Path::parse(path) {
            Path::Resource(p) => {
                format!(
                    "{}|{}|{}|{}|{}|{}",
                    p.group,
                    p.version,
                    p.namespace,
                    p.resource,
                    p.name,
                    p.subresource.unwrap_or_default()
                )
            }
            Path::Other(path) => path,
        }
    }

    #[test]
    fn paths_name_resources_objects_and_subresources() {
        for (path, expected) in [
            ("/api/v1/pods", "|v1||pods||"),
            ("/api/v1/namespaces", "|v1||namespaces||"),
            ("/api/v1/namespaces/x", "|v1||namespaces|x|"),
            ("/api/v1/namespaces/x/status", "|v1||namespaces|x|status"),
            ("/api/v1/namespaces/x/pods", "|v1|x|pods||"),
            ("/api/v1/namespaces/x/pods/p/log", "|v1|x|pods|p|log"),
            ("/apis/apps/v1/namespaces/x/deployments/d/scale", "apps|v1|x|deployments|d|scale"),
            ("/api/v1/namespaces/x/events/a%20b", "|v1|x|events|a b|"),
            ("/api/v1", "/api/v1"),
            ("/healthz", "/healthz"),
        ] {
            assert_eq!(parsed(path), expected, "{path}");
        }
    }
}
