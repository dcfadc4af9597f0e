//! Which kinds a cluster has and a lesson may speak of, by aggregated discovery (`apidiscovery.k8s.io/v2`).

use anyhow::{Context, Result};
use kube::Client;
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

/// A kind to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// `/api/v1`, `/apis/apps/v1`.
    root: String,
    /// Plural: `deployments`.
    resource: String,
    /// Whether its objects stand in namespaces.
    pub namespaced: bool,
}

impl Watched {
    /// The path of its objects, in a namespace or of the whole cluster.
    pub fn collection(&self, namespace: Option<&str>) -> String {
        match namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", self.root, self.resource),
            None => format!("{}/{}", self.root, self.resource),
        }
    }
}

/// The namespace in the path of a collection.
pub fn namespace_of(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/namespaces/")?;
    rest.split_once('/').map(|(namespace, _)| namespace)
}

#[derive(Deserialize)]
struct Table {
    not_watched: Vec<NotWatched>,
    cluster_scoped: Vec<String>,
}

#[derive(Deserialize)]
struct NotWatched {
    resource: String,
    #[allow(dead_code)] // every row has its reason; it is read by people
    reason: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // the file is part of the program and has a test
    serde_yaml::from_str(include_str!("data/watched.yaml")).expect("watched.yaml is valid")
});

/// The kinds of this cluster that are watched, in the order of discovery.
///
/// # Errors
/// Where the cluster does not answer discovery.
pub async fn watched(client: &Client) -> Result<Vec<Watched>> {
    let mut kinds = Vec::new();
    for root in ["/api", "/apis"] {
        let request = http::Request::get(root)
            .header("accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
            .body(Vec::new())
            .context("a constant path")?;
        let document: Value = client.request(request).await.context("the cluster does not answer discovery")?;
        collect(root, &document, &mut kinds);
    }
    Ok(kinds)
}

fn collect(root: &str, document: &Value, kinds: &mut Vec<Watched>) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    for group in list(&document["items"]) {
        let name = text(&group["metadata"]["name"]);
        // the first version is the preferred one
        for version in list(&group["versions"]).iter().take(1) {
            let version_name = text(&version["version"]);
            let root = if name.is_empty() {
                format!("{root}/{version_name}")
            } else {
                format!("{root}/{name}/{version_name}")
            };
            for resource in list(&version["resources"]) {
                let plural = text(&resource["resource"]);
                let full = if name.is_empty() { plural.clone() } else { format!("{plural}.{name}") };
                let verbs = list(&resource["verbs"]);
                let can = |verb: &str| verbs.iter().any(|v| v == verb);
                let namespaced = resource["scope"] == "Namespaced";
                let wanted = if namespaced {
                    !TABLE.not_watched.iter().any(|row| row.resource == full)
                } else {
                    TABLE.cluster_scoped.contains(&full)
                };
                if wanted && can("watch") && can("list") {
                    kinds.push(Watched { root: root.clone(), resource: plural, namespaced });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn discovery_gives_namespaced_kinds_but_those_of_the_table() {
        let verbs = json!(["list", "watch"]);
        let resource = |name: &str, scope: &str| json!({"resource": name, "scope": scope, "verbs": verbs});
        let document = json!({"items": [
            {"metadata": {}, "versions": [{"version": "v1", "resources": [
                resource("pods", "Namespaced"), resource("endpoints", "Namespaced"), resource("nodes", "Cluster"),
                json!({"resource": "bindings", "scope": "Namespaced", "verbs": ["create"]})]}]}]});
        let mut kinds = Vec::new();
        collect("/api", &document, &mut kinds);
        let paths: Vec<String> = kinds.iter().map(|k| k.collection(k.namespaced.then_some("default"))).collect();
        assert_eq!(paths, ["/api/v1/namespaces/default/pods", "/api/v1/nodes"]);
    }

    #[test]
    fn the_namespace_of_a_path() {
        assert_eq!(namespace_of("/api/v1/namespaces/demo/pods"), Some("demo"));
        assert_eq!(namespace_of("/api/v1/namespaces"), None);
    }
}
