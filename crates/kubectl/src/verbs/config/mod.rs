//! `kubectl config` (kubectl: pkg/cmd/config): what stands in kubeconfig files.

mod contexts;
mod entries;
mod file;
mod property;
mod set_cluster;
mod set_credentials;
mod types;
mod view;

use crate::command::{Class, Command};

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
