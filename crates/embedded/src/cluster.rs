//! A whole cluster, started together.

use tokio::task::JoinSet;

use crate::{
    apiserver::Api,
    bootstrap,
    clock::Clock,
    controllers,
    entropy::Entropy,
    kubelet,
    network::Network,
    registry::Registry,
    scheduler,
    serve::{self, ServeError, ServeOptions, Serving},
    storage::Storage,
    transport,
};

/// How a cluster is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The same seed gives the same names, addresses and uids.
    pub seed: u64,
    /// How many nodes it has.
    pub nodes: usize,
    /// What time it is.
    pub clock: Clock,
}

impl Options {
    /// One node, seed 1.
    pub fn new(clock: Clock) -> Self {
        Self { seed: 1, nodes: 1, clock }
    }
}

/// A running cluster. Dropping it stops it.
pub struct Cluster {
    api: Api,
    network: Network,
    tasks: JoinSet<()>,
}

impl Cluster {
    /// Starts a cluster on the tokio runtime that this is called in.
    pub fn start(options: Options) -> Self {
        let api = Api::new(Storage::default(), Registry::builtin(), options.clock, Entropy::seeded(options.seed));
        // The file is part of the program, and a test creates it.
        bootstrap::bootstrap(&api).expect("the objects of data/bootstrap.json are valid");
        let network = Network::new(&api);
        let mut tasks = JoinSet::new();
        controllers::start(&api, &mut tasks);
        scheduler::start(&api, &mut tasks);
        kubelet::start(&api, &network, options.nodes, &mut tasks);
        Self { api, network, tasks }
    }

    /// The API, in process, as the administrator.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// A Kubernetes client, in process, as the administrator. Call it on the cluster's runtime.
    pub fn client(&self) -> kube::Client {
        transport::client(&self.api)
    }

    /// The network between pods, Services and nodes.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Serves the cluster on a socket, with TLS, for clients of other processes.
    ///
    /// # Errors
    /// The address is not to be had, or no certificates could be made.
    pub async fn serve(&self, options: ServeOptions) -> Result<Serving, ServeError> {
        serve::serve(&self.api, &self.network, options).await
    }

    /// Stops everything that runs in the cluster, and waits for it.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
