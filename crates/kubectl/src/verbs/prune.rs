//! Which objects `--prune` is about (kubectl: pkg/util/prune/prune.go, pkg/cmd/apply/prune.go, pkg/cmd/diff/prune.go).

use super::last_applied;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::mapper::Mapping;
use crate::resource::{Helper, Info, take_items};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Group, version and kind of what is pruned when the command line names nothing.
const DEFAULT: [(&str, &str, &str); 16] = [
    ("", "v1", "ConfigMap"),
    ("", "v1", "Endpoints"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Pod"),
    ("", "v1", "ReplicationController"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("apps", "v1", "DaemonSet"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1", "StatefulSet"),
    ("", "v1", "Namespace"),
    ("", "v1", "PersistentVolume"),
];

/// What a command has had in its hands, and so does not prune.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// The namespaces in which to look for the rest.
    pub namespaces: BTreeSet<String>,
    uids: BTreeSet<String>,
}

impl Visited {
    /// Takes the namespace down.
    pub(super) fn namespace_of(&mut self, info: &Info) {
        if info.mapping.namespaced {
            self.namespaces.insert(info.namespace.clone());
        }
    }
    /// Takes the object down.
    pub(super) fn object(&mut self, object: &Value) {
        self.uids.extend(object["metadata"]["uid"].as_str().map(String::from));
    }
    /// Whether it was taken down.
    pub(super) fn knows(&self, object: &Value) -> bool {
        object["metadata"]["uid"].as_str().is_some_and(|uid| self.uids.contains(uid))
    }
}

/// `--prune-allowlist`: `group/version/kind`, the core group being `core`.
pub(super) async fn parse(cx: &Context, words: &[String]) -> Result<Vec<Arc<Mapping>>> {
    let mut mappings = Vec::new();
    for word in words {
        let parts: Vec<&str> = word.split('/').collect();
        let [group, version, kind] = parts[..] else {
            return Err(Error::msg(format!(
                "invalid GroupVersionKind format: {word}, please follow <group/version/kind>"
            )));
        };
        let group = if group == "core" { "" } else { group };
        mappings.push(mapping(cx, group, version, kind).await?);
    }
    Ok(mappings)
}

async fn mapping(cx: &Context, group: &str, version: &str, kind: &str) -> Result<Arc<Mapping>> {
    let api_version = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
    cx.mapper().await?.kind(group, version, kind).await?.ok_or_else(|| {
        let (kind, api_version) = (crate::text::quote(kind), crate::text::quote(&api_version));
        Error::msg(format!("no matches for kind {kind} in version {api_version}"))
    })
}

/// The types and namespaces to look at: those that are allowed, or the usual ones.
pub(super) async fn places(
    cx: &Context,
    allowed: &[Arc<Mapping>],
    visited: &Visited,
) -> Result<Vec<(Arc<Mapping>, String)>> {
    let mut mappings = allowed.to_vec();
    if mappings.is_empty() {
        cx.klog_warning("prune.go:71", "Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.")?;
        for (group, version, kind) in DEFAULT {
            mappings.push(mapping(cx, group, version, kind).await?);
        }
    }
    let mut places = Vec::new();
    for namespace in &visited.namespaces {
        let namespaced = mappings.iter().filter(|mapping| mapping.namespaced);
        places.extend(namespaced.map(|mapping| (mapping.clone(), namespace.clone())));
    }
    places
        .extend(mappings.iter().filter(|mapping| !mapping.namespaced).map(|mapping| (mapping.clone(), String::new())));
    Ok(places)
}

/// The objects that were applied once and were not visited.
pub(super) async fn find(helper: &Helper, namespace: &str, selector: &str, visited: &Visited) -> Result<Vec<Value>> {
    let mut list = helper.list(namespace, selector, "").await?;
    let mut items = take_items(&mut list);
    items.retain(|object| last_applied::original(object).is_some() && !visited.knows(object));
    Ok(items)
}
