//! What a code block is: by its info string, its first line, and the sentence before it.

use super::console::{self, BlockLines, Trust};
use super::markdown::Code;
use super::model::{BlockKind, Entry, EntryKind};
use super::span::{LineIndex, Span};
use super::words::{FENCES, PHRASES, Phrase};
use regex::Regex;
use std::sync::LazyLock;

/// What stands before a block in its section.
pub(super) struct Before<'a> {
    /// The paragraph right before it, if nothing else is between.
    pub(super) intro: &'a str,
    /// The last command of the section, if no output followed it yet.
    pub(super) awaiting: Option<&'a str>,
    /// Whether the last block of the section was an output.
    pub(super) after_output: bool,
}

/// Info strings that say nothing about whether commands or their output stand in the block.
fn is_neutral(info: &str) -> bool {
    info.is_empty() || FENCES.output.contains(info) && info != "output"
}

/// Decides what `code` is.
pub(super) fn classify(code: &Code, text: &str, before: &Before<'_>, source: &str, lines: &LineIndex) -> BlockKind {
    let info = info_word(code.info.as_deref().unwrap_or_default());
    let info = info.as_str();
    let console = |trust| BlockKind::Console(console::entries(&BlockLines::new(text, code.line), trust, source, lines));
    let awaits = before.awaiting.is_some();
    let output_said = awaits && PHRASES.says(Phrase::OutputFollows, before.intro);
    if code.execute {
        return console(Trust::Marked);
    }
    if FENCES.cel.contains(info) {
        return BlockKind::Cel;
    }
    if FENCES.display.contains(info) {
        return BlockKind::Display;
    }
    if FENCES.query.contains(info) {
        return if output_said { BlockKind::Output } else { BlockKind::Query };
    }
    if FENCES.commands.contains(info) {
        let begins = console::begins_with_command(text, Trust::Marked);
        return match () {
            _ if begins => console(Trust::Marked),
            _ if output_said => BlockKind::Output,
            _ if console::could_begin_with_command(text) => console(Trust::Marked),
            _ if awaits => BlockKind::Output,
            _ => BlockKind::Display,
        };
    }
    if info == "output" {
        return BlockKind::Output;
    }
    if FENCES.file.contains(info) && !console::begins_with_command(text, Trust::Guess) {
        let named = file_name(code, text, before.intro);
        let file_said = PHRASES.says(Phrase::FileNamed, before.intro);
        let printed = before.awaiting.is_some_and(prints_files) && (before.intro.is_empty() || !file_said);
        let edits = before.awaiting.is_some_and(|command| command.starts_with("kubectl edit"));
        let is_output = awaits
            && (output_said || !edits)
            && !(file_said && named.is_some())
            && (output_said || printed || before.intro.is_empty());
        return if is_output { BlockKind::Output } else { BlockKind::File { name: named } };
    }
    if !output_said && console::begins_with_command(text, Trust::Guess) {
        return console(Trust::Guess);
    }
    if awaits && (is_neutral(info) || output_said) {
        return BlockKind::Output;
    }
    match file_name(code, text, before.intro) {
        Some(name) if !before.after_output || PHRASES.says(Phrase::FileNamed, before.intro) => {
            BlockKind::File { name: Some(name) }
        }
        _ => BlockKind::Display,
    }
}

/// The first word of an info string: `.yaml {linenos=1}` is `yaml`.
fn info_word(info: &str) -> String {
    let word = info.trim().trim_start_matches(['{', '.']);
    let end = word.find(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | ':')).unwrap_or(word.len());
    word[..end].to_lowercase()
}

/// Whether `command` prints YAML, JSON or the text of files.
fn prints_files(command: &str) -> bool {
    static PRINTS: LazyLock<Regex> = LazyLock::new(|| {
        // A literal pattern.
        Regex::new(r"(-o|--output)[ =]?(yaml|json)\b|^(cat|curl|wget)\b|kubectl (kustomize|config view)|\bhelm template\b|\bcat /|\bget --raw\b").expect("pattern compiles")
    });
    PRINTS.is_match(command)
}

/// The name of the file that a block shows.
fn file_name(code: &Code, text: &str, intro: &str) -> Option<String> {
    static TITLE: LazyLock<Regex> = LazyLock::new(|| {
        // A literal pattern.
        Regex::new(r#"(?:title|file|filename|name)\s*=\s*["']?([^"'\s}]+)"#).expect("pattern compiles")
    });
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
        // A literal pattern.
        Regex::new(r"^\s*(?:#|//|;|--)\s*(?:file(?:name)?:\s*)?([\w./-]+\.[A-Za-z0-9]+)\s*$").expect("pattern compiles")
    });
    let info = code.info.as_deref().unwrap_or_default();
    if let Some(found) = TITLE.captures(info).and_then(|found| found.get(1)) {
        return Some(found.as_str().to_string());
    }
    let first = text.lines().next().unwrap_or_default();
    if let Some(found) = COMMENT.captures(first).and_then(|found| found.get(1)) {
        return Some(found.as_str().to_string());
    }
    if PHRASES.says(Phrase::FileNamed, intro) { name_in(intro) } else { None }
}

