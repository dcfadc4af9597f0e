//! The resources of the cluster: one file a resource, which says how its objects are defaulted, validated, split from their
//! status, selected and printed. What is not registered here does not exist in this cluster, and discovery says so.

pub mod codec;
pub mod strategy;

mod batch_spec;
mod columns;
mod configmaps;
mod controllerrevisions;
mod cronjobs;
mod daemonsets;
mod deployments;
mod endpoints;
mod endpointslices;
mod events;
mod fields;
mod jobs;
mod leases;
mod metadata_validation;
mod namespaces;
mod nodes;
mod pod_admission;
mod pod_printer;
mod pod_spec;
mod pod_validation;
mod pods;
mod printer;
mod replicasets;
mod replicationcontrollers;
mod secrets;
mod service_allocation;
mod service_validation;
mod serviceaccounts;
mod services;
mod statefulsets;
mod workload_validation;

use apimachinery::gvk::{GroupKind, GroupResource};
use std::{collections::BTreeMap, sync::Arc};

pub use columns::columns;
pub use strategy::{Context, Strategy};

/// A resource as discovery describes it, with the strategy of its objects.
pub struct Resource {
    /// API group, empty for the core one.
    pub group: &'static str,
    /// Version in the group.
    pub version: &'static str,
    /// Kind of its objects.
    pub kind: &'static str,
    /// Plural name, as in paths.
    pub plural: &'static str,
    /// Singular name.
    pub singular: &'static str,
    /// Short names for the command line.
    pub short_names: &'static [&'static str],
    /// Groups of resources for the command line: `all`.
    pub categories: &'static [&'static str],
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done with them.
    pub verbs: &'static [&'static str],
    /// The paths below an object.
    pub subresources: &'static [Subresource],
    /// How its objects behave.
    pub strategy: &'static dyn Strategy,
}

/// A path below an object: `status`, `scale`, `log`, …
#[derive(Debug)]
pub struct Subresource {
    /// Last segment of the path.
    pub name: &'static str,
    /// Group, version and kind of what it speaks; empty ones are those of the resource.
    pub group: &'static str,
    /// See `group`.
    pub version: &'static str,
    /// See `group`.
    pub kind: &'static str,
    /// What can be done with it.
    pub verbs: &'static [&'static str],
}

/// The verbs of an ordinary resource.
pub const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// The `status` subresource of most resources.
pub const STATUS: Subresource =
    Subresource { name: "status", group: "", version: "", kind: "", verbs: &["get", "patch", "update"] };

/// The `scale` subresource of workloads.
pub const SCALE: Subresource = Subresource {
    name: "scale",
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    verbs: &["get", "patch", "update"],
};

impl Resource {
    /// Name of the resource in this crate: `pods`, `deployments.apps`.
    pub fn key(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `apiVersion` of its objects.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The Go struct of its objects: `apps/v1.Deployment`.
    pub fn go_struct(&self) -> String {
        let package = match self.group {
            "" => "core",
            group => group.split('.').next().unwrap_or(group),
        };
        format!("{package}/{}.{}", self.version, self.kind)
    }

    /// Group and plural name, as errors name it.
    pub fn group_resource(&self) -> GroupResource {
        GroupResource::new(self.group, self.plural)
    }

    /// Group and kind, as validation errors name it.
    pub fn group_kind(&self) -> GroupKind {
        GroupKind::new(self.group, self.kind)
    }

    /// One of its subresources.
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

impl std::fmt::Debug for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.key())
    }
}

/// All resources of a cluster.
#[derive(Clone, Debug)]
pub struct Registry {
    resources: Arc<BTreeMap<String, Resource>>,
}

impl Registry {
    /// The resources that are built in.
    pub fn builtin() -> Self {
        let resources = [
            configmaps::resource(),
            controllerrevisions::resource(),
            cronjobs::resource(),
            daemonsets::resource(),
            deployments::resource(),
            endpoints::resource(),
            endpointslices::resource(),
            events::resource(),
            jobs::resource(),
            leases::resource(),
            namespaces::resource(),
            nodes::resource(),
            pods::resource(),
            replicasets::resource(),
            replicationcontrollers::resource(),
            secrets::resource(),
            serviceaccounts::resource(),
            services::resource(),
            statefulsets::resource(),
        ];
        Self { resources: Arc::new(resources.into_iter().map(|resource| (resource.key(), resource)).collect()) }
    }

    /// By its name in this crate: `deployments.apps`.
    pub fn get(&self, key: &str) -> Option<&Resource> {
        self.resources.get(key)
    }

    /// By its path: group, version, plural name.
    pub fn find(&self, group: &str, version: &str, plural: &str) -> Option<&Resource> {
        self.resources.values().find(|r| r.plural == plural && r.group == group && r.version == version)
    }

    /// By the `apiVersion` and `kind` of an object.
    pub fn find_kind(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.resources.values().find(|r| r.kind == kind && r.api_version() == api_version)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }
}
