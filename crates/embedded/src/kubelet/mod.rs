//! The kubelet: pods on a node.

use tokio::task::JoinSet;

use crate::{apiserver::Api, network::Network};

/// Registers `nodes` nodes and starts a kubelet on each.
pub fn start(_api: &Api, _network: &Network, _nodes: usize, _tasks: &mut JoinSet<()>) {}
