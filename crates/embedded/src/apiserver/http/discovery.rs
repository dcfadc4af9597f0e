//! Discovery: which groups, versions and resources there are, made from the registry; and the OpenAPI documents.
//!
//! Upstream: k8s.io/apiserver/pkg/endpoints/discovery.

use apimachinery::status::Status;
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{Exchange, body::Body, negotiate, respond};
use crate::{
    apiserver::openapi,
    registry::{Resource, Subresource},
};

/// Groups in the order in which the API server lists them.
const GROUPS: &[&str] = &[
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
];

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

impl Exchange {
    /// The answer of a path of discovery; `None` for any other path.
    pub(super) fn discovery(&self, path: &str) -> Option<Result<Response<Body>, Status>> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let aggregated = negotiate::wants_aggregated_discovery(&self.parts.headers);
        let document = match parts.as_slice() {
            ["api"] if aggregated => return Some(Ok(self.aggregated(&[""]))),
            ["apis"] if aggregated => return Some(Ok(self.aggregated(GROUPS))),
            ["api"] => json!({
                "kind": "APIVersions",
                "versions": ["v1"],
                "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "172.18.0.2:6443"}],
            }),
            ["apis"] => {
                let groups: Vec<Value> = GROUPS.iter().filter_map(|group| self.group(group)).collect();
                json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
            }
            ["apis", group] => {
                let mut document = self.group(group)?;
                document["kind"] = json!("APIGroup");
                document["apiVersion"] = json!("v1");
                document
            }
            ["api", version] => self.resources("", version)?,
            ["apis", group, version] => self.resources(group, version)?,
            ["openapi", rest @ ..] => {
                let document = openapi::document(&rest.join("/"))?;
                return Some(Ok(respond::json_bytes(document)));
            }
            [] => json!({"paths": self.paths()}),
            _ => return None,
        };
        Some(Ok(respond::json(200, &document, self.pretty)))
    }

    fn of_group(&self, group: &str) -> Vec<&Resource> {
        self.api.registry().iter().filter(|resource| resource.group == group).collect()
    }

    /// The versions of a group, the preferred one first.
    fn versions(&self, group: &str) -> Vec<&'static str> {
        let mut versions: Vec<&str> = self.of_group(group).iter().map(|resource| resource.version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions.reverse();
        versions
    }

    fn group(&self, group: &str) -> Option<Value> {
        let version = |version: &&str| json!({"groupVersion": format!("{group}/{version}"), "version": version});
        let versions: Vec<Value> = self.versions(group).iter().map(version).collect();
        let preferred = versions.first()?.clone();
        Some(json!({"name": group, "versions": versions, "preferredVersion": preferred}))
    }

    fn resources(&self, group: &str, version: &str) -> Option<Value> {
        let mut resources = self.of_group(group);
        resources.retain(|resource| resource.version == version);
        let first = resources.first()?;
        let group_version = first.api_version();
        let list: Vec<Value> = resources.iter().flat_map(|resource| plain(resource)).collect();
        Some(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list}))
    }

    fn aggregated(&self, groups: &[&str]) -> Response<Body> {
        let version = |group: &str, version: &str| {
            let resources = self.of_group(group).into_iter().filter(|resource| resource.version == version);
            json!({
                "version": version,
                "freshness": "Current",
                "resources": resources.map(aggregated).collect::<Vec<Value>>(),
            })
        };
        let item = |group: &&str| {
            let versions: Vec<Value> = self.versions(group).into_iter().map(|own| version(group, own)).collect();
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            (!versions.is_empty()).then(|| json!({"metadata": metadata, "versions": versions}))
        };
        let items: Vec<Value> = groups.iter().filter_map(item).collect();
        let list = json!({
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items,
        });
        let mut response = respond::json(200, &list, self.pretty);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(AGGREGATED));
        response
    }

    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = ["/api", "/api/v1", "/apis"].map(str::to_owned).into();
        for resource in self.api.registry().iter().filter(|resource| !resource.group.is_empty()) {
            paths.push(format!("/apis/{}", resource.group));
            paths.push(format!("/apis/{}", resource.api_version()));
        }
        paths.extend(["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"].map(str::to_owned));
        paths.sort();
        paths.dedup();
        paths
    }
}

fn aggregated(resource: &Resource) -> Value {
    let kind = |kind: &str, group: &str, version: &str| json!({"group": group, "version": version, "kind": kind});
    let mut document = json!({
        "resource": resource.plural,
        "responseKind": kind(resource.kind, "", ""),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": resource.verbs,
    });
    add_names(resource, &mut document);
    let below = |own: &Subresource| {
        let response = match (own.kind, own.group) {
            ("", _) => kind(resource.kind, "", ""),
            (name, "") => kind(name, "", ""),
            (name, group) => kind(name, group, own.version),
        };
        json!({"subresource": own.name, "responseKind": response, "verbs": own.verbs})
    };
    if !resource.subresources.is_empty() {
        document["subresources"] = resource.subresources.iter().map(below).collect();
    }
    document
}

fn plain(resource: &Resource) -> Vec<Value> {
    let mut document = json!({
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": resource.verbs,
    });
    add_names(resource, &mut document);
    let below = |own: &Subresource| {
        let mut document = json!({
            "name": format!("{}/{}", resource.plural, own.name),
            "singularName": "",
            "namespaced": resource.namespaced,
            "kind": if own.kind.is_empty() { resource.kind } else { own.kind },
            "verbs": own.verbs,
        });
        if !own.group.is_empty() {
            document["group"] = json!(own.group);
            document["version"] = json!(own.version);
        }
        document
    };
    std::iter::once(document).chain(resource.subresources.iter().map(below)).collect()
}

fn add_names(resource: &Resource, document: &mut Value) {
    for (field, names) in [("shortNames", resource.short_names), ("categories", resource.categories)] {
        if !names.is_empty() {
            document[field] = json!(names);
        }
    }
}
