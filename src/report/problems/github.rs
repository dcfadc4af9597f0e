//! Annotations of a GitHub workflow (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::lesson::{Problem, Severity, code};

/// One line a problem.
pub fn render(problems: &[Problem]) -> String {
    problems.iter().map(line).collect()
}

fn line(problem: &Problem) -> String {
    let kind = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let name = code(&problem.code).map_or("", |code| code.name.as_str());
    let message = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    let file = property(&problem.file.display().to_string());
    let title = property(&format!("{} {name}", problem.code));
    format!("::{kind} file={file},line={},col={},title={title}::{}\n", problem.line, problem.column, data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{LineIndex, Reporter, Span};
    use std::path::Path;

    #[test]
    fn lines_of_a_workflow() {
        let lines = LineIndex::new("text");
        let reporter = Reporter { file: Path::new("a,b.md"), lines: &lines };
        let problem = reporter.problem("L013", Span::new(0, 4), "100% wrong", Some("mend it".into()));
        assert_eq!(
            render(&[problem]),
            "::warning file=a%2Cb.md,line=1,col=1,title=L013 placeholder::100%25 wrong%0Amend it\n"
        );
    }
}
