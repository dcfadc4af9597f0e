//! A context of a kubeconfig: found, allowed, connected.

use super::error::ClusterError;
use super::guard;
use super::selection::Selection;
use kube::config::{KubeConfigOptions, Kubeconfig};

/// A context that may be used.
pub(super) struct Context {
    pub name: String,
    /// The API server's URL.
    pub server: String,
    pub client: kube::Client,
}

impl Context {
    /// Reads the kubeconfig, chooses the context, checks that it may be touched, and makes a client. Nothing is sent.
    ///
    /// # Errors
    /// No kubeconfig, no such context, a context that was not allowed, credentials that cannot be read.
    pub async fn open(selection: &Selection) -> Result<Context, ClusterError> {
        let wrong = |error: &dyn std::fmt::Display| ClusterError::Kubeconfig { message: error.to_string() };
        let kubeconfig = match &selection.kubeconfig {
            Some(path) => Kubeconfig::read_from(path),
            None => Kubeconfig::read(),
        };
        let kubeconfig = kubeconfig.map_err(|error| ClusterError::Kubeconfig {
            message: format!(
                "no usable kubeconfig: {}; without --cluster kubeconfig no cluster is needed",
                causes(&error)
            ),
        })?;
        let known: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
        let current = kubeconfig.current_context.clone().filter(|name| !name.is_empty());
        let name = selection.context.clone().or(current).ok_or_else(|| {
            wrong(&format!("the kubeconfig has no current context; name one: --context {}", known.join("|")))
        })?;
        if !known.contains(&name.as_str()) {
            return Err(wrong(&format!("context {name:?} does not exist; the kubeconfig has {}", known.join(", "))));
        }
        let options = KubeConfigOptions { context: Some(name.clone()), ..Default::default() };
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
        let mut config = config.map_err(|error| wrong(&causes(&error)))?;
        let named = selection.context.as_ref() == Some(&name);
        if !named && !guard::looks_local(&name, &config.cluster_url) {
            return Err(ClusterError::NotAllowed { context: name, server: config.cluster_url.to_string() });
        }
        // A watch may be silent for long; what waits has limits of its own.
        config.read_timeout = None;
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = kube::Client::try_from(config).map_err(|error| wrong(&causes(&error)))?;
        Ok(Context { name, server, client })
    }
}

/// An error with what caused it.
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text += &format!(": {cause_text}");
        }
        next = cause.source();
    }
    text
}
