//! What a command says about its output: whether it is a tree, a table of nodes, in order.

use regex::Regex;
use std::sync::LazyLock;

/// What a command line says about its output.
pub(super) struct Command {
    /// `-o yaml`, `-o json`: a tree.
    pub(super) tree: bool,
    pub(super) describe: bool,
    pub(super) watch: bool,
    pub(super) sorted: bool,
    pub(super) of_nodes: bool,
    pub(super) content_hashes: bool,
    /// `env`, `printenv`, the logs of several Pods: lines in no order.
    pub(super) unordered: bool,
}

impl Command {
    /// Looks at a command line.
    pub(super) fn of(command: &str) -> Command {
        static TREE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r"(-o|--output)[ =]?['\x22]?(yaml|json)\b|kubectl\s+(config\s+view|kustomize)|--raw\b")
        });
        static DESCRIBE: LazyLock<Regex> = LazyLock::new(|| pattern(r"kubectl\s+(\S+\s+)*?describe\b"));
        static WATCH: LazyLock<Regex> = LazyLock::new(|| pattern(r"kubectl\s.*(\s-w\b|--watch\b|--watch-only\b)"));
        static NODES: LazyLock<Regex> = LazyLock::new(|| pattern(r"kubectl\s+(\S+\s+)*?(get|top)\s+(nodes?|no)\b"));
        static HASHED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(configmaps?|cm|secrets?|kustomize)\b|\s-k\b"));
        static UNORDERED: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(^|[\s/])(printenv|env)\s*($|\|)|kubectl\s.*logs\s.*(\s-l\b|--selector\b)"));
        Command {
            tree: TREE.is_match(command),
            describe: DESCRIBE.is_match(command),
            watch: WATCH.is_match(command),
            sorted: command.contains("--sort-by") || command.contains("| sort") || command.contains("|sort"),
            of_nodes: NODES.is_match(command),
            content_hashes: HASHED.is_match(command),
            unordered: UNORDERED.is_match(command) && !command.contains("sort"),
        }
    }
}

pub(super) fn pattern(source: &str) -> Regex {
    // Literal patterns.
    Regex::new(source).expect("pattern compiles")
}
