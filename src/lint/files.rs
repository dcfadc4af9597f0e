//! L012: files that a command reads and that nothing makes.

use super::Subject;
use crate::lesson::{Block, BlockKind, Item, Problem};
use crate::plan::{Action, Command, Place, simple_commands, tokens};
use std::collections::HashSet;
use std::path::Path;

/// kubectl's options that name files or folders to read.
const READ_OPTIONS: &[&str] =
    &["-f", "--filename", "--from-file", "--from-env-file", "--patch-file", "--cert", "--key"];
/// Options of any program that name files to write.
const WRITE_OPTIONS: &[&str] = &["-o", "-O", "--output", "--output-document", "-out", "-keyout", "--out"];

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let mut made: HashSet<String> = HashSet::new();
    for step in &subject.plan.steps {
        for action in &step.actions {
            match action {
                Action::WriteFile(file) => {
                    made.insert(base(&file.name));
                }
                Action::Run(group) if matches!(group.place, Place::Shell(_)) => {
                    for command in &group.commands {
                        // What a repository or an archive holds, nobody knows here.
                        if ["git clone", "tar ", "unzip ", "helm pull", "make "]
                            .iter()
                            .any(|tool| command.text.contains(tool))
                        {
                            return;
                        }
                        reads(subject, command, &made, problems);
                        made.extend(writes(&command.text));
                    }
                }
                _ => {}
            }
        }
    }
}

fn reads(subject: &Subject<'_>, command: &Command, made: &HashSet<String>, problems: &mut Vec<Problem>) {
    if command.controls.skip.is_some() {
        return;
    }
    for simple in simple_commands(&command.text) {
        if simple.program() != "kubectl" || !simple.arguments().iter().any(|word| VERBS.contains(&word.as_str())) {
            continue;
        }
        let before_dashes = simple.arguments().iter().take_while(|word| *word != "--").cloned().collect::<Vec<_>>();
        for path in values(&before_dashes, READ_OPTIONS) {
            // `--from-file=key=path`
            let path = path.rsplit('=').next().unwrap_or(&path).to_string();
            let folder = path.ends_with('/') || path.ends_with('.') || !base(&path).contains('.');
            let elsewhere = path.contains("://")
                || path == "-"
                || path.contains(['$', '<', '*', '`', '('])
                || path.starts_with(['/', '~']);
            if elsewhere || folder || made.contains(&base(&path)) || subject.knowledge.has_file(Path::new(&path)) {
                continue;
            }
            let message = format!("nothing on this page makes `{path}`");
            problems.push(subject.report.problem("L012", command.span, message, Some(help(subject, command, &path))));
        }
    }
}

/// kubectl's verbs of which `-f` names files.
const VERBS: &[&str] = &[
    "apply",
    "create",
    "delete",
    "replace",
    "get",
    "describe",
    "diff",
    "patch",
    "label",
    "annotate",
    "scale",
    "expose",
    "set",
    "edit",
    "wait",
    "rollout",
    "autoscale",
    "debug",
];

fn help(subject: &Subject<'_>, command: &Command, path: &str) -> String {
    let unnamed =
        |block: &&Block| matches!(block.kind, BlockKind::File { name: None }) && block.span.end <= command.span.start;
    let blocks = subject.lesson.sections.iter().flat_map(|section| &section.items);
    let mut blocks = blocks.filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None });
    match blocks.rfind(unnamed) {
        Some(block) => {
            format!("if it is the block at line {}, say so before it: \"Save this as `{path}`:\"", block.line)
        }
        None => format!("show it in a block, after \"Save this as `{path}`:\""),
    }
}

/// The values of options: `-f x`, `-f=x`, `-fx` is not written by people.
fn values(words: &[String], options: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some((option, value)) if options.contains(&option) => found.push(value.to_string()),
            _ if options.contains(&word.as_str()) => found.extend(words.next().cloned()),
            _ => {}
        }
    }
    found.iter().flat_map(|value| value.split(',')).map(String::from).collect()
}

/// The base names of what a command writes.
fn writes(text: &str) -> HashSet<String> {
    let mut made = HashSet::new();
    let tokens = tokens(text);
    for pair in tokens.windows(2) {
        if let (plan_operator, Some(word)) = (operator(&pair[0]), word(&pair[1]))
            && plan_operator.is_some_and(|operator| operator.starts_with('>'))
        {
            made.insert(base(word));
        }
    }
    for simple in simple_commands(text) {
        made.extend(values(simple.arguments(), WRITE_OPTIONS).iter().map(|path| base(path)));
        let mut plain = simple.arguments().iter().filter(|word| !word.starts_with('-'));
        match simple.program() {
            "tee" | "touch" | "vi" | "vim" | "nano" => made.extend(plain.map(|path| base(path))),
            "cp" | "mv" | "ln" => made.extend(plain.next_back().map(|path| base(path))),
            "curl" | "wget" => made.extend(plain.filter(|word| word.contains("://")).map(|url| base(url))),
            _ => {}
        }
    }
    made
}

fn operator(token: &crate::plan::Token) -> Option<&str> {
    if let crate::plan::Token::Operator(operator) = token { Some(operator) } else { None }
}

fn word(token: &crate::plan::Token) -> Option<&str> {
    if let crate::plan::Token::Word(word) = token { Some(word) } else { None }
}

fn base(path: &str) -> String {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path).to_string()
}
