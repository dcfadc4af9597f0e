//! Markdown into flat pieces: headings, running text, code, comments; each with its bytes. pulldown-cmark decides what is what.

use super::model::ProseKind;
use super::span::{LineIndex, Span};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A piece of the page, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Heading {
        level: u8,
        text: String,
        span: Span,
    },
    Prose {
        kind: ProseKind,
        text: String,
        span: Span,
    },
    Code(Code),
    /// Raw HTML, comments among it.
    Html {
        span: Span,
    },
}

/// A code block as markdown sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Code {
    pub(super) info: Option<String>,
    pub(super) text: String,
    /// Line of its first line of text.
    pub(super) line: usize,
    pub(super) span: Span,
    pub(super) closed: bool,
    /// `{{execute}}` stands behind its closing fence, or behind the code span that it was.
    pub(super) execute: bool,
}

// A literal pattern.
static EXECUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)(^[ \t>]*(?:```+|~~~+)|`)(\{\{(?:execute|exec|copy)[^}\n]*\}\})").expect("pattern compiles")
});

/// The marks of interactive course platforms, taken out with their places: behind a closing fence they would keep it open.
fn mask(source: &str) -> (String, Vec<Span>) {
    let mut masked = source.to_string();
    let mut marks = Vec::new();
    for found in EXECUTE.captures_iter(source) {
        let Some(mark) = found.get(2) else { continue };
        // Same length, so that all offsets stay true.
        masked.replace_range(mark.range(), &" ".repeat(mark.len()));
        if !mark.as_str().starts_with("{{copy") {
            marks.push(Span::from(mark.range()));
        }
    }
    (masked, marks)
}

/// Reads the markdown of `source` from byte `from` on.
pub(super) fn pieces(source: &str, from: usize, lines: &LineIndex) -> Vec<Piece> {
    let (masked, marks) = mask(source);
    // `from` is the end of the front matter, on a character boundary.
    let body = masked.get(from..).unwrap_or_default();
    let mut walker =
        Walker { source, lines, marks, from, pieces: Vec::new(), lists: Vec::new(), items: 0, quotes: 0, inline: None };
    let mut depth_in_table = 0usize;
    let mut code: Option<(Option<String>, String, Option<usize>)> = None;
    let mut heading: Option<Range<usize>> = None;
    for (event, range) in Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter() {
        let range = range.start + from..range.end + from;
        if depth_in_table > 0 {
            match event {
                Event::Start(Tag::Table(_)) => depth_in_table += 1,
                Event::End(TagEnd::Table) => depth_in_table -= 1,
                _ => {}
            }
            continue;
        }
        match event {
            Event::Start(Tag::Table(_)) => {
                walker.end_inline();
                depth_in_table = 1;
                let span = Span::from(range);
                walker.pieces.push(Piece::Prose {
                    kind: ProseKind::Table,
                    text: span.of(source).trim_end().to_string(),
                    span,
                });
            }
            Event::Start(Tag::Heading { level, .. }) => {
                walker.end_inline();
                heading = Some(range.clone());
                let span = Span::from(range.clone());
                walker.pieces.push(Piece::Heading { level: level as u8, text: heading_text(span.of(source)), span });
            }
            Event::End(TagEnd::Heading(_)) => heading = None,
            Event::Start(Tag::CodeBlock(kind)) => {
                walker.end_inline();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                code = Some((info, String::new(), None));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((info, text, first)) = code.take() {
                    walker.code(info, text, first, range);
                }
            }
            Event::Text(text) if code.is_some() => {
                if let Some((_, whole, first)) = &mut code {
                    whole.push_str(&text);
                    first.get_or_insert(range.start);
                }
            }
            Event::Start(Tag::List(start)) => {
                walker.end_inline();
                walker.lists.push(start);
            }
            Event::End(TagEnd::List(_)) => {
                walker.end_inline();
                walker.lists.pop();
            }
            Event::Start(Tag::Item) => {
                walker.end_inline();
                walker.items += 1;
            }
            Event::End(TagEnd::Item) => {
                walker.end_inline();
                walker.items = walker.items.saturating_sub(1);
                if let Some(Some(number)) = walker.lists.last_mut() {
                    *number = number.saturating_add(1);
                }
            }
            Event::Start(Tag::BlockQuote(_)) => {
                walker.end_inline();
                walker.quotes += 1;
            }
            Event::End(TagEnd::BlockQuote(_)) => {
                walker.end_inline();
                walker.quotes = walker.quotes.saturating_sub(1);
            }
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) | Event::Rule => walker.end_inline(),
            Event::Start(Tag::HtmlBlock) => {
                walker.end_inline();
                walker.pieces.push(Piece::Html { span: Span::from(range) });
            }
            Event::Html(_) | Event::End(TagEnd::HtmlBlock) => {}
            _ if heading.is_some() => {}
            _ => walker.inline(range),
        }
    }
    walker.end_inline();
    walker.pieces
}

