//! The nodes and what runs on them, as the scheduler sees them at one moment: pkg/scheduler/framework/types.go, `NodeInfo`.

use std::collections::BTreeMap;

use super::resources::Resources;
use crate::{
    apiserver::Api,
    controllers::{
        object::{at, name, text},
        pod::is_terminal,
    },
    storage::Object,
};

/// A node and its pods.
#[derive(Clone, Debug)]
pub struct NodeInfo {
    /// The node.
    pub node: Object,
    /// The pods that are bound to it and have not ended.
    pub pods: Vec<Object>,
    /// What these pods ask for.
    pub requested: Resources,
    /// What pods may ask for in all.
    pub allocatable: Resources,
}

impl NodeInfo {
    /// The node's name.
    pub fn name(&self) -> &str {
        name(&self.node)
    }

    /// The value of one of the node's labels.
    pub fn label(&self, key: &str) -> Option<&str> {
        at(&self.node, "metadata.labels").get(key)?.as_str()
    }
}

/// All nodes in order of their names.
pub fn take(api: &Api) -> Vec<NodeInfo> {
    let mut by_node: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for pod in api.list("pods", None) {
        let node = text(&pod, "spec.nodeName");
        if !node.is_empty() && !is_terminal(&pod) {
            by_node.entry(node.to_owned()).or_default().push(pod);
        }
    }
    let info = |node: Object| {
        let pods = by_node.remove(name(&node)).unwrap_or_default();
        let requested = pods.iter().fold(Resources::default(), |sum, pod| sum.plus(&Resources::requested_by(pod)));
        let allocatable = Resources::from_map(at(&node, "status.allocatable"));
        NodeInfo { node, pods, requested, allocatable }
    };
    api.list("nodes", None).into_iter().map(info).collect()
}
