//! Chooses how two texts are compared: by the author's mode, the command, and the shape of the lesson's text.

use super::bindings::Bindings;
use super::command::{Command, pattern};
use super::lines::{self, Gaps};
use super::model::{MatchContext, MatchMode, MatchResult, Mismatch};
use super::table::{self, Rules};
use super::tree;
use super::unify::{Hint, Unifier};
use regex::Regex;
use std::sync::LazyLock;

/// Whether the lesson's text and the output unify; where they do, what was bound is kept in `bindings`.
pub fn match_output(
    expected: &str,
    observed: &str,
    context: &MatchContext<'_>,
    bindings: &mut Bindings,
) -> MatchResult {
    let mark = bindings.mark();
    let (expected, observed) = (normal(expected), normal(observed));
    let command = Command::of(context.command);
    let mut unifier =
        Unifier { bindings, lenient: context.similar, content_hashes: command.content_hashes, contradiction: None };
    let outcome = match context.mode {
        MatchMode::Exact => exact(&expected, &observed),
        MatchMode::Regex => regex(&expected, &observed),
        MatchMode::Contains => contains(&expected, &observed, &mut unifier),
        MatchMode::Subset => lines::compare(&shown(&expected), &printed(&observed), Gaps::Anything, &mut unifier),
        MatchMode::Unordered => unordered(&expected, &observed, &command, &mut unifier),
        MatchMode::Auto => auto(&expected, &observed, &command, &mut unifier),
    };
    match outcome {
        Ok(()) => MatchResult { matched: true, reason: None, new_bindings: bindings.since(mark) },
        Err(reason) => {
            bindings.roll_back(mark);
            MatchResult { matched: false, reason: Some(reason), new_bindings: Vec::new() }
        }
    }
}

/// What in a lesson's text no output can be; `line` counts in the text.
pub fn impossible(expected: &str) -> Vec<Mismatch> {
    let expected = normal(expected);
    let tables = blocks(&expected).into_iter().filter(|block| table::is_header(block[0].1));
    tables.filter_map(|block| table::read(&block)).flat_map(|table| table::impossible(&table)).collect()
}

/// A text without what no reader sees: colours, carriage returns, white space at line ends, empty lines around it.
fn normal(text: &str) -> String {
    static COLOUR: LazyLock<Regex> = LazyLock::new(|| pattern("\u{1b}\\[[0-9;?]*[a-zA-Z]"));
    let text = COLOUR.replace_all(text, "");
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end()).collect();
    // The first line of the text keeps its number: only the end is cut.
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    lines[..end].join("\n")
}

/// The lesson's lines with their numbers, empty ones left out.
fn shown(text: &str) -> Vec<(usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty()).collect()
}

fn printed(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.trim().is_empty()).collect()
}

fn exact(expected: &str, observed: &str) -> Result<(), Mismatch> {
    if expected == observed {
        return Ok(());
    }
    let (wanted, seen): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), observed.lines().collect());
    let at = wanted.iter().zip(&seen).position(|(a, b)| a != b).unwrap_or(wanted.len().min(seen.len()));
    let (text, other) = (wanted.get(at).copied(), seen.get(at).copied());
    let why = match (text, other) {
        (Some(text), Some(other)) => format!("the lesson shows `{text}`, the cluster printed `{other}`"),
        (Some(text), None) => format!("the lesson shows `{text}`, the cluster printed nothing more"),
        (None, other) => format!("the cluster printed more: `{}`", other.unwrap_or_default()),
    };
    let line = if text.is_some() { at + 1 } else { 0 };
    Err(Mismatch {
        line,
        expected: text.unwrap_or_default().to_string(),
        observed: other.unwrap_or_default().to_string(),
        why,
    })
}

fn regex(expected: &str, observed: &str) -> Result<(), Mismatch> {
    let refuse =
        |why: String| Mismatch { line: 1, expected: expected.to_string(), observed: observed.to_string(), why };
    let pattern = regex::RegexBuilder::new(expected)
        .multi_line(true)
        .build()
        .map_err(|error| refuse(format!("this is no regular expression: {error}")))?;
    if pattern.is_match(observed) {
        Ok(())
    } else {
        Err(refuse("the regular expression is nowhere in the output".to_string()))
    }
}

