//! `lint PATH...`: what is wrong with lessons that nobody has run yet.

use super::exit::{Exit, UsageError};
use super::inputs;
use super::page;
use crate::assertion::{self, ParseContext, Section};
use crate::lesson::{self, ClaimSection, ClaimText, Lesson, Problem, Severity};
use crate::lint::{self, Fault, Knowledge};
use crate::report::problems::{count, github, json, sarif, text};
use anyhow::Result;
use clap::ValueEnum;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The form of the report on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For a person
    Text,
    /// For a program, version 1
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Options of `lint`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Lessons: markdown files, or folders with some
    #[arg(required_unless_present = "explain", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Explains a code, with a mistake and its mend
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}

/// Runs `lint`: exit code 3 where there are errors.
///
/// # Errors
/// Usage, files that cannot be read, a report that cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let out = &mut std::io::stdout().lock();
    if let Some(code) = &args.explain {
        page::write(out, &explained(code)?)?;
        return Ok(Exit::Proved);
    }
    let mut problems: Vec<Problem> = Vec::new();
    let mut shown = String::new();
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    for file in inputs::files(&args.paths)? {
        let source = inputs::read(&file)?;
        let known = Known { folder: file.parent().map(Path::to_path_buf).unwrap_or_default() };
        let found = lint::lint(&source, &file, &known);
        if args.output == Output::Text {
            shown.extend(found.iter().map(|problem| format!("{}\n", text::render(problem, &source, colour))));
        }
        problems.extend(found);
    }
    let report = match args.output {
        Output::Text => shown,
        Output::Json => json::render(&problems),
        Output::Github => github::render(&problems),
        Output::Sarif => sarif::render(&problems),
    };
    page::write(out, &report)?;
    if args.output == Output::Text && !problems.is_empty() {
        let first = &problems[0].code;
        page::write(
            &mut std::io::stderr(),
            &format!("{}; `kubectl-lesson lint --explain {first}` explains a code\n", count(&problems)),
        )?;
    }
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(if failed { Exit::NotUnderstood } else { Exit::Proved })
}

fn explained(code: &str) -> Result<String> {
    let wanted = code.to_uppercase();
    let Some(entry) = lesson::codes().iter().find(|entry| entry.code == wanted || entry.name == code) else {
        let known: Vec<&str> = lesson::codes().iter().map(|entry| entry.code.as_str()).collect();
        return Err(UsageError(format!("there is no code {code}; there are {}", known.join(", "))).into());
    };
    let indented =
        |text: &str| text.lines().map(|line| format!("    {line}").trim_end().to_string() + "\n").collect::<String>();
    let (mistake, mend) = (indented(&entry.mistake), indented(&entry.mend));
    Ok(format!(
        "{} {} ({})\n\n{}\n\nInstead of\n\n{mistake}\nwrite\n\n{mend}",
        entry.code, entry.name, entry.severity, entry.why
    ))
}

/// What the rooms of this program know.
pub(super) struct Known {
    /// The lesson's folder.
    pub folder: PathBuf,
}

impl Knowledge for Known {
    fn kubectl(&self, args: &[String]) -> Result<(), Fault> {
        kubectl::check(args).map_err(|error| {
            let help = error.suggestions.first().map(|word| format!("did you mean `{word}`?"));
            Fault { message: error.message, help }
        })
    }

    fn claim(&self, claim: &ClaimText, lesson: &Lesson) -> Result<(), Fault> {
        let section = match claim.section {
            ClaimSection::Changed => Section::Changed,
            ClaimSection::Unchanged => Section::Unchanged,
            ClaimSection::Initial | ClaimSection::Assumption => Section::Initial,
        };
        let context = ParseContext { words: lesson.words() };
        let understood = assertion::parse(&claim.text, section, &context);
        understood.map(drop).map_err(|error| {
            let help = error.nearest.map(|nearest| format!("the nearest sentence that is understood: \"{nearest}\""));
            Fault { message: error.reason, help }
        })
    }

    fn has_file(&self, path: &Path) -> bool {
        self.folder.join(path).exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_explained_by_number_or_name() {
        let text = explained("l013").expect("a code");
        assert_eq!(text, explained("placeholder").expect("the same"));
        assert!(
            text.starts_with("L013 placeholder (warning)\n") && text.contains("    kubectl delete pod <pod-name>\n"),
            "{text}"
        );
        assert!(explained("L999").is_err());
    }
}
