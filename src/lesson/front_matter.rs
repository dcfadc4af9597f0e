//! The `key: value` lines at the top of a page, read line by line: `title: Service Types: ClusterIP vs NodePort` is no YAML.

use super::model::{FrontMatter, FrontMatterEntry};
use super::span::{LineIndex, Span};

/// Keys that are never the de-indented child of an empty key before them.
const TOP_LEVEL: &[&str] = &[
    "title",
    "description",
    "toc",
    "requires",
    "images",
    "timeout",
    "namespace",
    "level",
    "next",
    "weight",
    "content_type",
    "reviewers",
    "slug",
    "date",
    "draft",
    "tags",
    "card",
    "linkTitle",
    "min-kubernetes-server-version",
    "type",
    "layout",
];

/// What came of looking for front matter.
pub(super) enum Outcome {
    /// None: the page begins at once.
    None,
    /// Read; the page goes on at the end of its span.
    Found(FrontMatter),
    /// Opened by `---` and followed by keys, but never closed; the line of the opening.
    Unclosed(usize),
}

/// Reads front matter from the top of `text`.
pub(super) fn read(text: &str, lines: &LineIndex) -> Outcome {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut entries: Vec<FrontMatterEntry> = Vec::new();
    let mut opening = None;
    for number in 1.. {
        let mut span = lines.span_of_line(number);
        if number == 1 {
            span.start = bom.min(span.end);
        }
        if number > 1 && span.start >= text.len() && span.end >= text.len() {
            break;
        }
        let line = span.of(text).trim_end();
        match opening {
            None if line.trim().is_empty() => continue,
            None if is_dashes(line) => opening = Some((number, span.start)),
            None => return Outcome::None,
            Some((_, start)) if is_dashes(line) || line == "..." => {
                return Outcome::Found(FrontMatter { span: Span::new(start, span.end), entries });
            }
            Some(_) if line.is_empty() || line.starts_with("# ") || line == "#" => {}
            Some(_) => {
                if !add(&mut entries, line, number, span) {
                    break;
                }
            }
        }
    }
    match opening {
        // A rule at the top of a page is followed by prose, front matter by its keys.
        Some((line, _)) if entries.first().is_some_and(|first| TOP_LEVEL.contains(&first.key.as_str())) => {
            Outcome::Unclosed(line)
        }
        _ => Outcome::None,
    }
}

fn is_dashes(line: &str) -> bool {
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

/// Adds a line to the entries; false if it is no line of front matter.
fn add(entries: &mut Vec<FrontMatterEntry>, line: &str, number: usize, span: Span) -> bool {
    let indented = line.starts_with([' ', '\t']);
    let body = line.trim();
    let item = body.strip_prefix("- ").or((body == "-").then_some(""));
    let entry = match (item, key_and_value(body)) {
        (Some(item), _) => {
            FrontMatterEntry { key: String::new(), value: unquote(item), children: Vec::new(), line: number, span }
        }
        (None, Some((key, value))) => {
            FrontMatterEntry { key: key.to_string(), value: unquote(value), children: Vec::new(), line: number, span }
        }
        (None, None) if indented => {
            FrontMatterEntry { key: String::new(), value: unquote(body), children: Vec::new(), line: number, span }
        }
        (None, None) => return false,
    };
    let is_item = entry.key.is_empty();
    match entries.last_mut() {
        Some(last) if indented || is_item || is_deindented_child(last, &entry.key) => last.children.push(entry),
        None if indented || is_item => return false,
        _ => entries.push(entry),
    }
    true
}

/// `max_depth: 2` after an empty `toc:`.
fn is_deindented_child(last: &FrontMatterEntry, key: &str) -> bool {
    last.value.is_empty() && last.children.iter().all(|child| !child.key.is_empty()) && !TOP_LEVEL.contains(&key)
}

fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let fits = !key.is_empty() && key.chars().all(plain) && (value.is_empty() || value.starts_with([' ', '\t']));
    fits.then(|| (key, value.trim()))
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.to_string();
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> FrontMatter {
        match read(text, &LineIndex::new(text)) {
            Outcome::Found(front_matter) => front_matter,
            _ => panic!("no front matter in {text:?}"),
        }
    }

    #[test]
    fn the_reference_lesson_has_a_colon_in_its_title_and_a_deindented_key() {
        let text =
            "---\n\ntitle: Service Types: ClusterIP vs NodePort\ntoc:\nmax_depth: 2\n------------\n\n## Theory\n";
        let front_matter = found(text);
        assert_eq!(front_matter.get("title"), Some("Service Types: ClusterIP vs NodePort"));
        assert_eq!(front_matter.entries[1].key, "toc");
        assert_eq!(front_matter.entries[1].children[0].key, "max_depth");
        assert_eq!(front_matter.entries[1].children[0].value, "2");
        assert_eq!(&text[front_matter.span.end..], "\n\n## Theory\n");
    }

    #[test]
    fn lists_quotes_and_unknown_keys_are_kept() {
        let front_matter = found("---\nreviewers:\n- a\n- b\ntitle: \"T\"\nx-y: 1\nimages: [nginx, busybox]\n---\n");
        assert_eq!(front_matter.list("reviewers"), ["a", "b"]);
        assert_eq!(front_matter.get("title"), Some("T"));
        assert_eq!(front_matter.get("x-y"), Some("1"));
        assert_eq!(front_matter.list("images"), ["nginx", "busybox"]);
    }

    #[test]
    fn a_rule_at_the_top_of_a_page_is_no_front_matter() {
        for text in ["---\nSome prose here.\n---\n", "# Title\n---\na: b\n---\n", "", "---\n", "---"] {
            assert!(matches!(read(text, &LineIndex::new(text)), Outcome::None), "{text:?}");
        }
    }

    #[test]
    fn an_unclosed_one_is_told() {
        let text = "---\ntitle: T\n";
        assert!(matches!(read(text, &LineIndex::new(text)), Outcome::Unclosed(1)));
    }
}
