//! The one loop: a plan on a cluster. Emits events, asks the conductor, prints nothing.

use super::claims;
use super::conductor::{Choice, Conductor, Moment};
use super::event::Event;
use super::observe::Observer;
use super::result::{ClaimResult, CommandResult, LessonResult, StepResult, Verdict};
use super::session::Session;
use super::settle::{self, Rest};
use crate::cluster::Cluster;
use crate::diff::History;
use crate::lesson::{ClaimSection, ClaimText, Lesson};
use crate::output::Bindings;
use crate::plan::{Action, FileContent, Plan, SessionId, Step, StepKind, WriteFile};
use crate::shell::{Running, Shell, ShellOptions};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How a lesson is run.
#[derive(Clone)]
pub struct Options {
    /// Recorded in the result.
    pub seed: u64,
    /// How long an output may take to agree, and a step to settle, where the lesson says nothing else.
    pub timeout: Duration,
    /// A change that the lesson does not speak of refutes its step.
    pub strict: bool,
    /// Where the files of `code_sample` shortcodes stand.
    pub samples: Vec<PathBuf>,
    /// The learner's shell: programs, the lesson's folder, what of the host may run.
    pub shell: ShellOptions,
}

/// How a run ended before its last step.
#[derive(Debug)]
pub enum Stop {
    /// The conductor said so.
    Quit,
    /// The conductor wants to start again.
    Reset,
    /// The cluster failed, or something else that is not about the lesson.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Stop::Failed(error)
    }
}

/// A run's state.
pub(super) struct Run<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) options: &'a Options,
    pub(super) observer: Observer,
    pub(super) shells: BTreeMap<u32, Shell>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// Commands that go on beside the others: a port-forward, `&`. They end with the step.
    pub(super) background: Vec<Running>,
    pub(super) bindings: Bindings,
    pub(super) conductor: &'a mut dyn Conductor,
    /// How long a wait of the present step may take.
    pub(super) timeout: Duration,
    pub(super) cluster: Arc<dyn Cluster>,
    claims: claims::Memory,
}

/// The namespace that a lesson sees as its own.
pub const NAMESPACE: &str = "default";

/// Runs a lesson's plan on a cluster that is empty.
///
/// # Errors
/// [`Stop`]: the conductor ended it, or the cluster failed. A lesson that is refuted is no error.
pub async fn run(
    lesson: &Lesson,
    plan: &Plan,
    cluster: Arc<dyn Cluster>,
    options: &Options,
    conductor: &mut dyn Conductor,
) -> Result<LessonResult, Stop> {
    let wall = std::time::Instant::now();
    let steps = plan.steps.iter().filter(|step| step.kind != StepKind::Exercise).count();
    let mut run = Run::start(lesson, plan, cluster.clone(), options, conductor).await?;
    run.conductor.event(&Event::LessonStarted { title: &plan.title, steps });
    let mut results = Vec::new();
    let lesson_timeout = run.timeout;
    for (index, step) in plan.steps.iter().enumerate() {
        run.timeout = step.timeout.unwrap_or(lesson_timeout);
        let result = run.step(index + 1, step).await?;
        run.conductor.event(&Event::StepFinished(&result));
        results.push(result);
        match run.conductor.choose(Moment::StepEnd { last: index + 1 == plan.steps.len() }).await {
            Choice::Quit => return Err(Stop::Quit),
            Choice::Reset => return Err(Stop::Reset),
            _ => {}
        }
    }
    let result = LessonResult {
        file: lesson.file.display().to_string(),
        title: plan.title.clone(),
        cluster: cluster.name().to_string(),
        seed: options.seed,
        verdict: Verdict::of_all(results.iter().map(|step| step.verdict)),
        seconds: wall.elapsed().as_secs_f64(),
        steps: results,
    };
    run.conductor.event(&Event::LessonFinished(&result));
    Ok(result)
}

