//! L017: verbs and flags that kubectl does not have.

use super::Subject;
use crate::lesson::Problem;
use crate::plan::{Place, commands_with_places, simple_commands};
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
            let verb = simple.arguments().iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
            let unknown_verb = fault.message.starts_with("unknown command");
            // What the shell puts in cannot be judged here.
            let filled_in = simple.arguments().iter().any(|word| word.starts_with(['$', '<']));
            if unknown_verb && VERBS.contains(verb) || filled_in {
                continue;
            }
            let message = format!("kubectl: {}", fault.message);
            problems.push(subject.report.problem("L017", command.span, message, fault.help));
        }
    }
}