fn contains(expected: &str, observed: &str, unifier: &mut Unifier<'_>) -> Result<(), Mismatch> {
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if unifier.text(&format!("... {} ...", joined(expected)), &joined(observed), Hint::None)
        || joined(observed).contains(&joined(expected))
    {
        return Ok(());
    }
    let why = "the text is nowhere in the output".to_string();
    Err(Mismatch { line: 1, expected: expected.to_string(), observed: observed.to_string(), why })
}

/// Every line of the lesson unifies with one of the output, and no line of the output is left.
fn unordered(expected: &str, observed: &str, command: &Command, unifier: &mut Unifier<'_>) -> Result<(), Mismatch> {
    if table::is_header(expected.lines().next().unwrap_or_default()) {
        return auto(expected, observed, command, unifier);
    }
    let open = expected.lines().any(lines::is_elision);
    let mut left = printed(observed);
    for (line, text) in shown(expected).into_iter().filter(|(_, line)| !lines::is_elision(line)) {
        match left.iter().position(|other| unifier.text(text, other, Hint::None)) {
            Some(at) => drop(left.remove(at)),
            None => {
                let why = format!("the cluster printed no line `{}`", text.trim());
                return Err(Mismatch { line, expected: text.trim().to_string(), observed: String::new(), why });
            }
        }
    }
    if left.is_empty() || open {
        return Ok(());
    }
    let why =
        format!("the cluster printed {} more: `{}`", if left.len() == 1 { "1 line" } else { "lines" }, left[0].trim());
    Err(Mismatch { line: 0, expected: String::new(), observed: left.join("\n"), why })
}

fn auto(expected: &str, observed: &str, command: &Command, unifier: &mut Unifier<'_>) -> Result<(), Mismatch> {
    let mark = unifier.bindings.mark();
    if command.unordered {
        return unordered_lenient(expected, observed, command, unifier);
    }
    if command.tree || observed.trim_start().starts_with('{') {
        if let (Some(wanted), Some(seen)) = (tree::read(expected), tree::read(observed)) {
            let Err(misfit) = tree::compare(&wanted, &seen, unifier) else {
                return Ok(());
            };
            unifier.bindings.roll_back(mark);
            // An elision may have cut the tree in a way that changed it.
            if expected.lines().any(lines::is_elision) && fragment(expected, observed, unifier).is_ok() {
                return Ok(());
            }
            return Err(tree_mismatch(expected, misfit));
        }
        if command.tree || expected.trim_start().starts_with(['{', '"']) {
            return fragment(expected, observed, unifier);
        }
    }
    if command.describe && !expected.starts_with("Error") {
        return lines::compare(&shown(expected), &printed(observed), Gaps::Anything, unifier);
    }
    let wanted = blocks(expected);
    let has_table = wanted.iter().any(|block| table::is_header(block[0].1));
    if has_table {
        let rules = Rules { ordered: command.sorted || command.watch, more: command.watch, of_nodes: command.of_nodes };
        return tables(&wanted, &blocks(observed), rules, unifier);
    }
    let result = lines::compare(&shown(expected), &printed(observed), Gaps::Elided, unifier);
    if result.is_err() {
        unifier.bindings.roll_back(mark);
    }
    result
}

/// `printenv` prints in no order.
fn unordered_lenient(
    expected: &str,
    observed: &str,
    command: &Command,
    unifier: &mut Unifier<'_>,
) -> Result<(), Mismatch> {
    if table::is_header(expected.lines().next().unwrap_or_default()) {
        return lines::compare(&shown(expected), &printed(observed), Gaps::Elided, unifier);
    }
    unordered(expected, observed, command, unifier)
}

/// A part of YAML or JSON that does not parse: its lines, in order.
fn fragment(expected: &str, observed: &str, unifier: &mut Unifier<'_>) -> Result<(), Mismatch> {
    let trimmed = |line: &str| line.trim_end().trim_end_matches(',').to_string();
    let wanted: Vec<(usize, String)> = shown(expected)
        .into_iter()
        .filter(|(_, line)| !lines::is_elision(line))
        .map(|(at, line)| (at, trimmed(line)))
        .collect();
    let seen: Vec<String> = printed(observed).into_iter().map(trimmed).collect();
    let wanted: Vec<(usize, &str)> = wanted.iter().map(|(at, line)| (*at, line.as_str())).collect();
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    lines::compare(&wanted, &seen, Gaps::Anything, unifier)
}

