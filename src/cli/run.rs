//! `run FILE`: a lesson, step by step, in front of a learner.

use super::exit::{Exit, UsageError};
use super::options::{ClusterOptions, duration};
use super::page;
use super::session::{self, Lesson};
use super::theory;
use crate::cluster::{self, Cluster, Selection};
use crate::report::prose::Prosaist;
use crate::report::style::Style;
use crate::runner::{self, LessonResult, Stop, Verdict};
use crate::ui::{Keys, Learner};
use anyhow::Result;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Options of `run`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The lesson
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// Plays the lesson by itself
    #[arg(long)]
    pub auto: bool,
    /// No colours and no line editing
    #[arg(long)]
    pub plain: bool,
    /// How long an output may take to come true (90s, 2m)
    #[arg(long, value_parser = duration, default_value = "120s", value_name = "DURATION")]
    pub timeout: Duration,
    /// Programs of this machine that the lesson may start
    #[arg(long, value_name = "PROGRAM")]
    pub allow_host: Vec<String>,
}

/// Runs `run`.
///
/// # Errors
/// No terminal and no `--auto`; a lesson that cannot be read; a cluster that cannot be used.
pub fn run(args: &Args) -> Result<Exit> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !args.auto && !terminal {
        let file = args.file.display();
        return Err(UsageError(format!(
            "`run` asks at every step and there is no terminal; `kubectl-lesson run --auto {file}` plays the lesson, \
             `kubectl-lesson verify {file}` proves it"
        ))
        .into());
    }
    let style = if args.plain { Style::plain() } else { Style::of(&std::io::stdout()) };
    let lesson = Lesson::read(&args.file)?;
    let selection = Selection { interactive: true, ..args.cluster.selection()? };
    let runtime = cluster::runtime(&selection)?;
    let keys = (!args.auto).then(|| Keys::new(args.plain));
    let (_, terminal, width) = page::of_stdout();
    let prosaist = Prosaist { style, terminal: terminal && !args.plain, width };
    let mut learner = Learner::new(prosaist, keys);
    print!("{}", theory::introduction(&lesson.lesson, &prosaist));
    let options = |cluster: &Arc<dyn Cluster>| runner::Options {
        seed: selection.seed,
        timeout: args.timeout,
        strict: false,
        samples: Vec::new(),
        shell: session::shell_options(cluster, lesson.folder(), &args.allow_host),
    };
    let work = async |cluster: Arc<dyn Cluster>| -> Result<Exit> {
        loop {
            let (lesson, plan, options) = (&lesson.lesson, &lesson.plan, options(&cluster));
            match runner::run(lesson, plan, cluster.clone(), &options, &mut learner).await {
                Err(Stop::Reset) => cluster.reset().await?,
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Quit) => return Ok(Exit::Interrupted),
                Ok(result) => {
                    println!("{}", farewell(&result, style));
                    print!("{}", theory::conclusion(lesson, &prosaist));
                    return Ok(result.verdict.into());
                }
            }
        }
    };
    match runtime.block_on(cluster::with(&selection, |_| {}, work))? {
        cluster::Outcome::Done(exit) => exit,
        cluster::Outcome::Interrupted => Ok(Exit::Interrupted),
    }
}

fn farewell(result: &LessonResult, style: Style) -> String {
    let good = result.steps.iter().filter(|step| step.verdict == Verdict::Proved).count();
    let all = result.steps.len();
    let text = format!("\n{good} of {all} steps went as the lesson says.");
    if good == all { style.good(text) } else { style.warn(text) }
}