impl<'a> Run<'a> {
    /// Opens the watches and the learner's shell.
    pub(super) async fn start(
        lesson: &'a Lesson,
        plan: &Plan,
        cluster: Arc<dyn Cluster>,
        options: &'a Options,
        conductor: &'a mut dyn Conductor,
    ) -> Result<Run<'a>, Stop> {
        let now = {
            let cluster = cluster.clone();
            Arc::new(move || cluster.now())
        };
        let observer = Observer::start(cluster.client(), NAMESPACE, now).await?;
        let shell = Shell::new(options.shell.clone()).context("the lesson's folder cannot be read")?;
        Ok(Run {
            lesson,
            options,
            observer,
            shells: BTreeMap::from([(0, shell)]),
            sessions: BTreeMap::new(),
            background: Vec::new(),
            bindings: Bindings::new(),
            conductor,
            timeout: plan.timeout.unwrap_or(options.timeout),
            cluster,
            claims: claims::Memory::of(lesson),
        })
    }

    /// Judges claims over a history, with nothing tried.
    pub(super) fn claims_at_once(&self, claims: &[ClaimText], history: &History) -> Vec<ClaimResult> {
        let (before, after) = (claims::Reach::default(), claims::Reach::default());
        self.claims.judge(claims, &[], history, &before, &after)
    }

    async fn step(&mut self, number: usize, step: &Step) -> Result<StepResult, Stop> {
        self.conductor.event(&Event::StepStarted { number, step });
        let started = Instant::now();
        let mut result = StepResult::of(step);
        self.observer.catch_up().await?;
        let mark = self.observer.mark();
        let (initial, later): (Vec<_>, Vec<_>) = step
            .claims
            .iter()
            .cloned()
            .partition(|claim| matches!(claim.section, ClaimSection::Initial | ClaimSection::Assumption));
        // a sentence about the start that is not understood is the learner's to read
        let initial = self.claims.initial(&initial, &self.observer.snapshot()).into_iter();
        result.initial = initial.filter(|claim| claim.verdict != Verdict::NotUnderstood).collect();
        for claim in &result.initial {
            self.conductor.event(&Event::ClaimJudged(claim));
        }
        let reachable_before = claims::Reach::observe(&*self.cluster, &self.observer, &self.claims, &later).await;

        let mut open_results = BTreeMap::new();
        if let Some(reason) = &step.skip {
            skip_all(step, reason, &mut result.commands);
        } else if step.kind != StepKind::Exercise {
            for action in &step.actions {
                self.action(action, &mut result.commands, &mut open_results).await?;
            }
        }
        for running in self.background.drain(..) {
            running.interrupt();
        }

        let rest = settle::settle(&self.observer, &mark, self.timeout, |what| {
            self.conductor.event(&Event::Waiting(what));
        })
        .await?;
        let history = self.observer.since(&mark);
        let reachable_after = claims::Reach::observe(&*self.cluster, &self.observer, &self.claims, &later).await;
        result.claims.extend(self.claims.judge(&later, &step.cel, &history, &reachable_before, &reachable_after));
        if let Rest::Not(why) = &rest {
            for claim in result.claims.iter_mut().filter(|claim| claim.verdict == Verdict::Refuted) {
                claim.reason = format!("{} ({why})", claim.reason);
            }
        }
        for claim in &result.claims {
            self.conductor.event(&Event::ClaimJudged(claim));
        }
        result.unlisted_changes =
            self.claims.unlisted(&history, &result.commands, &result.claims, self.cluster.name() == "embedded");
        self.claims.remember(&history);
        if !result.unlisted_changes.is_empty() {
            self.conductor.event(&Event::Unlisted(&result.unlisted_changes));
        }
        let forgiven = step.kind == StepKind::CleanUp;
        let commands = result.commands.iter().filter(|_| !forgiven).map(CommandResult::verdict);
        let claims = result.initial.iter().chain(&result.claims).map(|claim| claim.verdict);
        result.verdict = Verdict::of_all(commands.chain(claims));
        if self.options.strict && !result.unlisted_changes.is_empty() && result.verdict == Verdict::Proved {
            result.verdict = Verdict::Refuted;
        }
        result.seconds = started.elapsed().as_secs_f64();
        Ok(result)
    }

    async fn action(
        &mut self,
        action: &Action,
        results: &mut Vec<CommandResult>,
        open: &mut BTreeMap<SessionId, usize>,
    ) -> Result<(), Stop> {
        match action {
            Action::Say(say) => self.conductor.event(&Event::Prose(&say.text)),
            Action::Run(group) => self.group(group, results).await?,
            Action::OpenSession(session) => {
                if self.open_session(session, results).await? {
                    open.insert(session.id, results.len() - 1);
                }
            }
            Action::CloseSession(session) => {
                let opened = open.get(&session.id).and_then(|index| results.get_mut(*index));
                self.close_session(session, opened).await;
            }
            Action::WriteFile(file) => self.write_file(file).await?,
        }
        Ok(())
    }

    /// The learner's shell of this number; all share the files of the first, 0, which is there from the start.
    pub(super) fn shell(&mut self, number: u32) -> &Shell {
        let first = &self.shells[&0];
        if number != 0 && !self.shells.contains_key(&number) {
            let fork = first.fork();
            self.shells.insert(number, fork);
        }
        &self.shells[&number]
    }

    async fn write_file(&mut self, file: &WriteFile) -> Result<(), Stop> {
        let text = match &file.content {
            FileContent::Inline(text) => text.clone(),
            FileContent::Sample(path) => match self.sample(path) {
                Some(text) => text,
                // lint names it; the command that reads the file says so in its own words
                None => return Ok(()),
            },
        };
        let name = file.name.clone();
        let written = self.shell(0).files().write(Path::new(&name), text.as_bytes()).await;
        written.map_err(|error| {
            let place = format!("{}:{}", self.lesson.file.display(), file.line);
            Stop::Failed(anyhow::anyhow!("{place}: cannot write `{name}`: {error}"))
        })
    }

    fn sample(&self, path: &str) -> Option<String> {
        self.options.samples.iter().find_map(|folder| std::fs::read_to_string(folder.join(path)).ok())
    }
}

/// Every command of a step that is not run, with the reason.
fn skip_all(step: &Step, reason: &str, results: &mut Vec<CommandResult>) {
    for action in &step.actions {
        match action {
            Action::Run(group) => {
                results.extend(group.commands.iter().map(|command| super::group::skipped(command, reason)));
            }
            Action::OpenSession(session) => results.push(super::group::skipped(&session.command, reason)),
            _ => {}
        }
    }
}
