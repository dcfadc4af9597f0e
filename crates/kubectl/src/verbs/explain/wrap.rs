//! The two ways in which `explain` wraps text.

use std::sync::LazyLock;

use regex::Regex;

// The pattern is a constant, and the tests use it.
static BULLET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(\d+\.?|-|\*)\s").expect("a constant pattern"));

/// Breaks lines at white space so that they have at most `limit` characters (mitchellh/go-wordwrap).
pub(super) fn wrap(text: &str, limit: usize) -> String {
    let (mut out, mut current) = (String::with_capacity(text.len()), 0);
    let (mut word, mut word_len) = (String::new(), 0);
    let (mut space, mut space_len) = (String::new(), 0);
    for c in text.chars() {
        if c == '\n' {
            if word.is_empty() {
                if current + space_len <= limit {
                    out.push_str(&space);
                }
            } else {
                out.push_str(&space);
                out.push_str(&word);
            }
            (space_len, word_len, current) = (0, 0, 0);
            space.clear();
            word.clear();
            out.push(c);
        } else if c.is_whitespace() && c != '\u{a0}' {
            if space.is_empty() || !word.is_empty() {
                current += space_len + word_len;
                out.push_str(&space);
                out.push_str(&word);
                (space_len, word_len) = (0, 0);
                space.clear();
                word.clear();
            }
            space.push(c);
            space_len += 1;
        } else {
            word.push(c);
            word_len += 1;
            if current + word_len + space_len > limit && word_len < limit {
                out.push('\n');
                (current, space_len) = (0, 0);
                space.clear();
            }
        }
    }
    if word.is_empty() {
        if current + space_len <= limit {
            out.push_str(&space);
        }
    } else {
        out.push_str(&space);
        out.push_str(&word);
    }
    out
}

/// Fills lines of at most `limit` bytes, keeping lists, code blocks and empty lines (kubectl: pkg/explain/formatter.go).
pub(super) fn fill(text: &str, limit: usize) -> Vec<String> {
    let (mut lines, mut line, mut last_word) = (Vec::new(), String::new(), String::new());
    let flush = |lines: &mut Vec<String>, line: &mut String, last_word: &mut String| {
        if !line.is_empty() {
            last_word.clear();
            lines.push(std::mem::take(line));
        }
    };
    for source in text.split('\n') {
        if source.starts_with("    ") {
            flush(&mut lines, &mut line, &mut last_word);
            lines.push(source.to_string());
            continue;
        }
        let trimmed = source.trim();
        if !lines.is_empty() && trimmed.is_empty() {
            flush(&mut lines, &mut line, &mut last_word);
            lines.push(String::new());
            continue;
        }
        if last_word.ends_with(':') || trimmed.is_empty() || BULLET.is_match(trimmed) {
            flush(&mut lines, &mut line, &mut last_word);
        }
        for word in source.split_whitespace() {
            last_word = word.to_string();
            if !line.is_empty() && line.len() + 1 + word.len() > limit {
                flush(&mut lines, &mut line, &mut last_word);
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    flush(&mut lines, &mut line, &mut last_word);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_spaces() {
        assert_eq!(wrap("one two three\n", 8), "one two\nthree\n");
        assert_eq!(wrap("a  b", 80), "a  b");
        assert_eq!(wrap("averyveryverylongword x", 5), "averyveryverylongword\nx");
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        assert_eq!(fill("one\ntwo three\n\nfour", 9), ["one two", "three", "", "four"]);
        assert_eq!(fill("one:\n- two\n- three\n    code", 40), ["one:", "- two", "- three", "    code"]);
    }
}
