//! Why a cluster cannot be used, and what to do about it.

/// Why a cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The kubeconfig names no such context, or cannot be read.
    #[error("{message}")]
    Kubeconfig {
        /// What is wrong, and what to do.
        message: String,
    },
    /// The context does not look like a local test cluster and was not named on the command line.
    #[error(
        "context {context:?} (server {server}) does not look like a local test cluster, so lessons do not touch it; \
         if you mean it, name it: --context {context}"
    )]
    NotAllowed {
        /// The context.
        context: String,
        /// Its server.
        server: String,
    },
    /// The cluster does not answer, or refuses.
    #[error("{cluster} is not usable: {reason}")]
    Unusable {
        /// The cluster, in words.
        cluster: String,
        /// Why.
        reason: String,
    },
    /// Something that was made could not be removed.
    #[error("{what} was not removed: {reason}; `kubectl-lesson cleanup` removes it later")]
    LeftBehind {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
}
