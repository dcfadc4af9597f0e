//! Which cluster, as asked for on the command line.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where a lesson runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In this process.
    Embedded,
    /// On a cluster of a kubeconfig.
    Kubeconfig,
}

/// A cluster as asked for.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Where.
    pub kind: Kind,
    /// The context that was named; this allows it even if it does not look local. `None`: the current context.
    pub context: Option<String>,
    /// The kubeconfig file; `None`: `KUBECONFIG`, then `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// Seed of the embedded cluster.
    pub seed: u64,
    /// Number of nodes of the embedded cluster.
    pub nodes: usize,
    /// Leave everything in place at the end, for a person to look at; it still expires.
    pub keep: bool,
    /// After this time `cleanup` removes what a crashed run left.
    pub expiry: Duration,
    /// A person or a socket is on the other side: time is real.
    pub interactive: bool,
    /// A lesson may label, taint, cordon and drain the nodes of a kubeconfig cluster.
    pub allow_nodes: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Selection {
            kind: Kind::Embedded,
            context: None,
            kubeconfig: None,
            seed: 1,
            nodes: 1,
            keep: false,
            expiry: Duration::from_secs(2 * 60 * 60),
            interactive: false,
            allow_nodes: false,
        }
    }
}

impl Selection {
    /// For messages: `the embedded cluster`, `context "kind-kind"`, `the current context`.
    pub fn describe(&self) -> String {
        match (self.kind, &self.context) {
            (Kind::Embedded, _) => "the embedded cluster".into(),
            (Kind::Kubeconfig, Some(context)) => format!("context \"{context}\""),
            (Kind::Kubeconfig, None) => "the current context".into(),
        }
    }
}

/// What is being done while a cluster is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The cluster, in words, is being reached.
    Opening(String),
    /// A namespace of this name is being made.
    CreatingNamespace(String),
    /// The namespace is there; its default ServiceAccount is awaited.
    WaitingForServiceAccount(String),
    /// The cluster is ready.
    Ready,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Progress::Opening(cluster) => write!(f, "opening {cluster}"),
            Progress::CreatingNamespace(name) => write!(f, "creating namespace {name}"),
            Progress::WaitingForServiceAccount(name) => {
                write!(f, "waiting for the service account of namespace {name}")
            }
            Progress::Ready => write!(f, "ready"),
        }
    }
}
