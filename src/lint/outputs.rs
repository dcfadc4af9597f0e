//! L018, L019: outputs that nothing can match.

use super::Subject;
use crate::lesson::Problem;
use crate::output::{self, MatchMode};
use crate::plan::Action;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for action in subject.plan.steps.iter().flat_map(|step| &step.actions) {
        let expected = match action {
            Action::Run(group) => &group.expected,
            Action::OpenSession(open) => &open.expected,
            Action::CloseSession(close) => &close.expected,
            _ => &None,
        };
        let Some(expected) = expected else { continue };
        match expected.mode {
            MatchMode::Regex => {
                if let Err(error) = regex::Regex::new(expected.text.trim_end()) {
                    let why = error.to_string();
                    let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
                    let help = Some("a backslash makes a sign stand for itself: `\\[`".to_string());
                    problems.push(subject.report.problem(
                        "L018",
                        expected.span,
                        format!("this is no regular expression: {why}"),
                        help,
                    ));
                }
            }
            MatchMode::Auto | MatchMode::Unordered => {
                for fault in output::impossible(&expected.text) {
                    let span = subject.report.lines.span_of_line(expected.line + fault.line.saturating_sub(1));
                    problems.push(subject.report.problem(
                        "L019",
                        span,
                        fault.why,
                        Some("copy the output of a real run".into()),
                    ));
                }
            }
            MatchMode::Exact | MatchMode::Subset | MatchMode::Contains => {}
        }
    }
}
