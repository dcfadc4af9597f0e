//! L008, L009: steps that change something and claim nothing, sessions that only the step's end closes.

use super::Subject;
use crate::lesson::{ClaimSection, Problem};
use crate::plan::{Action, CloseReason, Effect, StepKind};

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for step in &subject.plan.steps {
        let claims =
            step.claims.iter().any(|claim| matches!(claim.section, ClaimSection::Changed | ClaimSection::Unchanged));
        let changes = step.commands().find(|command| {
            // What `--rm` makes is gone when the step is over.
            command.effect == Effect::Mutate && command.text.starts_with("kubectl") && !command.text.contains("--rm")
        });
        if let (StepKind::Step, false, true, Some(command)) = (step.kind, claims, step.cel.is_empty(), changes) {
            let message = format!("\"{}\" changes the cluster and does not say how", step.heading);
            let help = "add \"What changed:\" with a bullet for each change".to_string();
            problems.push(subject.report.problem("L008", command.span, message, Some(help)));
        }
        for action in &step.actions {
            let Action::CloseSession(close) = action else {
                continue;
            };
            if close.reason != CloseReason::StepEnd {
                continue;
            }
            let opened = subject.plan.steps.iter().flat_map(|step| &step.actions).find_map(|action| match action {
                Action::OpenSession(open) if open.id == close.id => Some(open),
                _ => None,
            });
            if let Some(open) = opened {
                let message = "nothing tells the reader to leave this session".to_string();
                let help = "end it with a sentence, \"Exit the Pod.\", or a command, `exit`".to_string();
                problems.push(subject.report.problem("L009", open.command.span, message, Some(help)));
            }
        }
    }
}
