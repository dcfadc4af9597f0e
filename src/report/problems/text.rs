//! For a person: the line shown, with what is wrong under it.

use crate::lesson::{Problem, Severity};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One problem with the lines of `source` that it is about; ends in a line end.
pub fn render(problem: &Problem, source: &str, colour: bool) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let path = problem.file.display().to_string();
    let span = first_line(source, problem);
    let snippet = Snippet::source(source).path(path).annotation(AnnotationKind::Primary.span(span));
    let mut group = level.primary_title(problem.message.as_str()).id(problem.code.as_str()).element(snippet);
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    format!("{}\n", renderer.decor_style(DecorStyle::Ascii).render(&[group]))
}

/// The part of the problem's span that is on its first line: a whole block would be shown to its end.
fn first_line(source: &str, problem: &Problem) -> std::ops::Range<usize> {
    let (start, end) = (problem.span.start.min(source.len()), problem.span.end.min(source.len()));
    let line = source.get(start..end).unwrap_or_default();
    let length = line.find('\n').unwrap_or(line.len());
    start..start + length
}
