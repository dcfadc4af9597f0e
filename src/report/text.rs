//! `verify` for a person: a line a step, and for what is not proved the line of the lesson, what was seen and why.

use super::style::Style;
use crate::runner::{ClaimResult, CommandResult, LessonResult, ProblemResult, RunResult, StepResult, Verdict};
use std::fmt::Write;

/// How much is said.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Colours.
    pub style: Style,
    /// Says what volatile literals stood for.
    pub explain: bool,
}

/// The report on a lesson. `source` is the lesson's markdown, of which refuted lines are shown.
pub fn lesson(result: &LessonResult, source: &str, options: Options) -> String {
    let style = options.style;
    let mut text = String::new();
    let cluster = if result.cluster == "embedded" { String::new() } else { format!(" on {}", result.cluster) };
    // writing to a string does not fail
    let _ = writeln!(text, "{}  {}{}", style.bold(&result.file), result.title, style.dim(cluster));
    for step in &result.steps {
        render_step(&mut text, result, step, source, options);
    }
    text
}

fn render_step(text: &mut String, lesson: &LessonResult, step: &StepResult, source: &str, options: Options) {
    let style = options.style;
    let run = step.commands.iter().filter(|command| command.skipped.is_none()).count();
    let outputs = step.commands.iter().filter(|command| command.matched.is_some()).count();
    let mut counts = vec![count(run, "command")];
    if outputs > 0 {
        counts.push(count(outputs, "output"));
    }
    if !step.claims.is_empty() {
        counts.push(count(step.claims.len(), "claim"));
    }
    let summary = counts.join(", ");
    let _ = writeln!(text, "  {} {}  {}", mark(step.verdict, style), step.heading, style.dim(summary));
    for command in &step.commands {
        render_command(text, lesson, command, source, options);
    }
    for claim in step.initial.iter().chain(&step.claims) {
        render_claim(text, lesson, claim, source, options);
    }
    for change in &step.unlisted_changes {
        let note = format!("{} was {}, which the lesson does not say", change.object, change.change);
        let _ = writeln!(text, "      {} {note}", style.warn("also:"));
    }
}

fn render_command(text: &mut String, lesson: &LessonResult, command: &CommandResult, source: &str, options: Options) {
    let style = options.style;
    if let Some(reason) = &command.skipped {
        let _ = writeln!(text, "      {} {}: {reason}", style.warn("skipped"), command.text);
    }
    if options.explain {
        for (name, value) in &command.bindings {
            let _ = writeln!(text, "      {}", style.dim(format!("{name} is {value}")));
        }
    }
    if command.verdict() == Verdict::Proved {
        return;
    }
    let line = if command.reason_line > 0 { command.reason_line } else { command.line };
    show_line(text, &lesson.file, line, source, style);
    let reason = command.reason.as_deref().unwrap_or("it failed");
    indent(text, reason, "        ", |line| style.bad(line));
    let _ = writeln!(text, "        {}", style.command(format!("$ {}", first_line(&command.text))));
    let seen = if command.session.is_some() || command.stderr.is_empty() {
        command.stdout.clone()
    } else {
        format!("{}{}", command.stdout, command.stderr)
    };
    indent(text, seen.trim_end(), "        ", |line| style.dim(line));
}

fn render_claim(text: &mut String, lesson: &LessonResult, claim: &ClaimResult, source: &str, options: Options) {
    let style = options.style;
    if claim.verdict == Verdict::Proved {
        if options.explain {
            let _ = writeln!(text, "      {}", style.dim(format!("{}: {}", claim.text, claim.reason)));
        }
        return;
    }
    show_line(text, &lesson.file, claim.line, source, style);
    indent(text, &claim.reason, "        ", |line| style.bad(line));
    if claim.verdict == Verdict::Refuted {
        for evidence in &claim.evidence {
            let at = if evidence.at.is_empty() { String::new() } else { format!(" at {}", evidence.at) };
            let seen = format!(
                "{} {}: before {}, after {}{at}",
                evidence.object,
                evidence.path,
                brief(&evidence.before),
                brief(&evidence.after)
            );
            let _ = writeln!(text, "        {}", style.dim(seen));
        }
    }
}

/// Findings about the texts, one a line: `file:line: code: message`.
pub fn problems(problems: &[ProblemResult], style: Style) -> String {
    let mut text = String::new();
    for problem in problems {
        let place = if problem.line > 0 { format!("{}:{}", problem.file, problem.line) } else { problem.file.clone() };
        let _ = writeln!(text, "{}: {} {}", style.bold(place), style.bad(&problem.code), problem.message);
    }
    text
}

/// The last line: what was proved, in figures.
pub fn summary(run: &RunResult, seconds: f64, style: Style) -> String {
    let steps = || run.lessons.iter().flat_map(|lesson| &lesson.steps);
    let commands = || steps().flat_map(|step| &step.commands).filter(|command| command.skipped.is_none());
    let outputs = commands().filter(|command| command.matched.is_some()).count();
    let claims = steps().map(|step| step.claims.len()).sum::<usize>();
    let verdict = match run.verdict {
        Verdict::Proved => style.good("proved"),
        Verdict::Refuted => style.bad("refuted"),
        Verdict::NotUnderstood => style.warn("not understood"),
        Verdict::Error => style.bad("error"),
    };
    let figures = [
        count(run.lessons.len(), "lesson"),
        count(steps().count(), "step"),
        count(commands().count(), "command"),
        count(outputs, "output"),
        count(claims, "claim"),
    ];
    format!("{verdict}: {} in {seconds:.2} s\n", figures.join(", "))
}

fn mark(verdict: Verdict, style: Style) -> String {
    match verdict {
        Verdict::Proved => style.good("✓"),
        Verdict::Refuted | Verdict::Error => style.bad("✗"),
        Verdict::NotUnderstood => style.warn("?"),
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn show_line(text: &mut String, file: &str, line: usize, source: &str, style: Style) {
    let shown = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let _ = writeln!(text, "      {}", style.bold(format!("{file}:{line}")));
    let _ = writeln!(text, "        {} {shown}", style.dim(format!("{line} |")));
}

fn indent(text: &mut String, what: &str, by: &str, paint: impl Fn(&str) -> String) {
    for line in what.lines() {
        let _ = writeln!(text, "{by}{}", paint(line));
    }
}

fn first_line(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => text.to_string(),
    }
}

fn brief(value: &serde_json::Value) -> String {
    const LONGEST: usize = 120;
    let text = match value {
        serde_json::Value::Null => "nothing".to_string(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() > LONGEST { format!("{}…", text.chars().take(LONGEST).collect::<String>()) } else { text }
}
