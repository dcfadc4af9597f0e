//! The cluster on loopback sockets, for clients of other processes: TLS, a kubeconfig, node ports.

mod certificates;
mod connection;
mod kubeconfig;
mod node_ports;

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, sync::Notify, task::JoinSet};
use tokio_rustls::TlsAcceptor;

pub use certificates::{CertificateError, Certificates};

use crate::{apiserver::Api, network::Network};

/// The path that stops a served cluster when its administrator posts to it. It is no path of Kubernetes, and not in discovery.
pub const STOP_PATH: &str = "/.kubectl-lesson/stop";

/// How a cluster is served.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where the API server listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Whether the node ports of Services are opened on the same address.
    pub node_ports: bool,
}

/// Why a cluster could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not to be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where the API server was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No certificates.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
}

/// A cluster that is served. Dropping it ends the serving, not the cluster.
pub struct Serving {
    address: SocketAddr,
    kubeconfig: String,
    stop: Arc<Notify>,
    tasks: JoinSet<()>,
}

impl Serving {
    /// Where the API server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A kubeconfig for the administrator, as YAML.
    pub fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// Waits until a client asks to stop (a POST to [`STOP_PATH`]).
    pub async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Closes the sockets.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Serves an API, and the node ports of a network.
pub(crate) async fn serve(api: &Api, network: &Network, options: ServeOptions) -> Result<Serving, ServeError> {
    let address = options.address;
    let listen = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let certificates = Certificates::new(address.ip())?;
    // It was created when the cluster began, and can be replaced at any time.
    let _ = crate::bootstrap::publish_authority(api, &certificates.authority_pem());
    let acceptor = TlsAcceptor::from(certificates.server_config()?);
    let stop = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    tasks.spawn(accept(listener, acceptor, api.clone(), stop.clone()));
    if options.node_ports {
        tasks.spawn(node_ports::open(api.clone(), network.clone(), address.ip()));
    }
    let kubeconfig = kubeconfig::kubeconfig(address, &certificates);
    Ok(Serving { address, kubeconfig, stop, tasks })
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, api: Api, stop: Arc<Notify>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // Connections that ended are forgotten; how they ended is their client's business.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection::serve(stream, acceptor.clone(), api.clone(), stop.clone()));
                }
                // Out of file descriptors, mostly: connections that end free some.
                Err(_) => tokio::task::yield_now().await,
            },
        }
    }
}

/// Two directions of bytes, until both ended.
async fn pipe(
    mut one: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    mut other: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
) {
    // A connection that breaks has ended.
    let _ = tokio::io::copy_bidirectional(&mut one, &mut other).await;
}
