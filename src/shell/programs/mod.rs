//! The programs of a learner's machine: what a lesson needs beside the shell.

mod curl;
mod kubectl;

pub use curl::Curl;
pub use kubectl::Kubectl;

use super::Program;
use crate::cluster::Cluster;
use ::kubectl::Loopback;
use std::sync::Arc;

/// The programs that work on this cluster.
pub fn all(cluster: &Arc<dyn Cluster>) -> Vec<Arc<dyn Program>> {
    // the learner's own machine: what kubectl forwards there, curl reaches
    let loopback = Loopback::default();
    vec![Arc::new(Kubectl::new(cluster.clone(), loopback.clone())), Arc::new(Curl::new(cluster.clone(), loopback))]
}
