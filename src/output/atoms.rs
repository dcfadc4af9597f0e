//! A line into atoms: words, punctuation, and the volatile values that are known by their shape alone.

use super::bindings::TokenKind;
use regex::Regex;
use std::sync::LazyLock;

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atom<'a> {
    /// White space of any length.
    Space,
    /// `...`: anything, or nothing.
    Elision,
    /// `<pod-name>`: one thing without white space.
    Placeholder(&'a str),
    /// A value that is volatile by its shape.
    Volatile(TokenKind, &'a str),
    /// Letters, digits, and what holds them together.
    Word(&'a str),
    /// Anything else.
    Mark(char),
}

const MONTH: &str = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*";
const DAY: &str = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*";
const TIME: &str = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?";

static VOLATILE: LazyLock<Vec<(TokenKind, Regex)>> = LazyLock::new(|| {
    let times = [
        format!(r"\d{{4}}[-/]\d\d[-/]\d\d[T ]{TIME}(?:Z|\s?[+-]\d\d:?\d\d(?:\s[A-Z]{{3,4}})?)?"),
        format!(r"{DAY},?\s+\d{{1,2}}[ -]{MONTH}[ -]\d{{4}}\s+{TIME}(?:\s+(?:[+-]\d{{4}}|[A-Z]{{3,4}}))?"),
        format!(r"{DAY},?\s+{MONTH}\s+\d{{1,2}}\s+{TIME}(?:\s+[A-Z]{{3,4}})?(?:\s+\d{{4}})?"),
        format!(r"\d{{1,2}}[ /-]{MONTH}[ /-]\d{{4}}[ :]{TIME}(?:\s+[+-]\d{{4}})?"),
        format!(r"{MONTH}\s+\d{{1,2}}(?:,\s+\d{{4}})?,?\s+(?:{TIME}|\d\d:\d\d|\d{{4}})\b"),
        format!(r"[IWEF]\d{{4}}\s+{TIME}"),
        r"\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+".to_string(),
        format!(r"{TIME}\b"),
    ];
    let hex4 = "[0-9a-fA-F]{1,4}";
    let mut kinds: Vec<(TokenKind, String)> = vec![
        (TokenKind::Uid, r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b".to_string()),
        (
            TokenKind::Digest,
            r"(?:containerd|docker|cri-o)://[0-9a-f]+|sha256:[0-9a-f]{8,64}\b|[0-9a-f]{32,64}\b".to_string(),
        ),
    ];
    kinds.extend(times.map(|time| (TokenKind::Timestamp, time)));
    kinds.push((
        TokenKind::Ip,
        format!(r"(?:{hex4}:){{2,7}}:?(?:{hex4})?(?::{hex4})*\b|(?:{hex4}:)+:(?:{hex4}(?::{hex4})*)?\b|::1\b"),
    ));
    kinds.push((TokenKind::Age, r"\d+\.\d+(?:ms|µs|us|s)\b".to_string()));
    // Literal patterns.
    kinds
        .into_iter()
        .map(|(kind, pattern)| (kind, Regex::new(&format!(r"\A(?:{pattern})")).expect("pattern compiles")))
        .collect()
});
// Literal patterns.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\A[\p{L}\p{N}_]+(?:[.-]+[\p{L}\p{N}_]+)*").expect("pattern compiles"));
static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\A<[A-Za-z][A-Za-z0-9 _.-]*>").expect("pattern compiles"));
static AGE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\A(?:\d+(?:ms|s|m|h|d|y))+\z").expect("pattern compiles"));

/// Angle brackets that kubectl prints itself.
const PRINTED: &[&str] =
    &["<none>", "<unset>", "<unknown>", "<pending>", "<invalid>", "<nil>", "<nodes>", "<set to the key"];

/// Words before a duration that say that it is one.
const BEFORE_AGE: &[&str] = &["in", "after", "for", "over", "took", "ago", "every", "within", "x"];

/// Whether `text` is an age: `5s`, `2m30s`, `3d4h`.
pub(super) fn is_age(text: &str) -> bool {
    AGE.is_match(text)
}

/// The atoms of a line; its indentation and trailing white space are left out. Elisions and placeholders are only seen in an expected line.
pub(super) fn atoms(line: &str, expected: bool) -> Vec<Atom<'_>> {
    let mut atoms: Vec<Atom<'_>> = Vec::new();
    let mut rest = line.trim();
    let mut word_before = "";
    let mut at_boundary = true;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            atoms.push(Atom::Space);
            rest = rest.trim_start();
            at_boundary = true;
            continue;
        }
        if expected && (rest.starts_with("...") || c == '…') {
            atoms.push(Atom::Elision);
            rest = rest.trim_start_matches(['.', '…']);
            at_boundary = true;
            continue;
        }
        if expected
            && let Some(found) = PLACEHOLDER.find(rest)
            && !PRINTED.contains(&found.as_str())
            && !looks_like_markup(rest, line)
        {
            atoms.push(Atom::Placeholder(found.as_str()));
            rest = &rest[found.end()..];
            continue;
        }
        let volatile = if at_boundary {
            VOLATILE.iter().find_map(|(kind, pattern)| {
                pattern.find(rest).filter(|found| !found.is_empty()).map(|found| (*kind, found.end()))
            })
        } else {
            None
        };
        if let Some((kind, length)) = volatile {
            atoms.push(Atom::Volatile(kind, &rest[..length]));
            rest = &rest[length..];
            at_boundary = false;
            continue;
        }
        if let Some(found) = WORD.find(rest) {
            let word = found.as_str();
            let after = &rest[found.end()..];
            let is_duration = is_age(word) && (after.starts_with(" ago") || BEFORE_AGE.contains(&word_before));
            atoms.push(if is_duration { Atom::Volatile(TokenKind::Age, word) } else { Atom::Word(word) });
            word_before = word;
            rest = after;
            at_boundary = false;
        } else {
            atoms.push(Atom::Mark(c));
            rest = &rest[c.len_utf8()..];
            at_boundary = true;
        }
    }
    atoms
}

