//! The author's controls: `<!-- lesson: skip reason="needs a load balancer" -->`.

use super::codes::Reporter;
use super::model::{Control, ControlWord};
use super::problem::Problem;
use super::span::{LineIndex, Span};
use super::words::CONTROLS;
use std::time::Duration;

/// Every control in the bytes `span` of `source`.
pub(super) fn find(source: &str, span: Span, lines: &LineIndex) -> Vec<Control> {
    let mut controls = Vec::new();
    let mut at = span.start;
    while let Some(open) = source.get(at..span.end).and_then(|rest| rest.find("<!--")) {
        let start = at + open;
        let inner = start + "<!--".len();
        let Some(close) = source.get(inner..span.end).and_then(|rest| rest.find("-->")) else {
            break;
        };
        let end = inner + close;
        at = end + "-->".len();
        let body = &source[inner..end];
        let Some(rest) = body.trim_start().strip_prefix("lesson:") else {
            continue;
        };
        let offset = end - rest.len();
        controls.push(Control { words: words(rest, offset), line: lines.line(start), span: Span::new(start, at) });
    }
    controls
}

/// Splits `skip reason="a b" timeout=90s`; `offset` is the byte of `text` in the source.
fn words(text: &str, offset: usize) -> Vec<ControlWord> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(skipped) = text[at..].find(|c: char| !c.is_whitespace() && c != ',') {
        let start = at + skipped;
        let key_length =
            text[start..].find(|c: char| c.is_whitespace() || c == '=' || c == ',').unwrap_or(text.len() - start);
        let key = &text[start..start + key_length];
        at = start + key_length;
        let mut value = None;
        if text[at..].starts_with('=') {
            at += 1;
            let rest = &text[at..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (length, skip) = match quote {
                Some(quote) => (rest[1..].find(quote).unwrap_or(rest.len() - 1), 1),
                None => (rest.find(char::is_whitespace).unwrap_or(rest.len()), 0),
            };
            value = Some(rest[skip..skip + length].to_string());
            at = (at + skip + length + skip).min(text.len());
        }
        if key.is_empty() && value.is_none() {
            break;
        }
        words.push(ControlWord { key: key.to_string(), value, span: Span::new(offset + start, offset + at) });
    }
    words
}

/// What is wrong with the words of `control`.
pub(super) fn check(control: &Control, reporter: &Reporter<'_>) -> Vec<Problem> {
    control.words.iter().filter_map(|word| check_word(word, reporter)).collect()
}

fn check_word(word: &ControlWord, reporter: &Reporter<'_>) -> Option<Problem> {
    let Some(rule) = CONTROLS.get(&word.key) else {
        let nearest = CONTROLS.keys().max_by(|a, b| likeness(a, &word.key).total_cmp(&likeness(b, &word.key)));
        let help = match nearest.filter(|nearest| likeness(nearest, &word.key) > 0.6) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("known are {}", CONTROLS.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        return Some(reporter.problem("L004", word.span, format!("there is no control `{}`", word.key), Some(help)));
    };
    let fits = rule.value.iter().any(|kind| match (kind.as_str(), word.value.as_deref()) {
        ("none", value) => value.is_none(),
        (_, None) => false,
        ("text", Some(value)) => !value.is_empty(),
        ("number", Some(value)) => value.parse::<i32>().is_ok(),
        ("duration", Some(value)) => duration(value).is_some(),
        (choice, Some(value)) => choice == value,
    });
    if fits {
        return None;
    }
    let message = match &word.value {
        Some(value) => format!("`{}` cannot be `{value}`", word.key),
        None => format!("`{}` needs a value", word.key),
    };
    let wanted =
        rule.value.iter().map(|kind| if kind == "none" { "nothing" } else { kind.as_str() }).collect::<Vec<_>>();
    Some(reporter.problem("L005", word.span, message, Some(format!("it takes {}", wanted.join(" or ")))))
}

fn likeness(a: &str, b: &str) -> f32 {
    similar::TextDiff::from_chars(a, b).ratio()
}

/// `90s`, `1m30s`, `500ms`; not negative.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    apimachinery::duration::parse_go(text).ok().and_then(|parsed| Duration::try_from(parsed).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, Option<String>)> {
        let controls = find(text, Span::new(0, text.len()), &LineIndex::new(text));
        controls.into_iter().flat_map(|control| control.words).map(|word| (word.key, word.value)).collect()
    }

    #[test]
    fn words_values_and_quotes() {
        let words = parsed("<!-- lesson: skip reason=\"no load balancer\" timeout=90s exit=1 -->");
        let expected =
            [("skip", None), ("reason", Some("no load balancer")), ("timeout", Some("90s")), ("exit", Some("1"))];
        assert_eq!(words, expected.map(|(key, value)| (key.to_string(), value.map(String::from))));
    }

    #[test]
    fn other_comments_are_none_and_broken_ones_do_no_harm() {
        assert!(parsed("<!-- body --> <!--lesson-->").is_empty());
        assert!(parsed("<!-- lesson: skip").is_empty());
        assert_eq!(parsed("<!-- lesson: hint=\"open -->").len(), 1);
        assert_eq!(parsed("<!-- lesson: = -->").len(), 1);
        assert_eq!(parsed("<!--lesson:é=“ü-->").len(), 1);
    }

    #[test]
    fn spans_point_at_the_word() {
        let text = "x <!-- lesson: setup name=a -->";
        let control = &find(text, Span::new(0, text.len()), &LineIndex::new(text))[0];
        assert_eq!(control.words[1].span.of(text), "name=a");
    }

    #[test]
    fn unknown_words_and_wrong_values_are_told() {
        let text = "<!-- lesson: timeot=90s timeout=soon match=exact skip=1 -->";
        let lines = LineIndex::new(text);
        let reporter = Reporter { file: std::path::Path::new("a.md"), lines: &lines };
        let control = &find(text, Span::new(0, text.len()), &lines)[0];
        let told: Vec<_> =
            check(control, &reporter).into_iter().map(|p| (p.code, p.message, p.help.unwrap_or_default())).collect();
        let expected = [
            ("L004", "there is no control `timeot`", "did you mean `timeout`?"),
            ("L005", "`timeout` cannot be `soon`", "it takes duration"),
            ("L005", "`skip` cannot be `1`", "it takes nothing"),
        ];
        assert_eq!(
            told,
            expected.map(|(code, message, help)| (code.to_string(), message.to_string(), help.to_string()))
        );
    }
}
