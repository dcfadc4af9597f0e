//! One given client, whatever the kubeconfig: for lessons and tests.

use super::{ClientSource, Connection};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::flags::Values;

/// A client, the namespace that stands for the context's, and the context's name.
#[derive(Clone)]
pub struct FixedClient {
    /// Every command speaks through it.
    pub client: kube::Client,
    /// The namespace where no `-n` is given.
    pub namespace: String,
    /// The only name that `--context` accepts.
    pub context: String,
    /// The server's URL, for messages.
    pub server: String,
}

#[async_trait::async_trait]
impl ClientSource for FixedClient {
    async fn connect(&self, flags: &Values, _env: &Environment) -> Result<Connection> {
        let context = flags.str("context");
        if !context.is_empty() && context != self.context {
            return Err(Error::Configuration(format!("context was not found for specified context: {context}")));
        }
        let namespace = match flags.str("namespace") {
            "" => self.namespace.clone(),
            given => given.to_string(),
        };
        Ok(Connection { client: self.client.clone(), namespace, server: self.server.clone() })
    }
}