/// The last file name that stands in backticks, bold or plain in `text`.
fn name_in(text: &str) -> Option<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        // A literal pattern.
        Regex::new(r"(?:`|\*\*|\s|^)((?:[\w-][\w./-]*/)?[\w-][\w.-]*\.(?:ya?ml|json|toml|ini|conf|cfg|properties|env|txt|sh|py|js|html|sql|crt|key|pem|csr|cnf|config|tf|go))(?:`|\*\*|[\s:,.;)]|$)")
            .expect("pattern compiles")
    });
    NAME.captures_iter(text).last().and_then(|found| found.get(1)).map(|name| name.as_str().to_string())
}

/// `` Run `kubectl kustomize ./` to see it. ``: commands that stand only in a sentence.
pub(super) fn commands_in_sentence(text: &str, span: Span, source: &str, lines: &LineIndex) -> Vec<(Entry, Span)> {
    let mut found = Vec::new();
    if !PHRASES.says(Phrase::RunInline, &text.split('`').next().unwrap_or_default().replace('\n', " ")) {
        return found;
    }
    let raw = span.of(source);
    let mut at = 0;
    while let Some(open) = raw[at..].find('`').map(|open| at + open + 1) {
        let Some(length) = raw[open..].find('`') else {
            break;
        };
        let code = &raw[open..open + length];
        let says_run = PHRASES.says(Phrase::RunInline, &raw[..open - 1].replace('\n', " "));
        let telling = code.split_whitespace().count() > 1 && !code.contains(['<', '…', '\n']) && !code.contains("...");
        if says_run && telling && console::is_command(code, Trust::Guess) {
            let span = Span::new(span.start + open, span.start + open + length);
            let entry = Entry {
                kind: EntryKind::Command { prompt: None },
                text: code.to_string(),
                line: lines.line(span.start),
                span,
            };
            found.push((entry, span));
        }
        at = open + length + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(info: &str, text: &str, intro: &str, awaiting: Option<&str>) -> &'static str {
        let code = Code {
            info: Some(info.into()),
            text: text.into(),
            line: 1,
            span: Span::new(0, text.len()),
            closed: true,
            execute: false,
        };
        let before = Before { intro, awaiting, after_output: false };
        match classify(&code, text, &before, text, &LineIndex::new(text)) {
            BlockKind::Console(_) => "console",
            BlockKind::Output => "output",
            BlockKind::File { name: Some(_) } => "named file",
            BlockKind::File { name: None } => "file",
            BlockKind::Query => "query",
            BlockKind::Cel => "cel",
            BlockKind::Display => "display",
        }
    }

    #[test]
    fn without_info_the_first_line_decides() {
        assert_eq!(kind("", "kubectl get pods\n", "", None), "console");
        assert_eq!(kind("", "$ mytool\n", "", None), "console");
        assert_eq!(kind("", "deployment.apps/demo created\n", "", Some("kubectl create deployment demo")), "output");
        assert_eq!(kind("", "some drawing\n", "", None), "display");
    }

    #[test]
    fn outputs_are_told_by_their_sentence() {
        assert_eq!(kind("shell", "1) \"maxmemory\"\n", "It should show:", Some("CONFIG GET maxmemory")), "output");
        assert_eq!(kind("", "echo hi\n", "The output is similar to this:", Some("kubectl exec x -- cat f")), "output");
        assert_eq!(
            kind("yaml", "kind: Pod\n", "The output is similar to this:", Some("kubectl get pod -o yaml")),
            "output"
        );
        assert_eq!(kind("yaml", "kind: Pod\n", "", Some("kubectl get pod -o yaml")), "output");
    }

    #[test]
    fn files_have_names_nearby() {
        assert_eq!(kind("yaml", "kind: Pod\n", "Save this as `pod.yaml`:", Some("kubectl get pods")), "named file");
        assert_eq!(kind("yaml", "# pod.yaml\nkind: Pod\n", "", None), "named file");
        assert_eq!(kind("yaml title=\"pod.yaml\"", "kind: Pod\n", "", None), "named file");
        assert_eq!(kind("yaml", "kind: Pod\n", "Here is a Pod:", None), "file");
        assert_eq!(kind("yaml", "kubectl get pods\n", "", None), "console");
    }

    #[test]
    fn commands_in_a_sentence() {
        let text = "Run `kubectl kustomize ./` to see it. A `kubectl get` is not run.";
        let found = commands_in_sentence(text, Span::new(0, text.len()), text, &LineIndex::new(text));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.of(text), "kubectl kustomize ./");
    }
}
