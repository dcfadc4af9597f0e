//! L017: verbs and flags that kubectl does not have.

use super::Subject;
use crate::lesson::{Problem, Span};
use crate::plan::{Place, SimpleCommand, commands_with_places, simple_commands};
use std::collections::HashSet;
use std::sync::LazyLock;

/// kubectl's verbs. One that is here and that [`super::Knowledge::kubectl`] does not know is no mistake of the lesson.
static VERBS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("data/kubectl-verbs.txt").split_whitespace().collect());

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for (place, command) in commands_with_places(subject.plan) {
        if matches!(place, Place::Session(_)) || command.controls.skip.is_some() || command.text.contains("...") {
            continue;
        }
        for simple in simple_commands(&command.text) {
            if simple.program() != "kubectl" {
                continue;
            }
            let Err(fault) = subject.knowledge.kubectl(simple.arguments()) else {
                continue;
            };
            let first = fault.message.lines().next().unwrap_or_default();
            let unknown_verb = first.strip_prefix("unknown command \"").and_then(|rest| rest.split('"').next());
            // What the shell puts in cannot be judged here.
            let filled_in = simple.arguments().iter().any(|word| word.starts_with(['$', '<']));
            let ours_to_learn =
                unknown_verb.is_some_and(|verb| VERBS.contains(verb)) || names_subcommand(&simple, &fault.message);
            if filled_in || ours_to_learn {
                continue;
            }
            let about = unknown_verb.or_else(|| first.rsplit(' ').next()).unwrap_or_default();
            let source = command.span.of(&subject.lesson.source);
            let span = source
                .find(about)
                .filter(|_| !about.is_empty())
                .map_or(command.span, |at| Span::new(command.span.start + at, command.span.start + at + about.len()));
            problems.push(subject.report.problem("L017", span, format!("kubectl: {first}"), fault.help));
        }
    }
}

/// Whether the complaint is about a verb (`kubectl create`) although the command has one of its sub-commands (`create configmap`):
/// [`super::Knowledge::kubectl`] does not know that one.
fn names_subcommand(simple: &SimpleCommand, message: &str) -> bool {
    static SUBCOMMANDS: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
        include_str!("data/kubectl-subcommands.txt").lines().map(|line| line.split_whitespace().collect()).collect()
    });
    SUBCOMMANDS.iter().any(|words| {
        let Some((verb, names)) = words.split_first() else { return false };
        let about_verb =
            message.contains(&format!("kubectl {verb} --help")) || message.contains(&format!("for \"kubectl {verb}\""));
        let position = simple.arguments().iter().position(|word| word == verb);
        let next = position.and_then(|at| simple.arguments()[at + 1..].iter().find(|word| !word.starts_with('-')));
        about_verb && next.is_some_and(|word| names.contains(&word.as_str()))
    })
}
