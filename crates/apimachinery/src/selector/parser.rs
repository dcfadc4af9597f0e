//! The grammar of label selectors (upstream's `Parser` in `labels/selector.go`), with its error texts.

use std::collections::BTreeSet;

use super::lexer::{Scanned, Token, scan};
use super::requirement::key_error;
use super::{Operator, Requirement, SelectorError};
use crate::field::Path;

type Result<T> = std::result::Result<T, SelectorError>;

/// Parses a selector to its requirements, in the order in which they were written.
pub(super) fn parse(text: &str) -> Result<Vec<Requirement>> {
    Parser { tokens: scan(text), position: 0 }.selector()
}

struct Parser {
    tokens: Vec<Scanned>,
    position: usize,
}

fn expected<T>(found: &str, what: &str) -> Result<T> {
    Err(SelectorError::new(format!("found '{found}', expected: {what}")))
}

impl Parser {
    /// The next token as an operator may be read.
    fn raw(&self) -> (Token, &str) {
        // The scan ends with `EndOfString`, which is not moved past: see `next`.
        let at = &self.tokens[self.position.min(self.tokens.len() - 1)];
        (at.token, &at.literal)
    }

    /// The next token where `in` and `notin` are words like any other.
    fn peek(&self) -> (Token, String) {
        match self.raw() {
            (Token::In | Token::NotIn, literal) => (Token::Identifier, literal.to_string()),
            (token, literal) => (token, literal.to_string()),
        }
    }

    fn next(&mut self) -> (Token, String) {
        let token = self.peek();
        self.position += 1;
        token
    }

    fn selector(mut self) -> Result<Vec<Requirement>> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                (Token::Identifier | Token::DoesNotExist, _) => {
                    let requirement = self.requirement();
                    requirements.push(
                        requirement.map_err(|e| SelectorError::new(format!("unable to parse requirement: {e}")))?,
                    );
                    match self.next() {
                        (Token::EndOfString, _) => return Ok(requirements),
                        (Token::Comma, _) => match self.peek() {
                            (Token::Identifier | Token::DoesNotExist, _) => {}
                            (_, found) => return expected(&found, "identifier after ','"),
                        },
                        (_, found) => return expected(&found, "',' or 'end of string'"),
                    }
                }
                (Token::EndOfString, _) => return Ok(requirements),
                (_, found) => return expected(&found, "!, identifier, or 'end of string'"),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement> {
        let (mut token, mut key) = self.next();
        let negated = token == Token::DoesNotExist;
        if negated {
            (token, key) = self.next();
        }
        if token != Token::Identifier {
            return expected(&key, "identifier");
        }
        if let Some(error) = key_error(&key, &Path::nil()) {
            return Err(SelectorError::new(error.to_string()));
        }
        if negated {
            return Requirement::new(&key, Operator::DoesNotExist, Vec::new());
        }
        if matches!(self.peek().0, Token::EndOfString | Token::Comma) {
            return Requirement::new(&key, Operator::Exists, Vec::new());
        }
        let operator = self.operator()?;
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?,
            _ => self.exact_value()?,
        };
        Requirement::new(&key, operator, values)
    }

    fn operator(&mut self) -> Result<Operator> {
        let (token, literal) = self.raw();
        let operator = match token {
            Token::In => Operator::In,
            Token::Equals => Operator::Equals,
            Token::DoubleEquals => Operator::DoubleEquals,
            Token::GreaterThan => Operator::GreaterThan,
            Token::LessThan => Operator::LessThan,
            Token::NotIn => Operator::NotIn,
            Token::NotEquals => Operator::NotEquals,
            _ => return expected(literal, "in, notin, =, ==, !=, gt, lt"),
        };
        self.position += 1;
        Ok(operator)
    }

    fn values(&mut self) -> Result<Vec<String>> {
        match self.next() {
            (Token::OpenPar, _) => {}
            // Upstream has no comma in this one.
            (_, found) => return Err(SelectorError::new(format!("found '{found}' expected: '('"))),
        }
        let (token, first) = self.peek();
        match token {
            Token::Identifier | Token::Comma => {
                let values = self.identifiers()?;
                match self.next() {
                    (Token::ClosedPar, _) => Ok(values.into_iter().collect()),
                    _ => expected(&first, "')'"),
                }
            }
            Token::ClosedPar => {
                self.position += 1;
                Ok(vec![String::new()])
            }
            _ => expected(&first, "',', ')' or identifier"),
        }
    }

    /// A list of possibly empty words with commas between them: `a,,b` has an empty one.
    fn identifiers(&mut self) -> Result<BTreeSet<String>> {
        let mut words = BTreeSet::new();
        loop {
            match self.next() {
                (Token::Identifier, word) => {
                    words.insert(word);
                    match self.peek() {
                        (Token::Comma, _) => {}
                        (Token::ClosedPar, _) => return Ok(words),
                        (_, found) => return expected(&found, "',' or ')'"),
                    }
                }
                (Token::Comma, _) => {
                    if words.is_empty() {
                        words.insert(String::new());
                    }
                    match self.peek().0 {
                        Token::ClosedPar => {
                            words.insert(String::new());
                            return Ok(words);
                        }
                        Token::Comma => {
                            words.insert(String::new());
                        }
                        _ => {}
                    }
                }
                (_, found) => return expected(&found, "',', or identifier"),
            }
        }
    }

    fn exact_value(&mut self) -> Result<Vec<String>> {
        match self.peek() {
            (Token::EndOfString | Token::Comma, _) => Ok(vec![String::new()]),
            (Token::Identifier, value) => {
                self.position += 1;
                Ok(vec![value])
            }
            (_, found) => expected(&found, "identifier"),
        }
    }
}
