//! A namespace of a kubeconfig cluster that is there already, looked at and not changed: what `check` looks at.

use super::context::Context;
use super::error::ClusterError;
use super::isolate::{self, Names, Permissions, World};
use super::selection::Selection;
use super::{Cluster, Connection};
use async_trait::async_trait;
use std::io;
use std::sync::Arc;

struct AttachedCluster {
    context: String,
    server: String,
    client: kube::Client,
    world: World,
}

/// Looks at `namespace` of the selected context as if it were the lesson's own. Nothing is made, and nothing is removed.
///
/// # Errors
/// The context is not allowed or not usable.
pub async fn attach(selection: &Selection, namespace: &str) -> Result<Arc<dyn Cluster>, ClusterError> {
    let context = Context::open(selection).await?;
    let world = World::new(Names::new(namespace, String::new(), String::new()));
    let permissions = Permissions { nodes: false };
    Ok(Arc::new(AttachedCluster {
        client: isolate::client(context.client, world.clone(), permissions),
        context: context.name,
        server: context.server,
        world,
    }))
}

#[async_trait]
impl Cluster for AttachedCluster {
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
        Ok(Box::new(tokio::net::TcpStream::connect((host, port)).await?))
    }

    async fn reset(&self) -> Result<(), ClusterError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), ClusterError> {
        Ok(())
    }
}
