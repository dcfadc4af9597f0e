//! A console block into commands and outputs: by prompts where it has them, by the words of its lines where it has none.

use super::model::{Entry, EntryKind};
use super::shell_line::{ends_in_backslash, logical_length};
use super::span::{LineIndex, Span};
use super::words::{COMMANDS, PROMPTS};

/// How sure one has to be that a line is a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The block is marked as shell.
    Marked,
    /// Nothing says so but the line.
    Guess,
}

/// The lines of a block with their places in the source.
pub(super) struct BlockLines<'a> {
    pub(super) text: Vec<&'a str>,
    pub(super) first: usize,
}

impl<'a> BlockLines<'a> {
    pub(super) fn new(text: &'a str, first: usize) -> BlockLines<'a> {
        BlockLines { text: text.lines().collect(), first }
    }

    /// The bytes of the lines `from..to` (indices); the first without its indentation.
    fn span(&self, from: usize, to: usize, source: &str, lines: &LineIndex) -> Span {
        let mut first = lines.span_of_line(self.first + from);
        let line = first.of(source);
        let content = self.text.get(from).map_or("", |text| text.trim_start());
        let skipped =
            if line.ends_with(content) { line.len() - content.len() } else { line.len() - line.trim_start().len() };
        first.start += skipped;
        let last = lines.span_of_line(self.first + to.saturating_sub(1));
        let trailing = last.of(source).len() - last.of(source).trim_end().len();
        Span::new(first.start, last.end - trailing)
    }
}

/// The prompt that `line` begins with and what follows it.
fn prompt(line: &str, trust: Trust) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let of = |length: usize| Some((line[..length].trim(), &line[length..]));
    if let Some(found) = PROMPTS.shell.iter().chain(&PROMPTS.program).find_map(|pattern| pattern.find(line)) {
        return of(found.end());
    }
    let found = PROMPTS.root.iter().find_map(|pattern| pattern.find(line))?;
    let strong = first_word(&line[found.end()..]).is_some_and(|word| COMMANDS.strong.contains(word));
    if trust == Trust::Guess && strong { of(found.end()) } else { None }
}

/// Whether the prompt belongs to a program that is no shell.
pub(crate) fn is_program_prompt(text: &str) -> bool {
    let text = format!("{text} ");
    PROMPTS.program.iter().any(|pattern| pattern.is_match(&text))
}

/// The word that says what a command line runs: assignments, `sudo`, `time` and paths are passed over.
pub(super) fn first_word(line: &str) -> Option<&str> {
    for word in line.split_whitespace() {
        let word = word.trim_end_matches(';');
        if COMMANDS.prefixes.contains(word) || is_assignment(word) {
            continue;
        }
        let word = word.strip_prefix("$(").or_else(|| word.strip_prefix('(')).unwrap_or(word);
        return Some(word);
    }
    None
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether `line` reads as a command.
pub(super) fn is_command(line: &str, trust: Trust) -> bool {
    let line = line.trim();
    if line.split_whitespace().next().is_some_and(|word| is_assignment(word) && word.contains("=$(")) {
        return true;
    }
    let Some(word) = first_word(line) else {
        // Only assignments: what a program prints may look so too, but not `NAME=$(…)`.
        return line.split_whitespace().next().is_some_and(is_assignment) && line.contains('$');
    };
    if COMMANDS.strong.contains(word) {
        return is_alone_or_has_arguments(line, word);
    }
    let script = word.starts_with("./") || word.starts_with("~/") || word.ends_with(".sh");
    trust == Trust::Marked && (COMMANDS.weak.contains(word) || script)
}

/// `cat` in "cat is an animal:" is no command: what follows a command word is no verb of English.
fn is_alone_or_has_arguments(line: &str, word: &str) -> bool {
    let rest = line.split_once(word).map_or("", |(_, rest)| rest).trim_start();
    let second = rest.split_whitespace().next().unwrap_or("");
    !matches!(second, "is" | "are" | "was" | "will" | "has" | "=" | ":" | "can" | "controls" | "command")
}

/// Whether the block's first telling line is a command.
pub(super) fn begins_with_command(text: &str, trust: Trust) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !is_comment(line, trust));
    first.is_some_and(|line| {
        prompt(line, trust).is_some_and(|(_, rest)| !rest.trim().is_empty()) || is_command(line, trust)
    })
}

