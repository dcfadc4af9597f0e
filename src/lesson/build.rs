//! Pieces of markdown into sections with prose, blocks, claims and controls.

use super::classify::{self, Before};
use super::codes::Reporter;
use super::control;
use super::front_matter::{self, Outcome};
use super::markdown::{self, Code, Piece};
use super::model::*;
use super::problem::Problem;
use super::sections;
use super::shortcode::{self, Effect};
use super::span::{LineIndex, Span};
use super::words::{PHRASES, Phrase};
use regex::Regex;
use std::path::Path;
use std::sync::LazyLock;

/// Reads a lesson. Takes any text and never panics; what is odd about it comes back as problems.
pub fn parse(text: &str, path: &Path) -> (Lesson, Vec<Problem>) {
    let lines = LineIndex::new(text);
    let reporter = Reporter { file: path, lines: &lines };
    let mut problems = Vec::new();
    let front_matter = match front_matter::read(text, &lines) {
        Outcome::Found(front_matter) => front_matter,
        Outcome::None => FrontMatter::default(),
        Outcome::Unclosed(line) => {
            let help = "end it with a line of three dashes, `---`".to_string();
            problems.push(reporter.problem(
                "L001",
                lines.span_of_line(line),
                "the front matter is never closed",
                Some(help),
            ));
            FrontMatter::default()
        }
    };
    let from = front_matter.span.end;
    let mut builder = Builder::new(text, &lines, reporter, from);
    for piece in markdown::pieces(text, from, &lines) {
        builder.piece(piece);
    }
    let (mut parsed, found) = builder.finish();
    problems.extend(found);
    sections::settle(&mut parsed);
    let heading = parsed.iter().find(|section| section.level > 0).map(|section| section.heading.clone());
    let title = front_matter.get("title").filter(|title| !title.is_empty()).map(String::from).or(heading);
    if title.is_none() && !text.trim().is_empty() {
        let help = "begin with `# The lesson's title`, or front matter with `title:`".to_string();
        problems.push(reporter.problem("L002", lines.span_of_line(1), "the lesson has no title", Some(help)));
    }
    let title =
        title.unwrap_or_else(|| path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()));
    problems.sort_by_key(|problem| (problem.span.start, problem.code.clone()));
    (Lesson { file: path.to_path_buf(), source: text.to_string(), front_matter, title, sections: parsed }, problems)
}

/// A list of claims that is being read.
struct ClaimList {
    section: ClaimSection,
    intro: Span,
    count: usize,
}

