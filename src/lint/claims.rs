//! L020, L022: sentences that the grammar does not understand.

use super::Subject;
use crate::lesson::{ClaimSection, Problem};

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for claim in subject.plan.steps.iter().flat_map(|step| &step.claims) {
        let Err(fault) = subject.knowledge.claim(claim, subject.lesson) else {
            continue;
        };
        // What stands under "Initial state" is checked where it can be.
        let code = if claim.section == ClaimSection::Initial { "L022" } else { "L020" };
        problems.push(subject.report.problem(code, claim.span, fault.message, fault.help));
    }
}