/// Whether the block's first line could name a program that the lists do not have (`mytool --flag`): for blocks marked as shell.
pub(super) fn could_begin_with_command(text: &str) -> bool {
    let Some(line) = text.lines().find(|line| !line.trim().is_empty() && !is_comment(line, Trust::Marked)) else {
        return false;
    };
    let word = first_word(line).unwrap_or_default();
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/' | '$' | '{' | '}' | '~')
    };
    !word.is_empty()
        && word.starts_with(|c: char| c.is_ascii_lowercase() || matches!(c, '.' | '/' | '~' | '$'))
        && word.chars().all(plain)
        && !word.contains("//")
        && !line.trim_end().ends_with([':', '.'])
        && !is_object_line(line)
}

/// `deployment.apps/demo created`, `pod/x condition met`: what kubectl prints, not what is typed.
fn is_object_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let object = words.next().is_some_and(|word| {
        word.split_once('/').is_some_and(|(kind, name)| !kind.is_empty() && !kind.starts_with('.') && !name.is_empty())
    });
    object && words.next().is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '('))
}

fn is_comment(line: &str, trust: Trust) -> bool {
    line.trim_start().starts_with('#') && prompt(line, trust).is_none()
}

/// Splits the block. `source` and `lines` are the lesson's.
pub(super) fn entries(block: &BlockLines<'_>, trust: Trust, source: &str, lines: &LineIndex) -> Vec<Entry> {
    let prompted = block.text.iter().any(|line| prompt(line, trust).is_some_and(|(_, rest)| !rest.trim().is_empty()));
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = 0;
    while at < block.text.len() {
        let line = block.text[at];
        let after_command = matches!(entries.last(), Some(Entry { kind: EntryKind::Command { .. }, .. }));
        let in_output = matches!(entries.last(), Some(Entry { kind: EntryKind::Output, .. }));
        if line.trim().is_empty() && !in_output {
            at += 1;
            continue;
        }
        let found = prompt(line, trust);
        if let Some((prompt, rest)) = found {
            if rest.trim().is_empty() {
                at += 1;
                continue;
            }
            let taken = command_lines(&block.text[at..], rest);
            push_command(&mut entries, block, at, taken.clone(), Some(prompt.to_string()), source, lines);
            at += taken.len();
            continue;
        }
        let comment = is_comment(line, trust);
        let trust_here = if in_output { Trust::Guess } else { trust };
        let unprompted_command =
            !comment && is_command(line, trust_here) && !(prompted && (after_command || in_output));
        let first = entries.is_empty() && !comment && !prompted && trust == Trust::Marked;
        if unprompted_command || first {
            let taken = command_lines(&block.text[at..], line);
            push_command(&mut entries, block, at, taken.clone(), None, source, lines);
            at += taken.len();
        } else if comment && !in_output && !(prompted && after_command) {
            at += 1;
        } else {
            push_output(&mut entries, block, at, source, lines);
            at += 1;
        }
    }
    for entry in &mut entries {
        if entry.kind == EntryKind::Output {
            let kept = entry.text.trim_end().len();
            entry.text.truncate(kept);
            entry.text.push('\n');
        }
    }
    entries
}

/// The lines of the logical command that begins with `first` (the line without its prompt), continuation prompts removed.
fn command_lines(rest: &[&str], first: &str) -> Vec<String> {
    let stripped: Vec<&str> = std::iter::once(first)
        .chain(rest.iter().skip(1).map(|line| line.strip_prefix("> ").unwrap_or(if *line == ">" { "" } else { line })))
        .collect();
    let length = logical_length(&stripped);
    let mut taken: Vec<String> = stripped[..length].iter().map(|line| line.to_string()).collect();
    if let Some(first) = taken.first_mut() {
        *first = first.trim_start().to_string();
    }
    // A backslash that nothing follows is a slip of the pen.
    if let Some(last) = taken.last_mut()
        && length == rest.len()
        && ends_in_backslash(last)
    {
        last.pop();
    }
    taken
}

fn push_command(
    entries: &mut Vec<Entry>,
    block: &BlockLines<'_>,
    at: usize,
    taken: Vec<String>,
    prompt: Option<String>,
    source: &str,
    lines: &LineIndex,
) {
    let mut span = block.span(at, at + taken.len(), source, lines);
    if prompt.is_some() {
        // The span of the command begins behind its prompt.
        let first = taken.first().map_or("", |line| line.trim_end());
        let line = lines.span_of_line(block.first + at);
        if let Some(offset) = line.of(source).rfind(first) {
            span.start = line.start + offset;
        }
    }
    let text = taken.join("\n").trim_end().to_string();
    entries.push(Entry { kind: EntryKind::Command { prompt }, text, line: block.first + at, span });
}