/// `<html>` in a line of markup is no placeholder.
fn looks_like_markup(rest: &str, line: &str) -> bool {
    let line = line.trim();
    line.contains("</") || line.starts_with('<') && line.ends_with('>') && !rest.contains(['-', ' ', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volatile(text: &str) -> Vec<(TokenKind, &str)> {
        let atoms = atoms(text, true);
        atoms
            .into_iter()
            .filter_map(|atom| if let Atom::Volatile(kind, text) = atom { Some((kind, text)) } else { None })
            .collect()
    }

    #[test]
    fn times() {
        for time in [
            "2026-11-23T04:40:27Z",
            "2026-11-23 04:40:27.123456 +0000 UTC",
            "Mon, 23 Nov 2026 04:40:27 +0000",
            "Thu Jan  4 14:06:46 UTC 2024",
            "23/Nov/2026:04:40:27 +0000",
            "I1123 04:40:27.123456",
            "..2026_11_23_04_40_27.1234567",
            "Nov 23 04:40",
            "04:40:27",
        ] {
            assert_eq!(volatile(time), [(TokenKind::Timestamp, time)], "{time}");
        }
    }

    #[test]
    fn ids_and_durations() {
        assert_eq!(
            volatile("containerd://5c069e11f4 x sha256:c720b9b21e683357"),
            [(TokenKind::Digest, "containerd://5c069e11f4"), (TokenKind::Digest, "sha256:c720b9b21e683357")]
        );
        assert_eq!(volatile("pulled in 2.103s (5s ago)"), [(TokenKind::Age, "2.103s"), (TokenKind::Age, "5s")]);
        assert_eq!(volatile("cpu: 500m, delay=10s"), []);
        assert_eq!(
            volatile("[::1]:80 fd00::12:3 2001:db8::1"),
            [(TokenKind::Ip, "::1"), (TokenKind::Ip, "fd00::12:3"), (TokenKind::Ip, "2001:db8::1")]
        );
    }

    #[test]
    fn placeholders_are_no_markup() {
        assert!(matches!(atoms("pod <pod-name> x", true)[2], Atom::Placeholder("<pod-name>")));
        for line in ["<html>", "<title>Welcome</title>", "EXTERNAL-IP <none>"] {
            assert!(!atoms(line, true).iter().any(|atom| matches!(atom, Atom::Placeholder(_))), "{line}");
        }
    }
}
