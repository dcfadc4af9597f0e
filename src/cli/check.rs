//! `check FILE --step N`: is the cluster, as it stands, in the state that step N ends in?

use super::exit::{Exit, UsageError};
use super::options::{ClusterKind, ClusterOptions};
use super::session::{self, Lesson};
use crate::cluster::{self, Kind, Selection};
use crate::report::progress::Progress;
use crate::report::style::Style;
use crate::report::text;
use crate::runner::{self, LessonResult, Stop};
use anyhow::Result;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `check`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The lesson
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Number of the step, from 1
    #[arg(long, value_name = "N")]
    pub step: usize,
    /// The namespace that is looked at as the lesson's own
    #[arg(long, short = 'n', default_value = "default", value_name = "NS")]
    pub namespace: String,
    #[command(flatten)]
    pub cluster: ClusterOptions,
}

/// Runs `check`.
///
/// # Errors
/// A lesson that cannot be read, a step that it does not have, a cluster that cannot be used.
pub fn run(args: &Args) -> Result<Exit> {
    if args.cluster.cluster == Some(ClusterKind::Embedded) {
        let why = "the embedded cluster is empty when this program starts; check looks at a kubeconfig's cluster";
        return Err(UsageError(why.into()).into());
    }
    let selection = Selection { kind: Kind::Kubeconfig, ..args.cluster.selection()? };
    let lesson = Lesson::read(&args.file)?;
    let Some(step) = runner::step_of(&lesson.plan, args.step) else {
        let count = (1..).take_while(|number| runner::step_of(&lesson.plan, *number).is_some()).count();
        let file = args.file.display();
        return Err(UsageError(format!("{file} has {count} steps; --step takes a number from 1 to {count}")).into());
    };
    let runtime = cluster::runtime(&selection)?;
    let result = runtime.block_on(async {
        let cluster = cluster::attach(&selection, &args.namespace).await?;
        let options = runner::Options {
            seed: selection.seed,
            timeout: Duration::ZERO,
            strict: false,
            samples: Vec::new(),
            shell: session::shell_options(&cluster, lesson.folder(), &[]),
        };
        let mut silent = Progress::new(false);
        let checked = runner::check(&lesson.lesson, &lesson.plan, step, cluster.clone(), &options, &mut silent).await;
        let step = match checked {
            Ok(step) => step,
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Quit | Stop::Reset) => return Err(anyhow::anyhow!("the check was ended")),
        };
        Ok(LessonResult {
            file: args.file.display().to_string(),
            title: lesson.plan.title.clone(),
            cluster: format!("{}, namespace {}", cluster.name(), args.namespace),
            seed: selection.seed,
            verdict: step.verdict,
            seconds: 0.0,
            steps: vec![step],
        })
    })?;
    let options = text::Options { style: Style::of(&std::io::stdout()), explain: false };
    print!("{}", text::lesson(&result, &lesson.source, options));
    Ok(result.verdict.into())
}
