//! `theory FILE`: what there is to read before anything is run.

use super::exit::Exit;
use super::inputs;
use super::page;
use crate::lesson::{self, Lesson, Section, SectionKind};
use crate::report::prose::Prosaist;
use anyhow::Result;
use std::path::PathBuf;

/// Options of `theory`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The lesson
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs `theory`.
///
/// # Errors
/// Where the lesson cannot be read or the text cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let source = inputs::read(&args.file)?;
    let (lesson, _) = lesson::parse(&source, &args.file);
    let (style, terminal, width) = page::of_stdout();
    let text = render(&lesson, &Prosaist { style, terminal, width });
    page::write(&mut std::io::stdout().lock(), &text)?;
    Ok(Exit::Proved)
}

/// The lesson's title, its theory, and what one should remember of it.
fn render(lesson: &Lesson, prosaist: &Prosaist) -> String {
    let mut text = prosaist.heading(&lesson.title, 1);
    let read = |section: &&Section| matches!(section.kind, SectionKind::Theory | SectionKind::KeyObservation);
    let mut any = false;
    for section in lesson.sections.iter().filter(read) {
        let body = prosaist.section(section);
        if body.trim().is_empty() {
            continue;
        }
        any |= section.kind == SectionKind::Theory;
        if !section.heading.is_empty() && section.heading != lesson.title {
            text.push_str(&prosaist.heading(&section.heading, section.level.max(2)));
        }
        text.push_str(&body);
    }
    if !any {
        text.push_str("This lesson has no theory: it begins with its first step.\n");
    }
    format!("{}\n", text.trim_end())
}

/// What a learner reads before the first step: title and theory.
pub fn introduction(lesson: &Lesson, prosaist: &Prosaist) -> String {
    let theory: String = lesson.sections_of(SectionKind::Theory).map(|section| prosaist.section(section)).collect();
    format!("{}{theory}", prosaist.heading(&lesson.title, 1))
}

/// What a learner keeps in mind after the last step.
pub fn conclusion(lesson: &Lesson, prosaist: &Prosaist) -> String {
    let sections = lesson.sections_of(SectionKind::KeyObservation);
    let texts =
        sections.map(|section| prosaist.heading(&section.heading, section.level.max(2)) + &prosaist.section(section));
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::Style;
    use crate::testing;
    use std::path::Path;

    #[test]
    fn the_reference_lesson_reads_well_when_piped() {
        let text = std::fs::read_to_string(testing::repository("lessons/service-types.md"))
            .expect("the reference lesson is here");
        let (lesson, _) = lesson::parse(&text, Path::new("lessons/service-types.md"));
        let prosaist = Prosaist { style: Style::plain(), terminal: false, width: 80 };
        testing::golden("service-types.theory.txt", &render(&lesson, &prosaist));
    }

    #[test]
    fn a_lesson_without_theory_says_so() {
        let (lesson, _) = lesson::parse("# T\n\n## Step 1\n\n```\nls\n```\n", Path::new("t.md"));
        let prosaist = Prosaist { style: Style::plain(), terminal: false, width: 80 };
        assert_eq!(render(&lesson, &prosaist), "T\n=\n\nThis lesson has no theory: it begins with its first step.\n");
    }
}
