//! `run FILE`: a lesson, step by step, in front of a learner.

use super::exit::{Exit, UsageError};
use super::options::{ClusterOptions, duration};
use super::session::{self, Lesson};
use super::theory;
use crate::cluster::{self, Selection};
use crate::report::style::Style;
use crate::runner::{self, LessonResult, Stop, Verdict};
use crate::ui::{Keys, Learner};
use anyhow::Result;
use std::io::IsTerminal;
use std::path::PathBuf;
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
    let mut learner = Learner::new(style, keys, theory::markdown);
    println!("{}", theory::introduction(&lesson.lesson, style));
    let options = |cluster: &std::sync::Arc<dyn cluster::Cluster>| runner::Options {
        seed: selection.seed,
        timeout: args.timeout,
        strict: false,
        samples: Vec::new(),
        shell: session::shell_options(cluster, lesson.folder(), &args.allow_host),
    };
    runtime.block_on(async {
        let cluster = cluster::open(&selection, |_| {}).await?;
        let outcome = loop {
            let options = options(&cluster);
            let outcome = session::until_interrupted(runner::run(
                &lesson.lesson,
                &lesson.plan,
                cluster.clone(),
                &options,
                &mut learner,
            ))
            .await;
            match outcome {
                Err(Stop::Reset) => cluster.reset().await?,
                outcome => break outcome,
            }
        };
        cluster.close().await?;
        match outcome {
            Ok(result) => {
                println!("{}", farewell(&result, style));
                println!("{}", theory::conclusion(&lesson.lesson, style));
                Ok(result.verdict.into())
            }
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Quit | Stop::Reset) => Ok(Exit::Interrupted),
        }
    })
}

fn farewell(result: &LessonResult, style: Style) -> String {
    let good = result.steps.iter().filter(|step| step.verdict == Verdict::Proved).count();
    let all = result.steps.len();
    let text = format!("\n{good} of {all} steps went as the lesson says.");
    if good == all { style.good(text) } else { style.warn(text) }
}