fn push_output(entries: &mut Vec<Entry>, block: &BlockLines<'_>, at: usize, source: &str, lines: &LineIndex) {
    let span = block.span(at, at + 1, source, lines);
    let line = block.text[at];
    match entries.last_mut() {
        Some(Entry { kind: EntryKind::Output, text, span: whole, .. }) => {
            text.push_str(line);
            text.push('\n');
            whole.end = whole.end.max(span.end);
        }
        _ => entries.push(Entry { kind: EntryKind::Output, text: format!("{line}\n"), line: block.first + at, span }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, trust: Trust) -> Vec<String> {
        let block = BlockLines::new(text, 1);
        entries(&block, trust, text, &LineIndex::new(text))
            .into_iter()
            .map(|entry| match entry.kind {
                EntryKind::Command { prompt: Some(prompt) } => {
                    format!("{} {prompt}> {}", entry.line, entry.text)
                }
                EntryKind::Command { prompt: None } => format!("{} > {}", entry.line, entry.text),
                EntryKind::Output => format!("{} = {}", entry.line, entry.text.trim_end()),
            })
            .collect()
    }

    #[test]
    fn plain_commands() {
        assert_eq!(
            shown("kubectl get svc\nkubectl get deployments\n", Trust::Guess),
            ["1 > kubectl get svc", "2 > kubectl get deployments"]
        );
        assert_eq!(shown("# comment\n\nA=1 mytool x \\\n  y\n", Trust::Marked), ["3 > A=1 mytool x \\\n  y"]);
    }

    #[test]
    fn prompts_split_commands_from_outputs() {
        let text = "$ kubectl get pods\nNo resources found\n$ echo 'a\n> b'\na\nb\n";
        assert_eq!(
            shown(text, Trust::Marked),
            ["1 $> kubectl get pods", "2 = No resources found", "3 $> echo 'a\nb'", "5 = a\nb"]
        );
        assert_eq!(
            shown("root@web:/# ls /\nbin\n/ # exit\n", Trust::Marked),
            ["1 root@web:/#> ls /", "2 = bin", "3 / #> exit"]
        );
        assert_eq!(
            shown("127.0.0.1:6379> CONFIG GET maxmemory\n1) \"maxmemory\"\n", Trust::Marked),
            ["1 127.0.0.1:6379>> CONFIG GET maxmemory", "2 = 1) \"maxmemory\""]
        );
        assert_eq!(
            shown("[ root@curl-131556218-9fnch:/ ]$ nslookup my-nginx\nServer:    10.0.0.10\n", Trust::Marked)[0],
            "1 [ root@curl-131556218-9fnch:/ ]$> nslookup my-nginx"
        );
    }

    #[test]
    fn a_hash_is_a_comment_in_a_script_and_a_prompt_in_a_transcript() {
        assert_eq!(shown("# kubectl get pods\nls\n", Trust::Marked), ["2 > ls"]);
        assert_eq!(shown("# kubectl get pods\nNAME\n", Trust::Guess), ["1 #> kubectl get pods", "2 = NAME"]);
    }

    #[test]
    fn output_may_follow_its_command_without_prompts() {
        let text = "kubectl get pods -o custom-columns=POD_IP:.status.podIPs\n    POD_IP\n    [map[ip:10.244.3.4]]\n";
        assert_eq!(
            shown(text, Trust::Marked),
            [
                "1 > kubectl get pods -o custom-columns=POD_IP:.status.podIPs",
                "2 =     POD_IP\n    [map[ip:10.244.3.4]]"
            ]
        );
    }

    #[test]
    fn spans_begin_behind_the_prompt() {
        let text = "$ kubectl get pods\n";
        let block = BlockLines::new(text, 1);
        let entries = entries(&block, Trust::Marked, text, &LineIndex::new(text));
        assert_eq!(entries[0].span.of(text), "kubectl get pods");
    }

    #[test]
    fn what_kubectl_prints_is_no_command() {
        for line in [
            "deployment.apps/demo created",
            "service/demo exposed",
            "NAME READY",
            "Error from server (NotFound): x",
            "secret/a configured",
        ] {
            assert!(!begins_with_command(line, Trust::Marked) && !could_begin_with_command(line), "{line}");
        }
        assert!(could_begin_with_command("mytool --flag"));
    }
}
