//! L013: `<pod-name>` in a command.

use super::Subject;
use crate::lesson::{Problem, Span};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    // A literal pattern.
    static PLACEHOLDER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"<[A-Za-z][A-Za-z0-9 _'-]*>").expect("pattern compiles"));
    for command in
        subject.plan.steps.iter().flat_map(|step| step.commands()).filter(|command| command.controls.skip.is_none())
    {
        // A heredoc is a file: it may well have markup in it.
        let first =
            if command.text.contains("<<") { command.text.lines().next().unwrap_or_default() } else { &command.text };
        let Some(found) = PLACEHOLDER.find(first) else {
            continue;
        };
        let source = command.span.of(&subject.lesson.source);
        let span = source
            .find(found.as_str())
            .map_or(command.span, |at| Span::new(command.span.start + at, command.span.start + at + found.len()));
        let message = format!("`{}` has to be filled in by the reader", found.as_str());
        let help = "name the object, select it by a label, or set a variable before".to_string();
        problems.push(subject.report.problem("L013", span, message, Some(help)));
    }
}
