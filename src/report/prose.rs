//! Markdown prose for reading: wrapped, bold headings, bullets; painted on a terminal, plain elsewhere.

use super::style::Style;
use crate::lesson::{Block, BlockKind, Item, Prose, ProseKind, Section};
use regex::Regex;
use std::sync::LazyLock;

/// How text is set.
#[derive(Debug, Clone, Copy)]
pub struct Prosaist {
    /// Colours.
    pub style: Style,
    /// Whether the text goes to a terminal; elsewhere headings are underlined and backticks stay.
    pub terminal: bool,
    /// Columns.
    pub width: usize,
}

/// How a word is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Plain,
    Bold,
    Code,
}

impl Prosaist {
    /// A heading; level 1 is a page's title.
    pub fn heading(&self, text: &str, level: u8) -> String {
        if self.terminal {
            return format!("{}\n\n", self.style.bold(text));
        }
        let line = if level <= 1 { "=" } else { "-" };
        format!("{text}\n{}\n\n", line.repeat(text.chars().count()))
    }

    /// All that is to be read in a section, without its heading.
    pub fn section(&self, section: &Section) -> String {
        let mut text = String::new();
        let mut listed = false;
        for item in &section.items {
            let (piece, is_list) = match item {
                Item::Prose(prose) => {
                    (self.prose(prose), matches!(prose.kind, ProseKind::Bullet(_) | ProseKind::Numbered(..)))
                }
                Item::Claim(claim) => (self.block(&claim.text, "• ", 0), true),
                Item::Block(block) => (self.code(block), false),
                Item::Control(_) | Item::Sample(_) => continue,
            };
            // Bullets stand close together, everything else is kept apart.
            let close = listed && is_list;
            if !text.is_empty() && !close {
                text.push('\n');
            }
            text.push_str(&piece);
            listed = is_list;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// A paragraph, a list item, a quote; ends in one line end.
    pub fn prose(&self, prose: &Prose) -> String {
        let depth = |depth: u8| usize::from(depth) * 2;
        match prose.kind {
            ProseKind::Paragraph => self.block(&prose.text, "", 0),
            ProseKind::Bullet(level) => self.block(&prose.text, "• ", depth(level)),
            ProseKind::Numbered(level, number) => self.block(&prose.text, &format!("{number}. "), depth(level)),
            ProseKind::Quote => self.block(&prose.text, "│ ", 0),
            ProseKind::Table => format!("{}\n", prose.text),
        }
    }

    fn code(&self, block: &Block) -> String {
        let command = matches!(block.kind, BlockKind::Console(_));
        let line = |line: &str| {
            let line = if command { self.style.command(line) } else { line.to_string() };
            if line.is_empty() { "\n".to_string() } else { format!("    {line}\n") }
        };
        block.text.lines().map(line).collect()
    }

    /// Wraps `text` behind `mark`; the lines after the first stand below the first word.
    fn block(&self, text: &str, mark: &str, indentation: usize) -> String {
        let hanging = indentation + mark.chars().count();
        let width = self.width.saturating_sub(hanging).max(20);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut columns = 0;
        for word in words(text) {
            let length: usize = word.iter().map(|(piece, face)| self.length(piece, *face)).sum();
            if columns > 0 && columns + 1 + length > width {
                lines.push(std::mem::take(&mut line));
                columns = 0;
            }
            if columns > 0 {
                line.push(' ');
                columns += 1;
            }
            columns += length;
            line.extend(word.iter().map(|(piece, face)| self.set(piece, *face)));
        }
        lines.push(line);
        let set = |(at, line): (usize, &String)| match at {
            0 => format!("{}{mark}{line}\n", " ".repeat(indentation)),
            _ if mark == "│ " => format!("{mark}{line}\n"),
            _ => format!("{}{line}\n", " ".repeat(hanging)),
        };
        lines.iter().enumerate().map(set).collect()
    }

    fn length(&self, piece: &str, face: Face) -> usize {
        piece.chars().count() + if face == Face::Code && !self.terminal { 2 } else { 0 }
    }

    fn set(&self, piece: &str, face: Face) -> String {
        match face {
            Face::Plain => piece.to_string(),
            Face::Bold => self.style.bold(piece),
            Face::Code if self.terminal => self.style.command(piece),
            Face::Code => format!("`{piece}`"),
        }
    }
}

/// The words of a text with their faces; a code span is one word, spaces and all.
fn words(text: &str) -> Vec<Vec<(String, Face)>> {
    // Literal patterns.
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"!?\[([^\]\n]*)\]\(([^)\s]*)[^)\n]*\)").expect("pattern compiles"));
    static SPAN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"``([^`]+)``|`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__").expect("pattern compiles"));
    static EMPHASIS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(^|[\s(])[*_]([^*_\s][^*_]*)[*_]").expect("pattern compiles"));
    let text = LINK.replace_all(text, |found: &regex::Captures<'_>| match &found[2] {
        url if url.starts_with("http") && url != &found[1] => format!("{} ({url})", &found[1]),
        _ => found[1].to_string(),
    });
    let mut words: Vec<Vec<(String, Face)>> = vec![Vec::new()];
    let plain = |text: &str, face: Face, words: &mut Vec<Vec<(String, Face)>>| {
        let text = if face == Face::Plain { EMPHASIS.replace_all(text, "$1$2").into_owned() } else { text.to_string() };
        for (at, word) in text.split(char::is_whitespace).enumerate() {
            if at > 0 {
                words.push(Vec::new());
            }
            if let (false, Some(last)) = (word.is_empty(), words.last_mut()) {
                last.push((word.replace("\\<", "<").replace("\\_", "_").replace("\\*", "*"), face));
            }
        }
    };
    let mut done = 0;
    for found in SPAN.captures_iter(&text) {
        let Some(whole) = found.get(0) else { continue };
        plain(&text[done..whole.start()], Face::Plain, &mut words);
        done = whole.end();
        if let Some(code) = found.get(1).or(found.get(2)) {
            if let Some(last) = words.last_mut() {
                last.push((code.as_str().split_whitespace().collect::<Vec<_>>().join(" "), Face::Code));
            }
        } else if let Some(bold) = found.get(3).or(found.get(4)) {
            plain(bold.as_str(), Face::Bold, &mut words);
        }
    }
    plain(&text[done..], Face::Plain, &mut words);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, kind: ProseKind, width: usize) -> String {
        let prosaist = Prosaist { style: Style::plain(), terminal: false, width };
        prosaist.prose(&Prose { kind, text: text.into(), line: 1, span: Default::default() })
    }

    #[test]
    fn paragraphs_wrap_and_bullets_hang() {
        assert_eq!(set("one two three four\nfive", ProseKind::Paragraph, 20), "one two three four\nfive\n");
        assert_eq!(set("one two three four five", ProseKind::Bullet(1), 24), "  • one two three four\n    five\n");
        assert_eq!(set("a b", ProseKind::Numbered(0, 3), 40), "3. a b\n");
    }

    #[test]
    fn markup_is_read_not_shown() {
        assert_eq!(
            set("a **bold** *word* [link](https://x.y) and [one](/z)", ProseKind::Paragraph, 80),
            "a bold word link (https://x.y) and one\n"
        );
        assert_eq!(set("run `kubectl get pods`.", ProseKind::Paragraph, 80), "run `kubectl get pods`.\n");
        assert_eq!(set("max_depth and a*b", ProseKind::Paragraph, 80), "max_depth and a*b\n");
    }
}
