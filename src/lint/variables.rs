//! L016: `$NAME` that nothing before it sets.

use super::Subject;
use crate::lesson::Problem;
use crate::plan::{Place, commands_with_places};
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What every shell sets.
const KNOWN: &[&str] = &[
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "USER",
    "SHELL",
    "HOSTNAME",
    "LANG",
    "TERM",
    "TMPDIR",
    "EDITOR",
    "KUBE_EDITOR",
    "KUBECONFIG",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "UID",
    "IFS",
    "REPLY",
    "LOGNAME",
];

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    // Literal patterns.
    static SET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[\s;&|(])(?:export\s+|local\s+|declare\s+)?([A-Za-z_][A-Za-z0-9_]*)=|\bfor\s+([A-Za-z_][A-Za-z0-9_]*)\s+in\b|\bread\s+(?:-\w+\s+)*([A-Za-z_][A-Za-z0-9_]*)")
            .expect("pattern compiles")
    });
    static USED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(:?[-=+?])?|([A-Za-z_][A-Za-z0-9_]*))").expect("pattern compiles")
    });
    let mut set: HashSet<String> = KNOWN.iter().map(|name| name.to_string()).collect();
    for (place, command) in commands_with_places(subject.plan) {
        let text = readable(&command.text);
        let names = SET
            .captures_iter(&text)
            .filter_map(|found| found.get(1).or(found.get(2)).or(found.get(3)).map(|name| name.as_str().to_string()));
        set.extend(names);
        // What is set inside of a container, nobody knows.
        if matches!(place, Place::Session(_)) || command.controls.skip.is_some() {
            continue;
        }
        for found in USED.captures_iter(&text) {
            let Some(name) = found.get(1).or(found.get(3)).map(|name| name.as_str()) else {
                continue;
            };
            if set.contains(name) || found.get(2).is_some() {
                continue;
            }
            let message = format!("nothing before this line sets `{name}`");
            let help = format!("set it: `{name}=$(kubectl get … -o jsonpath=…)`");
            problems.push(subject.report.problem("L016", command.span, message, Some(help)));
            set.insert(name.to_string());
        }
    }
}

/// The text in which a shell sees variables: without what stands in single quotes, and without heredocs.
fn readable(text: &str) -> String {
    let text = if text.contains("<<") { text.lines().next().unwrap_or_default() } else { text };
    let mut kept = String::with_capacity(text.len());
    let (mut single, mut double, mut escaped) = (false, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if !single => escaped = true,
            '\'' if !double => single = !single,
            '"' if !single => {
                double = !double;
                kept.push(c);
            }
            _ if single => {}
            _ => kept.push(c),
        }
    }
    kept
}
