//! Which cluster a command speaks to.

mod exec;
mod fetch;
mod fixed;
mod kubeconfig;
mod validate;

pub(crate) use fetch::fetch;
pub use fixed::FixedClient;
pub use kubeconfig::{KubeconfigClients, paths};

use crate::environment::Environment;
use crate::error::Result;
use crate::flags::Values;

/// A cluster as a command sees it.
#[derive(Clone)]
pub struct Connection {
    /// The client. Its answers are not yet errors: [`crate::request::Requests`] makes them so.
    pub client: kube::Client,
    /// The namespace that commands mean when they name none, `-n` considered.
    pub namespace: String,
    /// The server's URL, for messages.
    pub server: String,
}

/// Turns the global flags into a [`Connection`].
#[async_trait::async_trait]
pub trait ClientSource: Send + Sync {
    /// Resolves; sends nothing. The errors are clientcmd's.
    async fn connect(&self, flags: &Values, env: &Environment) -> Result<Connection>;
}
