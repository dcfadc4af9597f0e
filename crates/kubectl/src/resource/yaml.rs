//! YAML as Go's yaml reads it, and its errors in Go's words (go.yaml.in/yaml/v2: decode.go `fail`, scannerc.go,
//! parserc.go).

use serde_json::Value;

/// YAML 1.1 into JSON. The error is without goyaml's `yaml: ` in front.
pub(crate) fn parse_yaml(text: &str) -> Result<Value, String> {
    let options = serde_yaml::options! {
        legacy_octal_numbers: true,
        duplicate_keys: serde_yaml::DuplicateKeyPolicy::LastWins,
    };
    read(text, options)
}

/// YAML as JSON text; what looks like JSON already stays as it is (apimachinery: util/yaml `ToJSON`). The error is with
/// goyaml's `yaml: ` in front.
pub(crate) fn yaml_to_json(text: &str) -> Result<String, String> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_string());
    }
    parse_yaml(text).map(|value| apimachinery::go::json(&value)).map_err(|error| format!("yaml: {error}"))
}

/// YAML into JSON where only `true` and `false` are booleans (go.yaml.in/yaml/v3, as kyaml uses it).
pub(crate) fn parse_yaml_1_2(text: &str) -> Result<Value, String> {
    let options = serde_yaml::options! {
        legacy_octal_numbers: true,
        strict_booleans: true,
        duplicate_keys: serde_yaml::DuplicateKeyPolicy::LastWins,
    };
    read(text, options)
}

fn read(text: &str, options: serde_yaml::Options) -> Result<Value, String> {
    let error = match serde_yaml::from_str_with_options::<Value>(text, options.clone()) {
        Ok(value) => return Ok(value),
        Err(error) => error.to_string(),
    };
    match without_escaped_quote(text, &error) {
        Some(text) => read(&text, options),
        None => Err(go_words(&error, text)),
    }
}

/// goyaml reads `\\'` in double quotes as `'`, which YAML has no word for: the text without the backslash that an error
/// is about.
fn without_escaped_quote(text: &str, error: &str) -> Option<String> {
    let first = error.lines().next().filter(|line| line.contains("escape"))?;
    let line: usize = first.split_once("line ")?.1.split_whitespace().next()?.parse().ok()?;
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let column = first.split_once("column ")?.1;
    let column: usize = column[..column.find(|c: char| !c.is_ascii_digit())?].parse().ok()?;
    let here = text.get(start..)?;
    // The column is the scalar's, or the backslash's; pairs of characters are taken from there.
    let from = here.char_indices().nth(column.saturating_sub(1))?.0;
    let mut rest = here[from..].char_indices();
    let at = loop {
        let (at, c) = rest.next()?;
        if c == '\\' && rest.next()?.1 == '\'' {
            break from + at;
        }
    };
    let mut text = text.to_string();
    text.remove(start + at);
    Some(text)
}

/// What goyaml says of a mistake that our parser found. The scanner counts lines from one, the parser from zero, and
/// neither mentions the first.
fn go_words(message: &str, text: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let located = first.strip_prefix("line ").and_then(|rest| rest.split_once(" column "));
    let (line, rest) = located.map_or((1, first), |(line, rest)| (line.parse().unwrap_or(1), rest));
    let (column, problem) = match rest.split_once(": ") {
        Some((column, problem)) if located.is_some() => (column.parse().unwrap_or(1), problem),
        _ => (1, rest),
    };
    let end = text.lines().count();
    let scanner =
        |line: usize, problem: &str| if line > 1 { format!("line {line}: {problem}") } else { problem.to_string() };
    let parser = |line: usize, problem: &str| match line.saturating_sub(1) {
        0 => problem.to_string(),
        line => format!("line {line}: {problem}"),
    };
    match problem {
        p if p.contains("did not find expected key") => parser(line, "did not find expected key"),
        p if p.contains("did not find expected '-' indicator") => parser(line, "did not find expected '-' indicator"),
        p if p.starts_with("illegal placement of ':'") => {
            parser(line, &format!("did not find expected ',' or '{}'", closing(text, line, column)))
        }
        p if p.starts_with("unclosed bracket '['") => parser(end + 1, "did not find expected ',' or ']'"),
        p if p.starts_with("unclosed bracket") => parser(end + 1, "did not find expected ',' or '}'"),
        p if p.starts_with("tabs disallowed") || p.starts_with("unexpected character") => {
            scanner(line, "found character that cannot start any token")
        }
        p if p.starts_with("unclosed quote") => scanner(end + 1, "found unexpected end of stream"),
        p if p.starts_with("simple key expected ':'") => scanner(line + 1, "could not find expected ':'"),
        p if p.starts_with("alias references unknown anchor") => {
            let here = text.lines().nth(line - 1).unwrap_or_default();
            let name: String =
                here.chars().skip(column).take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
            format!("unknown anchor '{name}' referenced")
        }
        other => scanner(line, other),
    }
}

/// The bracket that closes what is open before a place.
fn closing(text: &str, line: usize, column: usize) -> char {
    let before: Vec<&str> = text.lines().take(line).collect();
    let mut open = Vec::new();
    for (at, part) in before.iter().enumerate() {
        let length = if at + 1 == line { column } else { usize::MAX };
        for c in part.chars().take(length) {
            match c {
                '[' => open.push(']'),
                '{' => open.push('}'),
                ']' | '}' => drop(open.pop()),
                _ => {}
            }
        }
    }
    open.pop().unwrap_or(']')
}

#[cfg(test)]
mod tests {
    use super::parse_yaml;

    #[test]
    fn single_quotes_may_be_escaped() {
        let expected = serde_json::json!({"a": "it's 'x'", "b": ["don't"]});
        assert_eq!(parse_yaml("a: \"it\\'s \\'x\\'\"\nb: [\"don\\'t\"]\n"), Ok(expected));
        assert!(parse_yaml("a: \"\\q\"\n").is_err(), "{:?}", parse_yaml("a: \"\\q\"\n"));
    }

    #[test]
    fn mistakes_read_as_in_go() {
        for (text, error) in [
            ("a: b: c\n", "mapping values are not allowed in this context"),
            ("a: 1\nb: 2\n  c: 3\n", "line 3: mapping values are not allowed in this context"),
            ("a:\n  b: 1\n c: 2\n", "line 2: did not find expected key"),
            ("a:\n\tb: 1\n", "line 2: found character that cannot start any token"),
            ("a: @x\n", "found character that cannot start any token"),
            ("a: \"x\nb: 1\n", "line 3: found unexpected end of stream"),
            ("a: [1, 2\nb: 1\n", "line 1: did not find expected ',' or ']'"),
            ("a: {x: 1\n", "line 1: did not find expected ',' or '}'"),
            ("- a\nb: 1\n", "line 1: did not find expected '-' indicator"),
            ("a: *x\n", "unknown anchor 'x' referenced"),
        ] {
            assert_eq!(parse_yaml(text), Err(error.to_string()), "{text:?}");
        }
    }
}
