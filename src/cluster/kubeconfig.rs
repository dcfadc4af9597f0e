//! A cluster of a kubeconfig: the lesson has a namespace of its own there, made for this run and removed after it.

use super::context::Context;
use super::error::ClusterError;
use super::isolate::{self, Names, Permissions, World};
use super::leftovers;
use super::selection::{Progress, Selection};
use super::{Cluster, Connection};
use async_trait::async_trait;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// See the module.
pub(super) struct KubeconfigCluster {
    context: String,
    server: String,
    plain: kube::Client,
    client: kube::Client,
    world: World,
    keep: bool,
    expiry: Duration,
    /// Real names of the lesson's namespaces, the present one last; empty after the end.
    made: Mutex<Vec<String>>,
}

/// Opens the context and makes the namespace.
///
/// # Errors
/// The context is not allowed or not usable; then nothing is left behind.
pub(super) async fn open(selection: &Selection, progress: impl Fn(Progress)) -> Result<Arc<dyn Cluster>, ClusterError> {
    let context = Context::open(selection).await?;
    let names = draw(selection.expiry);
    make(&context.name, &context.client, &names, progress).await?;
    let made = Mutex::new(vec![names.real().to_owned()]);
    let world = World::new(names);
    let permissions = Permissions { nodes: selection.allow_nodes };
    Ok(Arc::new(KubeconfigCluster {
        client: isolate::client(context.client.clone(), world.clone(), permissions),
        plain: context.client,
        context: context.name,
        server: context.server,
        world,
        keep: selection.keep,
        expiry: selection.expiry,
        made,
    }))
}

/// A name that no other run has.
fn draw(expiry: Duration) -> Names {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let expires = jiff::Timestamp::now()
        .saturating_add(jiff::SignedDuration::try_from(expiry).unwrap_or(jiff::SignedDuration::MAX));
    // Saturating: an expiry beyond the calendar is the calendar's end.
    let expires = expires.unwrap_or(jiff::Timestamp::MAX);
    Names::new(
        format!("lesson-{}", &random[..10]),
        expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        super::owner::this_process(),
    )
}

async fn make(
    context: &str,
    client: &kube::Client,
    names: &Names,
    progress: impl Fn(Progress),
) -> Result<(), ClusterError> {
    let unusable = |reason| ClusterError::Unusable { cluster: format!("context {context:?}"), reason };
    progress(Progress::CreatingNamespace(names.real().to_owned()));
    leftovers::create(client, names).await.map_err(unusable)?;
    progress(Progress::WaitingForServiceAccount(names.real().to_owned()));
    if let Err(reason) = leftovers::wait_ready(client, names).await {
        // The first reason is the one to tell; what stays is removed by `cleanup`.
        let _ = leftovers::remove(client, names.real()).await;
        return Err(unusable(reason));
    }
    Ok(())
}

#[async_trait]
impl Cluster for KubeconfigCluster {
    fn name(&self) -> &str {
        &self.context
    }

    fn server(&self) -> &str {
        &self.server
    }

    fn client(&self) -> kube::Client {
        self.client.clone()
    }

    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn names(&self) -> Option<Arc<Names>> {
        Some(self.world.names())
    }

    async fn connect(&self, host: &str, port: u16) -> io::Result<Connection> {
        let unknown = |error| io::Error::new(io::ErrorKind::NotFound, error);
        let addresses: Vec<_> = tokio::net::lookup_host((host, port)).await.map_err(unknown)?.collect();
        Ok(Box::new(tokio::net::TcpStream::connect(addresses.as_slice()).await?))
    }

    async fn reset(&self) -> Result<(), ClusterError> {
        let mut made = self.made.lock().await;
        let names = draw(self.expiry);
        make(&self.context, &self.plain, &names, |_| {}).await?;
        made.push(names.real().to_owned());
        self.world.replace(names);
        remove(&self.plain, &mut made, 1).await
    }

    async fn close(&self) -> Result<(), ClusterError> {
        if self.keep {
            return Ok(());
        }
        remove(&self.plain, &mut *self.made.lock().await, 0).await
    }
}

/// Removes the oldest ones, all but the last `keep`.
async fn remove(client: &kube::Client, made: &mut Vec<String>, keep: usize) -> Result<(), ClusterError> {
    while made.len() > keep {
        let left = |reason| ClusterError::LeftBehind { what: format!("namespace {}", made[0]), reason };
        leftovers::remove(client, &made[0]).await.map_err(left)?;
        made.remove(0);
    }
    Ok(())
}
