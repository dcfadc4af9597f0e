//! `kubectl config` (kubectl: pkg/cmd/config): what stands in kubeconfig files.

mod contexts;
mod entries;
mod file;
mod property;
mod set_cluster;
mod set_credentials;
mod types;
mod view;

use crate::command::{Class, Command, Context};
use crate::error::Result;

pub(super) static COMMAND: Command = Command {
    name: "config",
    use_line: "config SUBCOMMAND",
    short: "Modify kubeconfig files",
    long: "Show and change kubeconfig files.\n\n Which files count:\n\n  1.  With --kubeconfig, only that file.\n  2.  With $KUBECONFIG, the paths in that list, merged. An entry is changed in the file where it stands; a new one goes to the first file that exists, or else to the last of the list.\n  3.  Otherwise ${HOME}/.kube/config.",
    subcommands: &[
        &contexts::CURRENT,
        &entries::DELETE_CLUSTER,
        &entries::DELETE_CONTEXT,
        &entries::DELETE_USER,
        &entries::GET_CLUSTERS,
        &contexts::GET,
        &entries::GET_USERS,
        &contexts::RENAME,
        &property::SET,
        &set_cluster::COMMAND,
        &contexts::SET,
        &set_credentials::COMMAND,
        &property::UNSET,
        &contexts::USE,
        &view::COMMAND,
    ],
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(async { cx.default_subcommand_run() })),
    ..Command::NEW
};

/// The names of the kubeconfig's entries, for completion: of contexts, clusters or users.
pub(super) async fn names(cx: &Context, what: &str) -> Result<Vec<String>> {
    let config = file::Kubeconfig::load(cx).await?.config;
    let mut names: Vec<String> = match what {
        "cluster" => config.clusters.into_iter().map(|entry| entry.name).collect(),
        "user" => config.users.into_iter().map(|entry| entry.name).collect(),
        _ => config.contexts.into_iter().map(|entry| entry.name).collect(),
    };
    names.sort();
    Ok(names)
}