fn tree_mismatch(expected: &str, misfit: tree::Misfit) -> Mismatch {
    let key = misfit.path.rsplit('.').next().unwrap_or_default();
    let key = key.split('[').next().unwrap_or_default();
    let value = misfit.expected.trim_matches('"');
    let of_key = |line: &str| line.trim().trim_start_matches("- ").trim_start_matches('"').starts_with(key);
    let position = |wanted: &dyn Fn(&str) -> bool| expected.lines().position(wanted).map(|at| at + 1);
    let line =
        position(&|line| of_key(line) && line.contains(value)).or_else(|| position(&|line| of_key(line))).unwrap_or(1);
    let path = if misfit.path.is_empty() { "the output" } else { &misfit.path };
    let why = match (&misfit.contradiction, misfit.observed.is_empty()) {
        (Some(why), _) => format!("{path}: {why}"),
        (None, true) => format!("{path}: the lesson shows {}, the cluster printed no such field", misfit.expected),
        (None, false) => {
            format!("{path}: the lesson shows {}, the cluster printed {}", misfit.expected, misfit.observed)
        }
    };
    Mismatch { line, expected: misfit.expected, observed: misfit.observed, why }
}

/// The blocks of a text that empty lines keep apart; a header begins one too.
fn blocks(text: &str) -> Vec<Vec<(usize, &str)>> {
    let mut blocks: Vec<Vec<(usize, &str)>> = Vec::new();
    let mut gap = true;
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            gap = true;
            continue;
        }
        let in_table = blocks.last().is_some_and(|block| table::is_header(block[0].1));
        if table::is_header(line) || gap && !in_table {
            blocks.push(Vec::new());
        }
        gap = false;
        if let Some(block) = blocks.last_mut() {
            block.push((at + 1, line));
        }
    }
    blocks
}

/// Tables and the texts between them, in order.
fn tables(
    wanted: &[Vec<(usize, &str)>],
    seen: &[Vec<(usize, &str)>],
    rules: Rules,
    unifier: &mut Unifier<'_>,
) -> Result<(), Mismatch> {
    let (wanted, seen) = (joined(wanted), joined(seen));
    for (at, block) in wanted.iter().enumerate() {
        let other = seen.get(at);
        let first = block[0];
        if !table::is_header(first.1) {
            let lines: Vec<&str> = other.into_iter().flatten().map(|(_, line)| *line).collect();
            lines::compare(block, &lines, Gaps::Elided, unifier)?;
            continue;
        }
        let printed = other.filter(|block| table::is_header(block[0].1)).and_then(|block| table::read(block));
        let (Some(expected), Some(printed)) = (table::read(block), printed) else {
            let observed = other.map_or("", |block| block[0].1).trim().to_string();
            let why = match observed.as_str() {
                "" => "the lesson shows a table, the cluster printed nothing".to_string(),
                text => format!("the lesson shows a table, the cluster printed `{text}`"),
            };
            return Err(Mismatch { line: first.0, expected: first.1.trim().to_string(), observed, why });
        };
        table::compare(&expected, &printed, rules, unifier)?;
    }
    match seen.get(wanted.len()) {
        Some(more) if !rules.more => {
            let text = more[0].1.trim().to_string();
            let why = format!("the cluster printed more: `{text}`");
            Err(Mismatch { line: 0, expected: String::new(), observed: text, why })
        }
        _ => Ok(()),
    }
}

/// Texts that stand side by side are one.
fn joined<'a>(blocks: &[Vec<(usize, &'a str)>]) -> Vec<Vec<(usize, &'a str)>> {
    let mut joined: Vec<Vec<(usize, &'a str)>> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last) if !table::is_header(last[0].1) && !table::is_header(block[0].1) => last.extend(block),
            _ => joined.push(block.clone()),
        }
    }
    joined
}
