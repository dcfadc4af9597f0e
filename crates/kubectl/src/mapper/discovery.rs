//! Aggregated discovery (client-go: discovery/aggregated_discovery.go), and the older one group by group for servers
//! that have no aggregated documents.

use super::Mapping;
use crate::error::Result;
use crate::request::{Call, Requests};
use http::header::ACCEPT;
use serde_json::Value;
use std::sync::Arc;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// All resources, core group first, then the groups in the server's order, each in its preferred version first.
pub(super) async fn discover(requests: &Requests) -> Result<Vec<Arc<Mapping>>> {
    let mut found = Vec::new();
    for root in ["/api", "/apis"] {
        let document = requests.json(Call::get(root).header(ACCEPT, AGGREGATED)).await?;
        if document["kind"] == "APIGroupDiscoveryList" {
            aggregated(&document, &mut found);
        } else {
            one_by_one(requests, root, &document, &mut found).await?;
        }
    }
    Ok(found)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn aggregated(document: &Value, found: &mut Vec<Arc<Mapping>>) {
    for group in items(&document["items"]) {
        for version in items(&group["versions"]) {
            for resource in items(&version["resources"]) {
                let kind = &resource["responseKind"];
                if kind["kind"].as_str().is_none_or(str::is_empty) {
                    continue;
                }
                found.push(Arc::new(Mapping {
                    group: text(&group["metadata"]["name"]),
                    version: text(&version["version"]),
                    resource: text(&resource["resource"]),
                    singular: text(&resource["singularResource"]),
                    kind: text(&kind["kind"]),
                    namespaced: resource["scope"] == "Namespaced",
                    short_names: texts(&resource["shortNames"]),
                    categories: texts(&resource["categories"]),
                    subresources: items(&resource["subresources"]).map(|sub| text(&sub["subresource"])).collect(),
                    verbs: texts(&resource["verbs"]),
                }));
            }
        }
    }
}

async fn one_by_one(requests: &Requests, root: &str, document: &Value, found: &mut Vec<Arc<Mapping>>) -> Result<()> {
    let mut versions: Vec<String> = texts(&document["versions"]);
    for group in items(&document["groups"]) {
        let preferred = text(&group["preferredVersion"]["groupVersion"]);
        let others = items(&group["versions"]).map(|version| text(&version["groupVersion"]));
        let others: Vec<String> = others.filter(|version| *version != preferred).collect();
        versions.push(preferred);
        versions.extend(others);
    }
    for group_version in versions {
        let list = requests.json(Call::get(format!("{root}/{group_version}"))).await?;
        let (group, version) = group_version.split_once('/').unwrap_or(("", &group_version));
        for resource in items(&list["resources"]) {
            let name = text(&resource["name"]);
            if name.contains('/') {
                continue;
            }
            let prefix = format!("{name}/");
            let subresources = items(&list["resources"]).filter_map(|r| r["name"].as_str()?.strip_prefix(&prefix));
            found.push(Arc::new(Mapping {
                group: group.to_string(),
                version: version.to_string(),
                singular: text(&resource["singularName"]),
                kind: text(&resource["kind"]),
                namespaced: resource["namespaced"] == true,
                short_names: texts(&resource["shortNames"]),
                categories: texts(&resource["categories"]),
                subresources: subresources.map(String::from).collect(),
                verbs: texts(&resource["verbs"]),
                resource: name,
            }));
        }
    }
    Ok(())
}
