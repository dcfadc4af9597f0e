//! What a lesson runs on: a cluster in this process, or a namespace of the lesson's own on a cluster of a kubeconfig.
//!
//! A lesson speaks of `default`; wherever it really runs, the client that it gets shows it so ([`isolate`]).
//! The room knows nothing of lessons, commands or claims.

mod attached;
mod cleanup;
mod context;
mod embedded;
pub mod error;
mod guard;
mod interrupt;
pub mod isolate;
mod kubeconfig;
mod leftovers;
mod owner;
pub mod selection;

pub use attached::attach;
pub use cleanup::{Cleaned, cleanup};
pub use error::ClusterError;
pub use interrupt::Interrupt;
pub use selection::{Kind, Progress, Selection};

use async_trait::async_trait;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// A cluster that a lesson has for itself.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// `embedded`, or the name of the kubeconfig context.
    fn name(&self) -> &str;

    /// The URL of its API server, for messages.
    fn server(&self) -> &str;

    /// A client that sees the lesson's own namespace as `default`. Cheap to clone, all clones share one connection.
    /// After a [`Cluster::reset`] ask for a new one.
    fn client(&self) -> kube::Client;

    /// What time it is for the cluster.
    fn now(&self) -> jiff::Timestamp;

    /// The lesson's names for namespaces, where they are not the real ones: what a terminal inside of the cluster shows
    /// goes through [`isolate::Screen`], what is typed there through [`isolate::typed`].
    fn names(&self) -> Option<Arc<isolate::Names>> {
        None
    }

    /// Opens a connection from outside of the cluster (the learner's machine) to a node port, a host port or a load
    /// balancer.
    ///
    /// # Errors
    /// What a socket would say: refused, timed out, no route, unknown name.
    async fn connect(&self, host: &str, port: u16) -> io::Result<Connection>;

    /// Empties the lesson's world: afterwards it is as at the start.
    ///
    /// # Errors
    /// The cluster does not answer, or does not remove what was made in time.
    async fn reset(&self) -> Result<(), ClusterError>;

    /// Removes all that this run made, and waits until it is gone. A second call does nothing.
    ///
    /// # Errors
    /// As [`Cluster::reset`].
    async fn close(&self) -> Result<(), ClusterError>;
}

/// A connection into the cluster.
pub type Connection = Box<dyn Duplex>;

/// Both directions of a stream of bytes.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Opens the cluster that was selected. Have an [`Interrupt`] listen before, so that Ctrl-C leaves nothing half made,
/// or use [`with`].
/// `progress` hears what is being done, for a person who waits.
///
/// # Errors
/// [`ClusterError`]: nothing that was made so far is left behind.
pub async fn open(
    selection: &Selection,
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Arc<dyn Cluster>, ClusterError> {
    progress(Progress::Opening(selection.describe()));
    let cluster = match selection.kind {
        Kind::Embedded => Ok(Arc::new(embedded::EmbeddedCluster::start(selection)) as Arc<dyn Cluster>),
        Kind::Kubeconfig => kubeconfig::open(selection, &progress).await,
    }?;
    progress(Progress::Ready);
    Ok(cluster)
}

/// How work on a cluster ended.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It came to its end.
    Done(T),
    /// The process was asked to end (Ctrl-C, SIGTERM).
    Interrupted,
}

/// Opens a cluster, works on it, and closes it: at the end of the work, and when the process is asked to end, whenever
/// that is. A cluster that is half open is opened first: then it is known what there is to remove.
///
/// # Errors
/// The cluster cannot be opened, or not be left as it was found.
pub async fn with<T>(
    selection: &Selection,
    progress: impl Fn(Progress) + Send + Sync,
    work: impl AsyncFnOnce(Arc<dyn Cluster>) -> T,
) -> Result<Outcome<T>, ClusterError> {
    let mut interrupt = Interrupt::listen();
    let cluster = open(selection, progress).await?;
    let done = interrupt.until(work(cluster.clone())).await;
    cluster.close().await?;
    Ok(done.map_or(Outcome::Interrupted, Outcome::Done))
}

/// The runtime that a run on this cluster needs: one thread; on the embedded cluster, when nobody is watching, with
/// virtual time that jumps over every wait.
///
/// # Errors
/// The operating system refuses a timer or an event queue.
pub fn runtime(selection: &Selection) -> io::Result<tokio::runtime::Runtime> {
    let virtual_time = selection.kind == Kind::Embedded && !selection.interactive;
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(virtual_time).build()
}
