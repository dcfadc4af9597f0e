//! Several commands that share one output, on two streams.

use super::bindings::Bindings;
use super::matcher::match_output;
use super::model::{MatchContext, MatchResult};
use super::words;

/// What one command of a group printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Printed<'a> {
    /// The command.
    pub command: &'a str,
    /// Standard output and standard error as they came, one stream as on a terminal.
    pub combined: &'a str,
    /// Standard output alone.
    pub stdout: &'a str,
    /// Standard error alone.
    pub stderr: &'a str,
}

/// As [`match_output`], for commands that share one output: their outputs one after the other, or only that of the last.
/// What they say on standard error may be left out where it only says how (`Warning:`, the progress of curl).
pub fn match_group(
    expected: &str,
    printed: &[Printed<'_>],
    context: &MatchContext<'_>,
    bindings: &mut Bindings,
) -> MatchResult {
    let Some(last) = printed.last() else {
        return match_output(expected, "", context, bindings);
    };
    let context = MatchContext { command: last.command, ..*context };
    let all = |pick: fn(&Printed<'_>) -> String| printed.iter().map(pick).collect::<String>();
    let benign = |printed: &Printed<'_>| printed.stderr.lines().all(words::is_benign);
    let mut candidates = vec![all(|printed| ended(printed.combined))];
    let mut add = |candidate: String| {
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    };
    if printed.iter().all(benign) {
        add(all(|printed| ended(printed.stdout)));
    }
    // The streams of one command may have crossed.
    add(all(|printed| format!("{}{}", ended(printed.stderr), ended(printed.stdout))));
    add(all(|printed| format!("{}{}", ended(printed.stdout), ended(printed.stderr))));
    // Where all printed the same, a page that shows it once has left something out.
    let alike = printed.iter().all(|earlier| ended(earlier.combined) == ended(last.combined));
    if printed.len() > 1 && !alike {
        add(ended(last.combined));
        if benign(last) {
            add(ended(last.stdout));
        }
    }
    let polite = |text: &str| {
        text.lines().filter(|line| !words::is_greeting(line)).map(|line| format!("{line}\n")).collect::<String>()
    };
    let greeted = candidates[0].lines().any(words::is_greeting);
    let mut first = None;
    if greeted {
        // What kubectl says when it opens a session changes from version to version.
        let result = match_output(&polite(expected), &polite(&candidates[0]), &context, bindings);
        if result.matched {
            return result;
        }
    }
    for candidate in &candidates {
        let result = match_output(expected, candidate, &context, bindings);
        if result.matched {
            return result;
        }
        first.get_or_insert(result);
    }
    // There is always a first candidate.
    first.unwrap_or_else(|| match_output(expected, "", &context, bindings))
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_string() } else { format!("{text}\n") }
}
