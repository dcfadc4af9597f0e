//! The controllers of kube-controller-manager, one file each.

use tokio::task::JoinSet;

use crate::apiserver::Api;

/// Starts all controllers.
pub fn start(_api: &Api, _tasks: &mut JoinSet<()>) {}
