//! `--help`, `kubectl options` (kubectl: pkg/util/templates).

use crate::command::Command;
use crate::flags::{Flag, global};
use std::fmt::Write;

/// The help of a command; `path` is `kubectl create deployment`.
pub fn help(command: &Command, path: &str) -> String {
    let text = if command.long.is_empty() { command.short } else { command.long };
    format!("{}{}", text.trim(), usage(command, path))
}

/// What the help says behind its prose.
pub(crate) fn usage(command: &Command, path: &str) -> String {
    let mut out = String::from("\n\n");
    if !command.aliases.is_empty() {
        let _ = write!(out, "Aliases:\n{}, {}\n\n", command.name, command.aliases.join(", "));
    }
    if !command.example.is_empty() {
        let lines: Vec<String> = command.example.trim().lines().map(|line| format!("  {}", line.trim())).collect();
        let _ = write!(out, "Examples:\n{}\n\n", lines.join("\n"));
    }
    let visible: Vec<_> = command.subcommands.iter().filter(|c| !c.hidden).collect();
    if !visible.is_empty() {
        let groups = if path == "kubectl" {
            crate::verbs::groups()
        } else {
            vec![("Available Commands:", command.subcommands.to_vec())]
        };
        let longest = command.subcommands.iter().map(|c| c.name.len()).max().unwrap_or_default().max(11);
        for (title, mut commands) in groups {
            commands.retain(|c| !c.hidden);
            if commands.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{title}");
            for c in commands {
                let _ = writeln!(out, "  {:longest$}   {}", c.name, c.short);
            }
            out.push('\n');
        }
    }
    let flags = (command.flags)();
    let shown = describe(&flags);
    if !shown.is_empty() {
        let _ = write!(out, "Options:\n{}\n\n", shown.trim_end());
    }
    let _ = write!(out, "Usage:\n  {}\n\n", use_line(command, path));
    if !visible.is_empty() {
        let _ = writeln!(out, "Use \"{path} <command> --help\" for more information about a given command.");
    }
    if command.run.is_some() || path == "kubectl" {
        let _ = writeln!(
            out,
            "Use \"kubectl options\" for a list of global command-line options (applies to all commands)."
        );
    }
    out
}

/// `kubectl get … [flags] [options]`.
pub fn use_line(command: &Command, path: &str) -> String {
    let parent = path.rsplit_once(' ').map_or("", |(parent, _)| parent);
    let mut line = format!("{parent} {}", command.use_line).trim().to_string();
    if !command.bare_use_line && !line.contains("[flags]") {
        line.push_str(" [flags]");
    }
    if !line.contains("[options]") {
        line.push_str(" [options]");
    }
    line
}

/// `kubectl options`; `home` is the user's directory.
pub fn options(home: &str) -> String {
    let flags = describe(&global::flags()).replace("$HOME", home);
    format!("The following options can be passed to any command:\n\n{flags}")
}

fn describe(flags: &[Flag]) -> String {
    let mut sorted: Vec<&Flag> = flags.iter().filter(|flag| !flag.hidden).collect();
    sorted.sort_by_key(|flag| flag.name);
    let mut out = String::new();
    for flag in sorted {
        let short = flag.short.map_or(String::new(), |letter| format!("-{letter}, "));
        let usage = flag.usage.replace('\n', " ");
        let _ = write!(out, "    {short}--{}={}:\n\t{usage}\n\n", flag.name, flag.shown_default());
    }
    out
}
