//! The tokens of a label selector (upstream's `Lexer` in `labels/selector.go`).

/// A token of a selector, with the text that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scanned {
    pub token: Token,
    pub literal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Error,
    EndOfString,
    ClosedPar,
    Comma,
    DoesNotExist,
    DoubleEquals,
    Equals,
    GreaterThan,
    Identifier,
    In,
    LessThan,
    NotEquals,
    NotIn,
    OpenPar,
}

fn keyword(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::ClosedPar,
        "," => Token::Comma,
        "!" => Token::DoesNotExist,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::GreaterThan,
        "in" => Token::In,
        "<" => Token::LessThan,
        "!=" => Token::NotEquals,
        "notin" => Token::NotIn,
        "(" => Token::OpenPar,
        _ => return None,
    })
}

fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_symbol(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

/// All tokens of the text; the last one is [`Token::EndOfString`].
pub(super) fn scan(text: &str) -> Vec<Scanned> {
    let mut tokens = Vec::new();
    // A NUL ends the text for upstream's lexer.
    let mut rest = text.split('\0').next().unwrap_or("");
    loop {
        rest = rest.trim_start_matches(is_white);
        let Some(first) = rest.chars().next() else {
            tokens.push(Scanned { token: Token::EndOfString, literal: String::new() });
            return tokens;
        };
        let (scanned, length) = if is_symbol(first) { symbol(rest) } else { word(rest) };
        tokens.push(scanned);
        rest = &rest[length..];
    }
}

fn word(rest: &str) -> (Scanned, usize) {
    let end = rest.find(|c| is_white(c) || is_symbol(c)).unwrap_or(rest.len());
    let literal = &rest[..end];
    (Scanned { token: keyword(literal).unwrap_or(Token::Identifier), literal: literal.to_string() }, end)
}

/// The longest run of symbols that is a token; a run that never becomes one is an error as a whole.
fn symbol(rest: &str) -> (Scanned, usize) {
    let run = &rest[..rest.find(|c| !is_symbol(c)).unwrap_or(rest.len())];
    let mut found = None;
    for end in 1..=run.len() {
        match keyword(&run[..end]) {
            Some(token) => found = Some((token, end)),
            None if found.is_some() => break,
            None => {}
        }
    }
    match found {
        Some((token, end)) => (Scanned { token, literal: run[..end].to_string() }, end),
        None => (Scanned { token: Token::Error, literal: format!("error expected: keyword found '{run}'") }, run.len()),
    }
}
