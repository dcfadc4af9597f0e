//! Tokens of a template (Go: text/template/parse/lex.go).

/// One token and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub text: String,
    pub position: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text outside of actions.
    Text,
    /// `{{`.
    Open,
    /// `}}`.
    Close,
    /// `.`.
    Dot,
    /// `.name`.
    Field,
    /// `$name`, or `$`.
    Variable,
    /// A function or keyword.
    Word,
    /// A number.
    Number,
    /// A quoted string, quotes and all.
    Quoted,
    /// A string in backquotes.
    Raw,
    /// A quoted character.
    Char,
    /// `|`, `:=`, `=`, `(`, `)`, `,`.
    Mark,
    /// One or more spaces.
    Space,
    /// The end of the template.
    End,
}

/// All tokens; the error is Go's, without the template's name and line, with the position where it was noticed.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, (usize, String)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        let mut plain = &text[at..open];
        let mut inside = open + 2;
        let trims = |rest: &str| rest.starts_with('-') && rest[1..].starts_with([' ', '\t', '\r', '\n']);
        if trims(&text[inside..]) {
            plain = plain.trim_end_matches([' ', '\t', '\r', '\n']);
            inside += 2;
        }
        if !plain.is_empty() {
            out.push(token(Kind::Text, plain, at));
        }
        if text[inside..].starts_with("/*") {
            let Some(end) = text[inside..].find("*/").map(|found| inside + found + 2) else {
                return Err((open, "unclosed comment".into()));
            };
            let rest = &text[end..];
            at = match (rest.strip_prefix("}}"), rest.trim_start_matches([' ', '\t', '\r', '\n']).strip_prefix("-}}")) {
                (Some(_), _) => end + 2,
                (None, Some(tail)) => skip_space(text, text.len() - tail.len()),
                _ => return Err((open, "comment ends before closing delimiter".into())),
            };
            continue;
        }
        out.push(token(Kind::Open, "{{", open));
        at = action(text, inside, &mut out)?;
    }
    if at < text.len() {
        out.push(token(Kind::Text, &text[at..], at));
    }
    out.push(token(Kind::End, "", text.len()));
    Ok(out)
}

fn token(kind: Kind, text: &str, position: usize) -> Token {
    Token { kind, text: text.to_string(), position }
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len()
}

/// The tokens up to and with `}}`; where the text goes on.
fn action(text: &str, start: usize, out: &mut Vec<Token>) -> Result<usize, (usize, String)> {
    let (mut at, mut depth) = (start, 0);
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { return Err((at, "unclosed action".into())) };
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        if spaces > 0 && rest[spaces..].starts_with("-}}") {
            out.push(token(Kind::Close, "}}", at));
            return Ok(skip_space(text, at + spaces + 3));
        }
        if rest.starts_with("}}") {
            if depth > 0 {
                return Err((at, "unclosed left paren".into()));
            }
            out.push(token(Kind::Close, "}}", at));
            return Ok(at + 2);
        }
        let word = |rest: &str| rest.len() - rest.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric()).len();
        let (kind, length) = match c {
            _ if spaces > 0 => (Kind::Space, spaces),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Kind::Number, number(rest)),
            '.' if word(&rest[1..]) > 0 => (Kind::Field, 1 + word(&rest[1..])),
            '.' => (Kind::Dot, 1),
            '$' => (Kind::Variable, 1 + word(&rest[1..])),
            '"' => (Kind::Quoted, quoted(rest, '"').ok_or((at, "unterminated quoted string".to_string()))?),
            '\'' => (Kind::Char, quoted(rest, '\'').ok_or((at, "unterminated character constant".to_string()))?),
            '`' => {
                let end = rest[1..].find('`').ok_or((at, "unterminated raw quoted string".to_string()))?;
                (Kind::Raw, end + 2)
            }
            ':' if rest.starts_with(":=") => (Kind::Mark, 2),
            ':' => return Err((at, "expected :=".into())),
            '(' => {
                depth += 1;
                (Kind::Mark, 1)
            }
            ')' => {
                depth -= 1;
                if depth < 0 {
                    return Err((at, "unexpected right paren".into()));
                }
                (Kind::Mark, 1)
            }
            '|' | '=' | ',' => (Kind::Mark, 1),
            '+' | '-' | '0'..='9' => (Kind::Number, number(rest)),
            c if c == '_' || c.is_alphabetic() => (Kind::Word, word(rest)),
            c => {
                return Err((at, format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c))));
            }
        };
        out.push(token(kind, &rest[..length], at));
        at += length;
        let names = matches!(kind, Kind::Field | Kind::Variable | Kind::Word | Kind::Dot);
        let follows = text[at..].chars().next().filter(|_| names && !text[at..].starts_with("}}"));
        if let Some(c) =
            follows.filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(' | '='))
        {
            return Err((at, format!("bad character U+{:04X} '{c}'", u32::from(c))));
        }
    }
}

fn number(rest: &str) -> usize {
    let sign = usize::from(rest.starts_with(['+', '-']));
    let body = &rest[sign..];
    let mut previous = ' ';
    let length = body.find(|c: char| {
        let part = c.is_ascii_alphanumeric()
            || c == '.'
            || c == '_'
            || (matches!(c, '+' | '-') && matches!(previous, 'e' | 'E'));
        previous = c;
        !part
    });
    sign + length.unwrap_or(body.len())
}

fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
