//! The verbs. One file, or one folder, a verb; this file lists them.

mod annotate;
mod api_resources;
mod apply;
mod attach;
mod auth;
mod autoscale;
mod certificate;
mod change;
mod cluster_info;
mod completion;
mod config;
mod cordon;
mod cp;
mod create;
mod debug;
mod delete;
mod describe;
mod diff;
mod drain;
mod edit;
mod events;
mod exec;
mod explain;
mod expose;
mod get;
mod help;
mod image_reference;
mod kuberc;
mod kustomize;
mod label;
mod last_applied;
mod logs;
mod options;
mod overrides;
mod pairs;
mod patch;
mod plugin;
mod pod_of;
mod port_forward;
mod proxy;
mod prune;
mod raw;
mod rbac;
mod record;
mod remote;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod taint;
mod temporary;
mod top;
mod version;
mod wait;

use crate::command::{Class, Command};

static ROOT: Command = Command {
    name: "kubectl",
    use_line: "kubectl",
    bare_use_line: false,
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/",
    subcommands: SUBCOMMANDS,
    class: |_| Class::LOCAL,
    ..Command::NEW
};

/// Every verb, sorted by name.
static SUBCOMMANDS: &[&Command] = &[
    &annotate::COMMAND,
    &api_resources::COMMAND,
    &api_resources::VERSIONS,
    &apply::COMMAND,
    &attach::COMMAND,
    &auth::COMMAND,
    &autoscale::COMMAND,
    &certificate::COMMAND,
    &cluster_info::COMMAND,
    &completion::COMMAND,
    &config::COMMAND,
    &cordon::COMMAND,
    &cp::COMMAND,
    &create::COMMAND,
    &debug::COMMAND,
    &delete::COMMAND,
    &describe::COMMAND,
    &diff::COMMAND,
    &drain::COMMAND,
    &edit::COMMAND,
    &events::COMMAND,
    &exec::COMMAND,
    &explain::COMMAND,
    &expose::COMMAND,
    &get::COMMAND,
    &help::COMMAND,
    &kuberc::COMMAND,
    &kustomize::COMMAND,
    &label::COMMAND,
    &logs::COMMAND,
    &options::COMMAND,
    &patch::COMMAND,
    &plugin::COMMAND,
    &port_forward::COMMAND,
    &proxy::COMMAND,
    &replace::COMMAND,
    &rollout::COMMAND,
    &run::COMMAND,
    &scale::COMMAND,
    &set::COMMAND,
    &taint::COMMAND,
    &top::COMMAND,
    &cordon::UNCORDON,
    &version::COMMAND,
    &wait::COMMAND,
];

/// The help's groups: which verbs stand in which, in order. Verbs in no group are listed last.
static GROUPS: &[(&str, &[&str])] = &[
    ("Basic Commands (Beginner):", &["create", "expose", "run", "set"]),
    ("Basic Commands (Intermediate):", &["explain", "get", "edit", "delete"]),
    ("Deploy Commands:", &["rollout", "scale", "autoscale"]),
    ("Cluster Management Commands:", &["certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint"]),
    (
        "Troubleshooting and Debugging Commands:",
        &["describe", "logs", "attach", "exec", "port-forward", "proxy", "cp", "auth", "debug", "events"],
    ),
    ("Advanced Commands:", &["diff", "apply", "patch", "replace", "wait", "kustomize"]),
    ("Settings Commands:", &["label", "annotate", "completion"]),
];

pub(crate) use completion::complete;
pub(crate) use plugin::run as run_plugin;

/// `kubectl` itself.
pub fn root() -> &'static Command {
    &ROOT
}

/// The verbs by the help's groups.
pub(crate) fn groups() -> Vec<(&'static str, Vec<&'static Command>)> {
    let mut out = Vec::new();
    for (title, names) in GROUPS {
        out.push((*title, names.iter().filter_map(|name| ROOT.find(name)).collect()));
    }
    let grouped = |c: &&Command| GROUPS.iter().any(|(_, names)| names.contains(&c.name));
    out.push(("Other Commands:", SUBCOMMANDS.iter().copied().filter(|c| !grouped(c)).collect()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(command: &'static Command, path: &str) {
        let flags = (command.flags)();
        for (index, flag) in flags.iter().enumerate() {
            assert!(!flags[..index].iter().any(|other| other.name == flag.name), "{path}: --{} twice", flag.name);
        }
        assert!(path == "kubectl" || command.use_line.starts_with(command.name), "{path}: {}", command.use_line);
        assert!(!command.short.is_empty(), "{path} has no short help");
        assert!(command.run.is_some() || !command.subcommands.is_empty(), "{path} does nothing");
        for subcommand in command.subcommands {
            visit(subcommand, &format!("{path} {}", subcommand.name));
        }
    }

    #[test]
    fn every_command_is_whole() {
        visit(root(), "kubectl");
        assert!(SUBCOMMANDS.is_sorted_by_key(|c| c.name), "the verbs are sorted by name");
    }
}