struct Walker<'a> {
    source: &'a str,
    lines: &'a LineIndex,
    marks: Vec<Span>,
    from: usize,
    pieces: Vec<Piece>,
    /// First numbers of the ordered lists that are open.
    lists: Vec<Option<u64>>,
    items: u32,
    quotes: u32,
    inline: Option<Range<usize>>,
}

impl Walker<'_> {
    fn inline(&mut self, range: Range<usize>) {
        let whole = self.inline.get_or_insert(range.clone());
        *whole = whole.start.min(range.start)..whole.end.max(range.end);
    }

    fn end_inline(&mut self) {
        let Some(range) = self.inline.take() else { return };
        let span = Span::from(range);
        let quoted = self.quotes > 0;
        let strip = |line: &str| {
            let line = if quoted { line.trim_start().trim_start_matches(['>', ' ']) } else { line };
            line.trim().to_string()
        };
        let text: Vec<String> = span.of(self.source).lines().map(strip).collect();
        let text = text.join("\n").trim().to_string();
        if text.is_empty() {
            return;
        }
        let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
        let kind = match self.lists.last() {
            Some(Some(number)) if self.items > 0 => ProseKind::Numbered(depth, *number),
            Some(None) if self.items > 0 => ProseKind::Bullet(depth),
            _ if quoted => ProseKind::Quote,
            _ => ProseKind::Paragraph,
        };
        self.pieces.push(Piece::Prose { kind, text, span });
        self.marked_code(span);
    }

    /// `` `kubectl get pods`{{execute}} ``: a command in running text.
    fn marked_code(&mut self, span: Span) {
        let marks: Vec<Span> =
            self.marks.iter().copied().filter(|mark| mark.start > span.start && mark.start <= span.end).collect();
        for mark in marks {
            let before = self.source.get(span.start..mark.start).unwrap_or_default();
            let Some(inner) = before.strip_suffix('`') else {
                continue;
            };
            let Some(open) = inner.rfind('`') else { continue };
            let start = span.start + open + 1;
            let code = Span::new(start, start + inner.len() - open - 1);
            self.pieces.push(Piece::Code(Code {
                info: Some("shell".into()),
                text: format!("{}\n", code.of(self.source)),
                line: self.lines.line(start),
                span: code,
                closed: true,
                execute: true,
            }));
        }
    }

    fn code(&mut self, info: Option<String>, text: String, first: Option<usize>, range: Range<usize>) {
        let mut span = Span::from(range);
        let whole = span.of(self.source);
        let last = whole.trim_end().lines().last().unwrap_or_default().trim_start_matches([' ', '\t', '>']);
        let line_of_start = self.lines.line(span.start);
        let fence = |line: &str| line.starts_with("```") || line.starts_with("~~~");
        let one_line = whole.trim_end().lines().count() < 2;
        let closed = info.is_none() || (fence(last) && !one_line);
        let execute = self.marks.iter().any(|mark| mark.start >= span.start && mark.start <= span.end + 1);
        let line = first.map_or(line_of_start + 1, |at| self.lines.line(at));
        span.end = span.start + whole.trim_end().len();
        span.start = span.start.max(self.from);
        let code = Code { info, text, line, span, closed, execute };
        self.pieces.push(Piece::Code(unwrap_indented_fence(code)));
    }
}

