//! Is a cluster, as it stands, in the state that a step ends in? Only reads: what the step's own reading commands would print,
//! and those of its claims that one moment can decide.

use super::conductor::Conductor;
use super::group;
use super::patience::Source;
use super::result::{StepResult, Verdict};
use super::run::{Options, Run, Stop};
use crate::cluster::Cluster;
use crate::diff::{Change, ChangeKind, History};
use crate::lesson::{ClaimSection, Lesson};
use crate::plan::{Action, Effect, Group, Place, Plan, RunKind, Step, StepKind};
use crate::snapshot::Snapshot;
use std::sync::Arc;
use std::time::Duration;

/// The step of this number, from 1, as a learner counts: steps alone.
pub fn step_of(plan: &Plan, number: usize) -> Option<&Step> {
    plan.steps.iter().filter(|step| step.kind == StepKind::Step).nth(number.checked_sub(1)?)
}

/// Checks one step of a lesson against a cluster. Nothing is changed, and nothing is waited for.
///
/// # Errors
/// The cluster fails.
pub async fn check(
    lesson: &Lesson,
    plan: &Plan,
    step: &Step,
    cluster: Arc<dyn Cluster>,
    options: &Options,
    conductor: &mut dyn Conductor,
) -> Result<StepResult, Stop> {
    let mut run = Run::start(lesson, plan, cluster, options, conductor).await?;
    run.timeout = Duration::ZERO;
    let mut result = StepResult::of(step);
    for action in &step.actions {
        match action {
            Action::Run(commands) if only_reads(commands) => run.group(commands, &mut result.commands).await?,
            Action::Run(commands) => {
                let reason = "it would change the cluster, or ask a container";
                result.commands.extend(commands.commands.iter().map(|command| group::skipped(command, reason)));
            }
            Action::OpenSession(session) => {
                result.commands.push(group::skipped(&session.command, "it opens a session"))
            }
            _ => {}
        }
    }
    let claims: Vec<_> = step.claims.iter().filter(|claim| claim.section == ClaimSection::Changed).cloned().collect();
    let history = out_of_nothing(&run.observer.snapshot());
    result.claims = run.claims_at_once(&claims, &history);
    let commands = result.commands.iter().map(|command| command.verdict());
    result.verdict = Verdict::of_all(commands.chain(result.claims.iter().map(|claim| claim.verdict)));
    Ok(result)
}

/// Whether a group only reads objects, and shows what it reads.
fn only_reads(group: &Group) -> bool {
    let reads = |command: &crate::plan::Command| {
        command.effect == Effect::Read && command.run == RunKind::Ends && Source::of(&command.text) == Source::Api
    };
    matches!(group.place, Place::Shell(_)) && group.expected.is_some() && group.commands.iter().all(reads)
}

/// A history in which all that is there has just come to be.
fn out_of_nothing(snapshot: &Snapshot) -> History {
    let added = |object: &Arc<serde_json::Value>| {
        Change::new(jiff::Timestamp::now(), ChangeKind::Added, object.as_ref().clone())
    };
    let changes = snapshot.iter().filter_map(|(_, object)| added(object)).collect();
    History::new(Snapshot::default(), changes)
}