struct Builder<'a> {
    source: &'a str,
    lines: &'a LineIndex,
    reporter: Reporter<'a>,
    sections: Vec<Section>,
    claims: Option<ClaimList>,
    /// Number of the alternative that is being read, from 1; 0 outside of alternatives.
    tab: u32,
    problems: Vec<Problem>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, lines: &'a LineIndex, reporter: Reporter<'a>, from: usize) -> Builder<'a> {
        let rest = &source[from..];
        let start = from + (rest.len() - rest.trim_start().len());
        let preface = Section {
            kind: SectionKind::Other,
            heading: String::new(),
            level: 0,
            line: lines.line(start),
            span: Span::new(start, source.len()),
            items: Vec::new(),
        };
        Builder { source, lines, reporter, sections: vec![preface], claims: None, tab: 0, problems: Vec::new() }
    }

    /// The section that is being read: there is always the preface.
    fn section(&mut self) -> &mut Section {
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn finish(mut self) -> (Vec<Section>, Vec<Problem>) {
        self.end_claims();
        if self.sections.len() > 1 && self.sections[0].items.is_empty() {
            self.sections.remove(0);
        }
        (self.sections, self.problems)
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Heading { level, text, span } => self.heading(level, text, span),
            Piece::Prose { kind, text, span } => self.prose(kind, text, span),
            Piece::Code(code) => self.code(code),
            Piece::Html { span } => self.html(span),
        }
    }

    fn heading(&mut self, level: u8, text: String, span: Span) {
        self.end_claims();
        if let Some(section) = sections::claim_heading(&text) {
            // "### What changed" belongs to the step before it.
            self.claims = Some(ClaimList { section, intro: span, count: 0 });
            return;
        }
        self.section().span.end = span.start;
        let section = Section {
            kind: sections::kind_by_heading(&text).unwrap_or(SectionKind::Other),
            heading: text,
            level,
            line: self.lines.line(span.start),
            span: Span::new(span.start, self.source.len()),
            items: Vec::new(),
        };
        self.sections.push(section);
    }

    fn html(&mut self, span: Span) {
        self.controls(span);
        // A literal pattern.
        static SUMMARY: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"<summary>([^<]*)</summary>").expect("pattern compiles"));
        let summary =
            SUMMARY.captures(span.of(self.source)).and_then(|found| found.get(1)).map(|text| text.as_str().to_string());
        if let Some(summary) = summary.filter(|text| sections::kind_by_heading(text).is_some()) {
            self.heading(6, summary, span);
        }
    }

    fn controls(&mut self, span: Span) {
        for found in control::find(self.source, span, self.lines) {
            self.problems.extend(control::check(&found, &self.reporter));
            self.section().items.push(Item::Control(found));
        }
    }

    fn prose(&mut self, kind: ProseKind, text: String, span: Span) {
        let (text, effects) = shortcode::resolve(&text);
        for (_, effect) in effects {
            match effect {
                Effect::Sample(path) => {
                    let line = self.lines.line(span.start);
                    self.section().items.push(Item::Sample(Sample { path, line, span }));
                }
                Effect::Tabs { .. } => self.tab = 0,
                Effect::Tab { closes } => self.tab += u32::from(!closes),
            }
        }
        self.controls(span);
        let text = without_comments(&text);
        if text.is_empty() {
            return;
        }
        let listed = matches!(kind, ProseKind::Bullet(_) | ProseKind::Numbered(..));
        if listed && self.claims.is_some() {
            self.claim(&text, span);
            return;
        }
        if !listed {
            self.end_claims();
            if let Some((section, rest)) = sections::claim_intro(&text) {
                self.claims = Some(ClaimList { section, intro: span, count: 0 });
                if section == ClaimSection::Assumption {
                    let line = self.lines.line(span.start);
                    self.section().items.push(Item::Prose(Prose { kind, text: text.clone(), line, span }));
                }
                if !rest.is_empty() {
                    let start = span.of(self.source).rfind(rest.lines().next().unwrap_or_default()).unwrap_or(0);
                    self.claim(rest, Span::new(span.start + start, span.end));
                }
                return;
            }
        }
        let line = self.lines.line(span.start);
        self.section().items.push(Item::Prose(Prose { kind, text: text.clone(), line, span }));
        match self.section().kind {
            SectionKind::InitialState => self.sentences(ClaimSection::Initial, span),
            SectionKind::Assumptions if listed => self.claim_item(ClaimSection::Assumption, &text, span),
            _ => {}
        }
        self.inline_commands(&text, span);
    }

    fn inline_commands(&mut self, text: &str, span: Span) {
        if matches!(self.section().kind, SectionKind::Theory | SectionKind::Assumptions) || self.tab > 1 {
            return;
        }
        for (entry, code) in classify::commands_in_sentence(text, span, self.source, self.lines) {
            let block = Block {
                text: format!("{}\n", entry.text),
                line: entry.line,
                kind: BlockKind::Console(vec![entry]),
                info: None,
                span: code,
            };
            self.section().items.push(Item::Block(block));
        }
    }

    /// Each sentence of a paragraph that states something.
    fn sentences(&mut self, section: ClaimSection, span: Span) {
        for sentence in sections::sentences(self.source, span) {
            let text = sentence.of(self.source);
            if !text.ends_with(':') && !PHRASES.says(Phrase::Imperative, text) {
                let text = text.to_string();
                self.claim_item(section, &text, sentence);
            }
        }
    }

    fn claim(&mut self, text: &str, span: Span) {
        let Some(list) = &mut self.claims else { return };
        list.count += 1;
        let section = list.section;
        self.claim_item(section, text, span);
    }

    fn claim_item(&mut self, section: ClaimSection, text: &str, span: Span) {
        let text = markdown::plain(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let text = text.trim_start_matches("[ ] ").trim_start_matches("[x] ").to_string();
        let (line, column) = (self.lines.line(span.start), self.lines.column(span.start));
        self.section().items.push(Item::Claim(ClaimText { section, text, line, column, span }));
    }

    fn end_claims(&mut self) {
        let Some(list) = self.claims.take() else { return };
        if list.count == 0 && list.section != ClaimSection::Assumption {
            let help = "write one bullet a claim below it".to_string();
            let problem = self.reporter.problem("L006", list.intro, "no claims stand below this line", Some(help));
            self.problems.push(problem);
        }
    }

    fn code(&mut self, code: Code) {
        if !code.closed {
            let line = self.lines.line(code.span.start);
            let help = "end it with a line of three backticks".to_string();
            let problem = self.reporter.problem(
                "L003",
                self.lines.span_of_line(line),
                "this code block is never closed",
                Some(help),
            );
            self.problems.push(problem);
        }
        let (text, _) = shortcode::resolve(&code.text);
        if let (true, Some(Item::Block(last))) = (code.execute, self.section().items.last())
            && last.text.trim() == text.trim()
        {
            // Marked with {{execute}} and told by its sentence: one command.
            return;
        }
        let alternative = self.tab > 1;
        let (source, lines) = (self.source, self.lines);
        let section = self.section();
        let repeats = repeated_in_sentence(section, &text);
        if repeats {
            section.items.pop();
        }
        let before = before(section);
        let mut kind = classify::classify(&code, &text, &before, source, lines);
        if alternative {
            kind = BlockKind::Display;
        }
        let is_claim = kind == BlockKind::Cel;
        section.items.push(Item::Block(Block { kind, info: code.info, text, line: code.line, span: code.span }));
        if is_claim {
            if let Some(list) = &mut self.claims {
                list.count += 1;
            }
        } else {
            self.end_claims();
        }
    }
}