/// A fence that stands four columns deep is an indented code block to markdown; its author meant a fence.
fn unwrap_indented_fence(code: Code) -> Code {
    if code.info.is_some() {
        return code;
    }
    let mut lines = code.text.lines();
    let Some(info) = lines.next().and_then(|line| line.trim().strip_prefix("```")) else {
        return code;
    };
    let rest: Vec<&str> = lines.collect();
    let Some(end) = rest.iter().position(|line| line.trim() == "```") else {
        return code;
    };
    let text: String = rest[..end].iter().map(|line| format!("{line}\n")).collect();
    Code { info: Some(info.trim().to_string()), text, line: code.line + 1, ..code }
}

// Literal patterns.
static HEADING_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s*\{#[^}]*\}\s*$").expect("pattern compiles"));
static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"!?\[([^\]\n]*)\]\([^)\n]*\)").expect("pattern compiles"));
static EMPHASIS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\*\*|__|\*|~~)([^*\n]+?)(\*\*|__|\*|~~)").expect("pattern compiles"));

/// The text of a heading's bytes, without markup.
fn heading_text(raw: &str) -> String {
    let line: String = raw
        .lines()
        .map(|line| line.trim_start_matches(['>', ' ', '\t']))
        .filter(|line| line.is_empty() || !line.trim_end().bytes().all(|byte| matches!(byte, b'=' | b'-')))
        .collect::<Vec<_>>()
        .join(" ");
    let line = line.trim().trim_start_matches('#').trim().trim_end_matches('#').trim();
    let (line, _) = super::shortcode::resolve(line);
    plain(&HEADING_ID.replace(&line, "")).replace('`', "")
}

/// `text` without links and emphasis; backticks stay.
pub(crate) fn plain(text: &str) -> String {
    let text = LINK.replace_all(text, "$1");
    EMPHASIS.replace_all(&text, "$2").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> Vec<String> {
        pieces(source, 0, &LineIndex::new(source))
            .into_iter()
            .map(|piece| match piece {
                Piece::Heading { level, text, .. } => format!("h{level} {text}"),
                Piece::Prose { kind, text, .. } => format!("{kind:?} {text}"),
                Piece::Code(code) => format!(
                    "{} {:?}{} {:?}",
                    code.line,
                    code.info,
                    if code.execute { " execute" } else { "" },
                    code.text
                ),
                Piece::Html { span } => format!("html {}", span.of(source).trim()),
            })
            .collect()
    }

    #[test]
    fn headings_paragraphs_lists_and_fences() {
        let page = "## A `b` [c](d) {#id}\n\ntext *more*\nlines\n\n* one\n* two\n  1. deep\n\n```shell\nls\n```\n";
        let expected = [
            "h2 A b c",
            "Paragraph text *more*\nlines",
            "Bullet(0) one",
            "Bullet(0) two",
            "Numbered(1, 1) deep",
            "11 Some(\"shell\") \"ls\\n\"",
        ];
        assert_eq!(shown(page), expected);
    }

    #[test]
    fn code_in_lists_and_quotes_has_its_own_lines() {
        let page = "1. do\n\n   ```\n   ls\n     -l\n   ```\n\n> note\n>\n> ```sh\n> pwd\n> ```\n";
        assert_eq!(
            shown(page),
            ["Numbered(0, 1) do", "4 Some(\"\") \"ls\\n  -l\\n\"", "Quote note", "11 Some(\"sh\") \"pwd\\n\""]
        );
    }

    #[test]
    fn indented_code_and_fences_four_columns_deep() {
        assert_eq!(shown("text\n\n    kubectl get pods\n"), ["Paragraph text", "3 None \"kubectl get pods\\n\""]);
        assert_eq!(shown("text\n\n    ```shell\n    ls\n    ```\n"), ["Paragraph text", "4 Some(\"shell\") \"ls\\n\""]);
    }

    #[test]
    fn execute_marks_close_their_fence() {
        assert_eq!(
            shown("```\nkubectl get pods\n```{{execute}}\n\nafter\n"),
            ["2 Some(\"\") execute \"kubectl get pods\\n\"", "Paragraph after"]
        );
        assert_eq!(
            shown("Run `ls`{{exec}} now.\n"),
            ["Paragraph Run `ls`{{exec}} now.", "1 Some(\"shell\") execute \"ls\\n\""]
        );
    }

    #[test]
    fn comments_are_html() {
        assert_eq!(shown("<!-- lesson: skip -->\n\ntext\n"), ["html <!-- lesson: skip -->", "Paragraph text"]);
    }
}
