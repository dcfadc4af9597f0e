//! Options that several subcommands share.

use super::exit::UsageError;
use crate::cluster::{Kind, Selection};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Where a lesson runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClusterKind {
    /// A simulated cluster in this process
    Embedded,
    /// The cluster of a kubeconfig
    Kubeconfig,
}

/// Which cluster.
#[derive(Debug, Clone, Args)]
pub struct ClusterOptions {
    /// Where the lesson runs [default: embedded; kubeconfig with --context]
    #[arg(long, value_enum)]
    pub cluster: Option<ClusterKind>,
    /// Context of the kubeconfig; naming it allows it
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file [default: $KUBECONFIG, ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Seed of all randomness of the embedded cluster
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Number of nodes of the embedded cluster
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub nodes: usize,
    /// A lesson may label, taint, cordon and drain the nodes of a kubeconfig cluster
    #[arg(long)]
    pub allow_nodes: bool,
}

impl ClusterOptions {
    /// The cluster that they mean.
    ///
    /// # Errors
    /// [`UsageError`] where they contradict each other.
    pub fn selection(&self) -> Result<Selection> {
        let named = self.context.is_some() || self.kubeconfig.is_some();
        let kind = match (self.cluster, named) {
            (Some(ClusterKind::Embedded), true) => {
                return Err(UsageError("--context and --kubeconfig need --cluster kubeconfig".into()).into());
            }
            (Some(ClusterKind::Kubeconfig), _) | (None, true) => Kind::Kubeconfig,
            (Some(ClusterKind::Embedded), false) | (None, false) => Kind::Embedded,
        };
        let (context, kubeconfig) = (self.context.clone(), self.kubeconfig.clone());
        Ok(Selection {
            kind,
            context,
            kubeconfig,
            seed: self.seed,
            nodes: self.nodes,
            allow_nodes: self.allow_nodes,
            ..Selection::default()
        })
    }
}

/// A duration as kubectl takes it: `90s`, `2m`, `1m30s`; a bare number is seconds.
///
/// # Errors
/// A sentence, for clap.
pub fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    apimachinery::duration::parse_go(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| format!("\"{text}\" is no duration; write 90s, 2m or 1m30s"))
}