/// Whether the section ends in a command of a sentence that the block `text` shows again.
fn repeated_in_sentence(section: &Section, text: &str) -> bool {
    match section.items.last() {
        Some(Item::Block(Block { kind: BlockKind::Console(entries), info: None, text: told, .. })) => {
            let first = text.lines().next().unwrap_or_default();
            entries.len() == 1 && first.contains(told.trim())
        }
        _ => false,
    }
}

fn before(section: &Section) -> Before<'_> {
    let intro = match section.items.iter().rev().find(|item| !matches!(item, Item::Control(_) | Item::Sample(_))) {
        Some(Item::Prose(prose)) => prose.text.as_str(),
        _ => "",
    };
    let mut told = section.blocks().filter(|block| !matches!(block.kind, BlockKind::Display | BlockKind::Cel)).rev();
    let last = told.next();
    let awaiting = match last.map(|block| &block.kind) {
        Some(BlockKind::Console(entries)) => last_command(entries).filter(|command| !writes_a_file(command)),
        Some(BlockKind::Query) => Some("query"),
        // What the editor shows stands between `kubectl edit` and what it prints.
        Some(BlockKind::File { name: None }) => match told.next().map(|block| &block.kind) {
            Some(BlockKind::Console(entries)) => {
                last_command(entries).filter(|command| command.starts_with("kubectl edit"))
            }
            _ => None,
        },
        _ => None,
    };
    let after_output = matches!(last.map(|block| &block.kind), Some(BlockKind::Output));
    Before { intro, awaiting, after_output }
}

/// The command that a console block ends in, if it does not end in an output.
fn last_command(entries: &[Entry]) -> Option<&str> {
    match entries.last() {
        Some(Entry { kind: EntryKind::Command { .. }, text, .. }) => Some(text),
        _ => None,
    }
}

/// Whether a command only writes a file and prints nothing: `cat <<EOF > x.yaml`, `echo hi > x`.
fn writes_a_file(command: &str) -> bool {
    // A literal pattern.
    static WRITES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:cat|echo|printf)\b[^|\n]*[^2&]>>?\s*[^&\s]").expect("pattern compiles"));
    WRITES.is_match(command)
}

/// `text` without HTML comments.
fn without_comments(text: &str) -> String {
    // A literal pattern.
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)<!--.*?-->").expect("pattern compiles"));
    COMMENT.replace_all(text, "").trim().to_string()
}
