//! Templates to nodes (upstream's `parser.go`), with its error texts.

use std::sync::LazyLock;

use regex::Regex;

use super::JsonPathError;
use super::node::{End, Node, Slice};
use super::unquote::unquote_extend;

type Result<T> = std::result::Result<T, JsonPathError>;

fn fail<T>(text: impl Into<String>) -> Result<T> {
    Err(JsonPathError::new(text))
}

// The patterns are constants of this file, and the tests use each one.
static DICT_KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new("^'([^']*)'$").expect("a constant pattern"));
static SLICE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?$").expect("a constant pattern"));
static COMPARISON: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^([^!<>=]+)([!<>=]+)(.+?)$").expect("a constant pattern"));

/// Parses a template: text, and actions in braces.
pub(super) fn parse(template: &str) -> Result<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut parser = Parser { input: template, start: 0, pos: 0 };
    while let Some(text) = parser.text() {
        if !text.is_empty() {
            nodes.push(Node::Text(text.to_string()));
        }
        if parser.at_end() {
            break;
        }
        nodes.push(Node::List(parser.action()?));
    }
    Ok(nodes)
}

/// Parses what stands inside of braces. A brace inside of it ends it, as upstream's does.
fn parse_action(text: &str) -> Result<Vec<Node>> {
    match parse(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        // The text starts with a brace, so an action is the first node.
        _ => Ok(Vec::new()),
    }
}

struct Parser<'a> {
    input: &'a str,
    /// Where the token that is being read starts.
    start: usize,
    pos: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.pos..]
    }

    fn at_end(&self) -> bool {
        self.pos >= self.input.len()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn consume(&mut self) -> &'a str {
        let text = &self.input[self.start..self.pos];
        self.start = self.pos;
        text
    }

    /// The byte before the one that was read last, which is of one byte.
    fn byte_before_last(&self) -> Option<u8> {
        self.pos.checked_sub(2).and_then(|at| self.input.as_bytes().get(at).copied())
    }

    /// The text up to the next action or the end; `None` if the end was reached before.
    fn text(&mut self) -> Option<&'a str> {
        if self.at_end() {
            return None;
        }
        self.pos += self.rest().find('{').unwrap_or(self.rest().len());
        Some(self.consume())
    }

    /// The steps of an action, from its brace to the closing one.
    fn action(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        self.pos += 1;
        self.consume();
        loop {
            let rest = self.rest();
            if rest.starts_with('}') {
                self.pos += 1;
                self.consume();
                return Ok(nodes);
            }
            if rest.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if rest.starts_with("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return fail("invalid multiple recursive descent");
                }
                self.pos += 2;
                self.consume();
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(is_alphanumeric) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return fail("unclosed action"),
                // `@` and `$` are the current object, which is where a step starts anyway.
                Some(' ' | '@' | '$') => {
                    self.consume();
                }
                Some('[') => nodes.extend(self.array()?),
                Some(quote @ ('"' | '\'')) => nodes.push(self.quote(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => nodes.push(self.number()?),
                Some(c) if is_alphanumeric(c) => nodes.push(self.identifier()),
                Some(c) => return fail(format!("unrecognized character in action: {}", show_char(c))),
            }
        }
    }

    fn identifier(&mut self) -> Node {
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.next();
        }
        match self.consume() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            name => Node::Identifier(name.to_string()),
        }
    }

    fn number(&mut self) -> Result<Node> {
        // The first character is read: a sign or a digit.
        while self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            self.next();
        }
        let text = self.consume();
        if let Ok(int) = text.parse() {
            return Ok(Node::Int(int));
        }
        text.parse().map(Node::Float).or_else(|_| fail(format!("cannot parse number {text}")))
    }

    /// A field, of which the dot is read. A backslash takes the character after it into the name.
    fn field(&mut self) -> Node {
        self.consume();
        loop {
            match self.peek() {
                Some('\\') => {
                    self.next();
                    self.next();
                }
                Some(c) if !is_terminator(c) => {
                    self.next();
                }
                _ => break,
            }
        }
        match self.consume() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn quote(&mut self, end: char) -> Result<Node> {
        loop {
            match self.next() {
                None | Some('\n') => return fail("unterminated quoted string"),
                Some(c) if c == end && self.byte_before_last() != Some(b'\\') => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        match unquote_extend(text) {
            Some(unquoted) => Ok(Node::Text(unquoted)),
            None => fail(format!("unquote string {text} error invalid syntax")),
        }
    }

    /// What stands in brackets that is no filter; the opening one is read.
    fn array(&mut self) -> Result<Vec<Node>> {
        loop {
            match self.next() {
                None | Some('\n') => return fail("unterminated array"),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        let text = match &text[1..text.len() - 1] {
            "*" => ":",
            other => other,
        };
        if text.contains(',') {
            let parts: Result<Vec<_>> =
                text.split(',').map(|part| parse_action(&format!("[{}]", part.trim_matches(' ')))).collect();
            return Ok(vec![Node::Union(parts?)]);
        }
        if let Some(key) = DICT_KEY.captures(text) {
            return parse_action(&format!(".{}", &key[1]));
        }
        let Some(parts) = SLICE.captures(text) else {
            return fail(format!("invalid array index {text}"));
        };
        let index = |text: &str| -> Result<i64> {
            text.parse().or_else(|_| fail(format!("array index {text} is not a number")))
        };
        // `None`: not written; `Some(None)`: a colon with nothing after it.
        let bound = |i: usize| -> Result<Option<Option<i64>>> {
            match parts.get(i).map(|m| m.as_str()).filter(|s| !s.is_empty()) {
                None => Ok(None),
                Some(":") => Ok(Some(None)),
                Some(text) => Ok(Some(Some(index(text.trim_start_matches(':'))?))),
            }
        };
        let end = match bound(2)? {
            None => End::AfterStart,
            Some(None) => End::OfList,
            Some(Some(end)) => End::At(end),
        };
        Ok(vec![Node::Array(Slice { start: bound(1)?.flatten(), end, step: bound(3)?.flatten() })])
    }

    /// A filter, from its `[?(` to its `)]`.
    fn filter(&mut self) -> Result<Node> {
        self.pos += 3;
        self.consume();
        // The quote that was opened first, and whether it was closed. Only one quoted string is looked for.
        let (mut opened, mut closed) = (None, false);
        loop {
            match self.next() {
                None | Some('\n') => return fail("unterminated filter"),
                Some(c @ ('"' | '\'')) => match opened {
                    None => opened = Some(c),
                    Some(quote) if quote == c && self.byte_before_last() != Some(b'\\') => closed = true,
                    Some(_) => {}
                },
                Some(')') if opened.is_some() == closed => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return fail("unclosed array expect ]");
        }
        let text = self.consume();
        let text = &text[..text.len() - 2];
        match COMPARISON.captures(text) {
            None => Ok(Node::Filter { left: parse_action(text)?, right: Vec::new(), operator: "exists".into() }),
            Some(parts) => Ok(Node::Filter {
                left: parse_action(&parts[1])?,
                right: parse_action(&parts[3])?,
                operator: parts[2].to_string(),
            }),
        }
    }
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A character as Go's `%#U`: `U+002A '*'`.
fn show_char(c: char) -> String {
    if c.is_control() { format!("U+{:04X}", c as u32) } else { format!("U+{:04X} '{c}'", c as u32) }
}
