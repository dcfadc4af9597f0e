//! `cleanup`: removes what runs left on a cluster that could not do so themselves.

use super::exit::Exit;
use crate::cluster::{self, Cleaned, Kind, Selection};
use anyhow::Result;
use std::path::PathBuf;

/// Removes namespaces that runs left on a cluster: expired ones, and those whose process has ended
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Context of the kubeconfig; naming it allows it
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Kubeconfig file [default: $KUBECONFIG, ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Also those of runs that may go on
    #[arg(long)]
    all: bool,
}

/// Says what became of each namespace that a run had made; nothing else is looked at.
///
/// # Errors
/// A cluster that cannot be used, or is not allowed.
pub fn run(args: &Args) -> Result<Exit> {
    let selection = Selection {
        kind: Kind::Kubeconfig,
        context: args.context.clone(),
        kubeconfig: args.kubeconfig.clone(),
        ..Selection::default()
    };
    let cleaned = cluster::runtime(&selection)?.block_on(cluster::cleanup(&selection, args.all))?;
    let mut exit = Exit::Proved;
    for one in &cleaned {
        match one {
            Cleaned::Removed { namespace } => println!("namespace {namespace} removed"),
            Cleaned::Kept { namespace, reason } => println!("namespace {namespace} kept: {reason}"),
            Cleaned::Failed { namespace, reason } => {
                eprintln!("error: namespace {namespace} was not removed: {reason}");
                exit = Exit::Refuted;
            }
        }
    }
    if cleaned.is_empty() {
        println!("No run has left anything.");
    }
    Ok(exit)
}
