//! What `verify`, `run` and `check` have in common: a lesson that was read, a shell for it, an end by Ctrl-C.

use super::inputs;
use crate::cluster::Cluster;
use crate::lesson::{self, Problem};
use crate::plan::{self, Plan};
use crate::runner::Stop;
use crate::shell::ShellOptions;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// A lesson, read and planned.
pub struct Lesson {
    /// Its markdown.
    pub source: String,
    /// Its parts.
    pub lesson: lesson::Lesson,
    /// What to do.
    pub plan: Plan,
    /// Findings about its text.
    pub problems: Vec<Problem>,
}

impl Lesson {
    /// Reads and plans a file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(file: &Path) -> Result<Lesson> {
        let source = inputs::read(file)?;
        let (lesson, mut problems) = lesson::parse(&source, file);
        let (plan, more) = plan::plan(&lesson);
        problems.extend(more);
        Ok(Lesson { source, lesson, plan, problems })
    }

    /// The folder that it stands in.
    pub fn folder(&self) -> PathBuf {
        match self.lesson.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }
}

/// The learner's shell for a lesson that stands in `folder`.
pub fn shell_options(cluster: &Arc<dyn Cluster>, folder: PathBuf, allow_host: &[String]) -> ShellOptions {
    let _ = cluster;
    ShellOptions {
        base: Some(folder),
        programs: Vec::new(),
        allow_host: allow_host.to_vec(),
        variables: Vec::new(),
    }
}

/// Waits for a run, or for Ctrl-C or SIGTERM, whichever comes first.
///
/// # Errors
/// What the run says; [`Stop::Quit`] on a signal.
pub async fn until_interrupted<T>(run: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        // without signal handlers the process ends at once by the system's own
        return run.await;
    };
    tokio::select! {
        biased;
        _ = interrupt.recv() => Err(Stop::Quit),
        _ = terminate.recv() => Err(Stop::Quit),
        outcome = run => outcome,
    }
}
