//! The programs of a learner's machine: what a lesson needs beside the shell.

mod kubectl;

pub use kubectl::Kubectl;

use super::Program;
use crate::cluster::Cluster;
use std::sync::Arc;

/// The programs that work on this cluster.
pub fn all(cluster: &Arc<dyn Cluster>) -> Vec<Arc<dyn Program>> {
    vec![Arc::new(Kubectl::new(cluster.clone()))]
}
