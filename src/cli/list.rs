//! `list [DIR]`: the lessons of a folder.

use super::exit::Exit;
use super::inputs;
use super::page;
use crate::lesson;
use crate::plan::{self, StepKind};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Options of `list`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A folder with lessons; `lessons` where there is one, else this folder
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Files of a repository that show commands and are no lessons.
const NO_LESSONS: &[&str] =
    &["README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "SECURITY", "CODE_OF_CONDUCT", "SUPPORT", "DEVELOPERS"];

/// Runs `list`.
///
/// # Errors
/// Where the folder or a file in it cannot be read.
pub fn run(args: &Args) -> Result<Exit> {
    let lessons = Path::new("lessons");
    let folder =
        args.folder.clone().unwrap_or_else(|| if lessons.is_dir() { lessons } else { Path::new(".") }.to_path_buf());
    let mut rows = Vec::new();
    for file in inputs::files(std::slice::from_ref(&folder))? {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().to_uppercase()).unwrap_or_default();
        if file != folder && NO_LESSONS.contains(&stem.as_str()) {
            continue;
        }
        rows.extend(row(&inputs::read(&file)?, &file));
    }
    let (style, ..) = page::of_stdout();
    let text = if rows.is_empty() {
        format!("no lessons in {}\n", folder.display())
    } else {
        table(&rows, |text| style.bold(text))
    };
    page::write(&mut std::io::stdout().lock(), &text)?;
    Ok(Exit::Proved)
}

/// Title, number of steps and file of a lesson; none where the page has nothing to run.
fn row(source: &str, file: &Path) -> Option<[String; 3]> {
    let (lesson, _) = lesson::parse(source, file);
    let (plan, _) = plan::plan(&lesson);
    let steps = plan.steps.iter().filter(|step| step.kind == StepKind::Step && step.runs()).count();
    (steps > 0).then(|| [plan.title, steps.to_string(), file.display().to_string()])
}

fn table(rows: &[[String; 3]], heading: impl Fn(&str) -> String) -> String {
    let header = ["TITLE", "STEPS", "FILE"].map(String::from);
    let width = |column: usize| rows.iter().chain([&header]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    let line = |row: &[String; 3]| {
        let padded =
            |column: usize| format!("{}{}", row[column], " ".repeat(widths[column] - row[column].chars().count()));
        format!("{}   {}   {}", padded(0), padded(1), row[2])
    };
    let rows: String = rows.iter().map(|row| format!("{}\n", line(row))).collect();
    format!("{}\n{rows}", heading(&line(&header)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_lessons() {
        let page = "---\ntitle: One\n---\n\n## Step 1\n\n```\nls\n```\n\n## Clean up\n\n```\nls\n```\n";
        let rows: Vec<_> =
            [row(page, Path::new("a/one.md")), row("# prose\n", Path::new("b.md"))].into_iter().flatten().collect();
        assert_eq!(table(&rows, str::to_string), "TITLE   STEPS   FILE\nOne     1       a/one.md\n");
    }
}
