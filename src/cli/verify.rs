//! `verify PATH...`: every output and every sentence of lessons, proved or refuted.

use super::exit::Exit;
use super::inputs;
use super::options::{ClusterOptions, duration};
use super::session::{Lesson, shell_options};
use crate::cluster::{self, Cluster, Selection};
use crate::report::{json, junit, progress::Progress, style::Style, text};
use crate::runner::{self, Conductor, Event, LessonResult, ProblemResult, RunResult, Stop, Verdict};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The form of the report on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For a person
    Text,
    /// For a program, version 1
    Json,
}

/// Options of `verify`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Lessons: markdown files, or folders with some
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Writes a JUnit report as well
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// A change that the lesson does not speak of refutes its step
    #[arg(long)]
    pub strict: bool,
    /// How long an output may take to come true (90s, 2m)
    #[arg(long, value_parser = duration, default_value = "120s", value_name = "DURATION")]
    pub timeout: Duration,
    /// How many lessons run side by side
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub jobs: usize,
    /// Says what each volatile literal stood for, and why each claim is true
    #[arg(long)]
    pub explain: bool,
    /// Leaves everything in place at the end, to look at; `cleanup` removes it
    #[arg(long)]
    pub keep: bool,
    /// Programs of this machine that a lesson may start
    #[arg(long, value_name = "PROGRAM")]
    pub allow_host: Vec<String>,
}

/// What came of one lesson.
enum Outcome {
    Done(Box<LessonResult>),
    Failed(anyhow::Error),
    Interrupted,
}

/// Runs `verify`.
///
/// # Errors
/// Usage, or a report that cannot be written. What is wrong with a lesson or with the cluster is part of the report.
pub fn run(args: &Args) -> Result<Exit> {
    let started = std::time::Instant::now();
    let mut selection = args.cluster.selection()?;
    selection.keep = args.keep;
    let files = inputs::files(&args.paths)?;
    let inputs = files.iter().map(|file| Lesson::read(file)).collect::<Result<Vec<Lesson>>>()?;
    let style = Style::of(&std::io::stdout());
    let options = text::Options { style, explain: args.explain };

    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<Option<Outcome>>> = Mutex::new(inputs.iter().map(|_| None).collect());
    let jobs = args.jobs.clamp(1, inputs.len().max(1));
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = inputs.get(index) else { return };
                let outcome = one(input, &selection, args, jobs == 1);
                let stop = matches!(outcome, Outcome::Interrupted);
                if let (Outcome::Done(result), Output::Text) = (&outcome, args.output) {
                    // a lesson's report in one piece, whoever else is printing
                    let _ = std::io::stdout().lock().write_all(text::lesson(result, &input.source, options).as_bytes());
                }
                if let Ok(mut outcomes) = outcomes.lock() {
                    outcomes[index] = Some(outcome);
                }
                if stop {
                    next.store(inputs.len(), Ordering::Relaxed);
                }
            }
        };
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            // a panic in a lesson's thread is a bug: it goes on in this one
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });

    let mut run = RunResult {
        version: 1,
        tool: format!("kubectl-lesson {}", env!("CARGO_PKG_VERSION")),
        verdict: Verdict::Proved,
        lessons: Vec::new(),
        problems: inputs.iter().flat_map(|input| &input.problems).map(ProblemResult::from).collect(),
    };
    let refused = inputs.iter().any(|input| !input.problems.is_empty());
    let mut exit = None;
    let mut verdicts = vec![if refused { Verdict::NotUnderstood } else { Verdict::Proved }];
    let outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (input, outcome) in inputs.iter().zip(outcomes) {
        match outcome {
            Some(Outcome::Done(result)) => run.lessons.push(*result),
            Some(Outcome::Interrupted) | None => exit = Some(Exit::Interrupted),
            Some(Outcome::Failed(error)) => {
                exit = exit.or(Some(Exit::NoCluster));
                verdicts.push(Verdict::Error);
                let file = input.lesson.file.display().to_string();
                run.problems.push(ProblemResult {
                    file,
                    line: 0,
                    code: "cluster".into(),
                    message: format!("{error:#}"),
                });
            }
        }
    }
    verdicts.extend(run.lessons.iter().map(|lesson| lesson.verdict));
    if exit == Some(Exit::Interrupted) {
        verdicts.push(Verdict::Error);
    }
    run.verdict = Verdict::of_all(verdicts);
    report(&run, args, started.elapsed().as_secs_f64(), style)?;
    Ok(exit.unwrap_or(run.verdict.into()))
}

fn report(run: &RunResult, args: &Args, seconds: f64, style: Style) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = match args.output {
        Output::Json => out.write_all(json::render(run).as_bytes()),
        Output::Text => {
            eprint!("{}", text::problems(&run.problems, Style::of(&std::io::stderr())));
            out.write_all(text::summary(run, seconds, style).as_bytes())
        }
    };
    if let Some(file) = &args.junit {
        let xml = junit::render(run).context("the JUnit report")?;
        std::fs::write(file, xml).with_context(|| format!("cannot write {}", file.display()))?;
    }
    match written {
        // who closed the pipe has read enough
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write the report"),
    }
}

/// Runs one lesson on a cluster of its own, and removes what it made, whatever happens.
fn one(input: &Lesson, selection: &Selection, args: &Args, alone: bool) -> Outcome {
    let runtime = match cluster::runtime(selection) {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Failed(error.into()),
    };
    let outcome = runtime.block_on(attempt(input, selection, args, alone && args.output == Output::Text));
    Progress::new(alone).clear();
    outcome
}

async fn attempt(input: &Lesson, selection: &Selection, args: &Args, show: bool) -> Outcome {
    let shown = Mutex::new(Progress::new(show));
    let tell = |what: cluster::Progress| {
        if let Ok(mut shown) = shown.lock() {
            shown.event(&Event::Preparing(&what.to_string()));
        }
    };
    let work = async |cluster: Arc<dyn Cluster>| {
        let options = runner::Options {
            seed: selection.seed,
            timeout: args.timeout,
            strict: args.strict,
            samples: Vec::new(),
            shell: shell_options(&cluster, input.folder(), &args.allow_host),
        };
        let mut progress = Progress::new(show);
        runner::run(&input.lesson, &input.plan, cluster, &options, &mut progress).await
    };
    match cluster::with(selection, tell, work).await {
        Err(error) => Outcome::Failed(error.into()),
        Ok(cluster::Outcome::Interrupted) => Outcome::Interrupted,
        Ok(cluster::Outcome::Done(Ok(result))) => Outcome::Done(Box::new(result)),
        Ok(cluster::Outcome::Done(Err(Stop::Failed(error)))) => Outcome::Failed(error),
        Ok(cluster::Outcome::Done(Err(Stop::Quit | Stop::Reset))) => Outcome::Interrupted,
    }
}
