//! What `verify`, `run` and `check` have in common: a lesson that was read, a shell for it.

use super::inputs;
use super::lint::Known;
use crate::cluster::Cluster;
use crate::lesson::{self, Problem, Severity};
use crate::lint;
use crate::plan::{self, Plan};
use crate::shell::ShellOptions;
use crate::shell::programs;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        let (lesson, _) = lesson::parse(&source, file);
        let (plan, _) = plan::plan(&lesson);
        let known = Known { folder: file.parent().map(Path::to_path_buf).unwrap_or_default() };
        // what only might be better is for `lint` to say
        let mut problems = lint::lint(&source, file, &known);
        problems.retain(|problem| problem.severity == Severity::Error);
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
    ShellOptions {
        base: Some(folder),
        programs: programs::all(cluster),
        allow_host: allow_host.to_vec(),
        variables: Vec::new(),
    }
}
