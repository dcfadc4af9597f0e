//! The cluster in this process. Each lesson has one for itself, so there is nothing to translate.

use super::error::ClusterError;
use super::selection::Selection;
use super::{Cluster, Connection};
use async_trait::async_trait;
use embedded::clock::Clock;
use embedded::network::{ConnectError, Origin};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// When virtual time begins: a seed gives the same bytes on every day.
const BEGINNING: jiff::Timestamp = jiff::Timestamp::constant(1_767_258_000, 0);

/// What a namespace that was made for a lesson does not hold, while the `default` of a cluster does: the API server's
/// own Service.
const NOT_THE_LESSONS: &[(&str, &str)] =
    &[("services", "kubernetes"), ("endpoints", "kubernetes"), ("endpointslices.discovery.k8s.io", "kubernetes")];

/// See the module.
pub(super) struct EmbeddedCluster {
    selection: Selection,
    clock: Clock,
    running: Mutex<embedded::Cluster>,
}

impl EmbeddedCluster {
    /// Starts it on the runtime that this is called in.
    pub fn start(selection: &Selection) -> Self {
        let clock = if selection.interactive { Clock::real() } else { Clock::starting_at(BEGINNING) };
        let running = Mutex::new(start(selection, clock));
        EmbeddedCluster { selection: selection.clone(), clock, running }
    }

    fn running(&self) -> MutexGuard<'_, embedded::Cluster> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(selection: &Selection, clock: Clock) -> embedded::Cluster {
    let cluster = embedded::Cluster::start(embedded::Options { seed: selection.seed, nodes: selection.nodes, clock });
    for (resource, name) in NOT_THE_LESSONS {
        // What the cluster does not make at its start need not be taken away.
        let _ = cluster.api().delete(resource, "default", name, &Default::default());
    }
    cluster
}

#[async_trait]
impl Cluster for EmbeddedCluster {
    fn name(&self) -> &str {
        "embedded"
    }

    fn server(&self) -> &str {
        "https://embedded.kubectl-lesson"
    }

    fn client(&self) -> kube::Client {
        self.running().client()
    }

    fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    async fn connect(&self, host: &str, port: u16) -> io::Result<Connection> {
        let network = self.running().network().clone();
        match network.connect(&Origin::Outside, host, port).await {
            Ok(connection) => Ok(Box::new(connection)),
            Err(error) => Err(io::Error::new(kind(&error), error)),
        }
    }

    async fn reset(&self) -> Result<(), ClusterError> {
        let old = std::mem::replace(&mut *self.running(), start(&self.selection, self.clock));
        old.stop().await;
        Ok(())
    }

    async fn close(&self) -> Result<(), ClusterError> {
        // It ends with this value: nothing of it is anywhere else.
        Ok(())
    }
}

fn kind(error: &ConnectError) -> io::ErrorKind {
    match error {
        ConnectError::Refused => io::ErrorKind::ConnectionRefused,
        ConnectError::TimedOut => io::ErrorKind::TimedOut,
        ConnectError::NoRoute => io::ErrorKind::HostUnreachable,
        ConnectError::NameNotFound => io::ErrorKind::NotFound,
    }
}
