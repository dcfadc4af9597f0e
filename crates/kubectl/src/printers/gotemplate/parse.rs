//! From tokens to a tree (Go: text/template/parse/parse.go).

use super::funcs;
use super::lex::{Kind, Token, tokens};
use crate::text::quote;
use std::collections::BTreeMap;

/// A part of a template.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Pipe, Vec<Node>, Vec<Node>),
    With(Pipe, Vec<Node>, Vec<Node>),
    Range(Pipe, Vec<Node>, Vec<Node>),
    Template(String, Option<Pipe>, usize),
    Break,
    Continue,
}

/// `$x := a b | c`.
#[derive(Debug, Clone)]
pub(super) struct Pipe {
    pub variables: Vec<String>,
    /// `=` rather than `:=`.
    pub assigns: bool,
    pub commands: Vec<Vec<Arg>>,
}

/// An operand, with what error messages show of it.
#[derive(Debug, Clone)]
pub(super) struct Arg {
    pub value: Operand,
    pub position: usize,
    pub text: String,
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Function(String),
    Field(Vec<String>),
    Variable(String, Vec<String>),
    Chain(Box<Arg>, Vec<String>),
    Pipe(Box<Pipe>),
}

/// The templates that a text defines; the text itself has the name given to [`parse`].
pub(super) type Templates = BTreeMap<String, Vec<Node>>;

/// Parses; the error is Go's, whole.
pub(super) fn parse(name: &str, text: &str) -> Result<Templates, String> {
    let located = |(position, message): (usize, String)| {
        format!("template: {name}:{}: {message}", 1 + text[..position.min(text.len())].matches('\n').count())
    };
    let tokens = tokens(text).map_err(located)?;
    let mut parser = Parser { tokens, at: 0, templates: Templates::new(), variables: vec!["$".into()], loops: 0 };
    let (nodes, end) = parser.list(&[]).map_err(located)?;
    if let Some((word, position)) = end {
        return Err(located((position, format!("unexpected {{{{{word}}}}}"))));
    }
    parser.templates.insert(name.to_string(), nodes);
    Ok(parser.templates)
}

type Failure = (usize, String);
/// The word that ended a list (`end`, `else`), and where.
type Ending = Option<(String, usize)>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    templates: Templates,
    variables: Vec<String>,
    loops: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last token is always End, and nobody steps over it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }
    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }
    fn spaces(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }
    fn is_mark(&self, mark: &str) -> bool {
        self.peek().kind == Kind::Mark && self.peek().text == mark
    }
    fn unexpected<T>(&self, context: &str) -> Result<T, Failure> {
        let token = self.peek();
        let shown = match token.kind {
            Kind::End => "EOF".to_string(),
            Kind::Close => format!("{} in {context}", quote("}}")),
            _ => format!("{} in {context}", quote(&token.text)),
        };
        Err((token.position, format!("unexpected {shown}")))
    }

    /// Nodes up to `{{end}}` or `{{else …}}` (consumed up to the word), or to the end of the text.
    fn list(&mut self, ends: &[&str]) -> Result<(Vec<Node>, Ending), Failure> {
        let mut nodes = Vec::new();
        loop {
            let token = self.next();
            match token.kind {
                Kind::Text => nodes.push(Node::Text(token.text)),
                Kind::End if ends.is_empty() => return Ok((nodes, None)),
                Kind::End => return Err((token.position, "unexpected EOF".into())),
                Kind::Open => {
                    self.spaces();
                    let word = self.peek().clone();
                    if word.kind == Kind::Word && matches!(word.text.as_str(), "end" | "else") {
                        self.at += 1;
                        return Ok((nodes, Some((word.text, word.position))));
                    }
                    if let Some(node) = self.action()? {
                        nodes.push(node);
                    }
                }
                _ => return Err((token.position, format!("unexpected {} in input", quote(&token.text)))),
            }
        }
    }

    fn close(&mut self, context: &str) -> Result<(), Failure> {
        self.spaces();
        if self.peek().kind != Kind::Close {
            return self.unexpected(context);
        }
        self.at += 1;
        Ok(())
    }

    fn action(&mut self) -> Result<Option<Node>, Failure> {
        let word = self.peek().clone();
        let keyword = if word.kind == Kind::Word { word.text.as_str() } else { "" };
        match keyword {
            "if" | "with" | "range" => {
                self.at += 1;
                self.control(keyword).map(Some)
            }
            "break" | "continue" => {
                self.at += 1;
                self.close(keyword)?;
                if self.loops == 0 {
                    return Err((word.position, format!("{{{{{keyword}}}}} outside {{{{range}}}}")));
                }
                Ok(Some(if keyword == "break" { Node::Break } else { Node::Continue }))
            }
            "template" => {
                self.at += 1;
                self.spaces();
                let position = self.peek().position;
                let name = self.name("template clause")?;
                self.spaces();
                let pipe = if self.peek().kind == Kind::Close { None } else { Some(self.pipe("template clause")?) };
                self.close("template clause")?;
                Ok(Some(Node::Template(name, pipe, position)))
            }
            "define" => {
                self.at += 1;
                let name = self.name("define clause")?;
                self.close("define clause")?;
                let body = self.body("define clause")?;
                self.templates.insert(name, body);
                Ok(None)
            }
            "block" => {
                self.at += 1;
                let name = self.name("block clause")?;
                let pipe = self.pipe("block clause")?;
                self.close("block clause")?;
                let body = self.body("block clause")?;
                self.templates.insert(name.clone(), body);
                Ok(Some(Node::Template(name, Some(pipe), word.position)))
            }
            _ => {
                let pipe = self.pipe("command")?;
                self.close("command")?;
                Ok(Some(Node::Action(pipe)))
            }
        }
    }

    /// A template of its own, with variables of its own, up to its `{{end}}`.
    fn body(&mut self, context: &str) -> Result<Vec<Node>, Failure> {
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let (nodes, ending) = self.list(&["end"])?;
        self.variables = outer;
        match ending {
            Some((word, _)) if word == "end" => self.close("end")?,
            Some((word, position)) => return Err((position, format!("unexpected {{{{{word}}}}} in {context}"))),
            None => {}
        }
        Ok(nodes)
    }

    fn name(&mut self, context: &str) -> Result<String, Failure> {
        self.spaces();
        let token = self.peek().clone();
        let name = match token.kind {
            Kind::Quoted => unquote(&token.text).ok_or((token.position, "invalid syntax".to_string()))?,
            Kind::Raw => token.text.trim_matches('`').to_string(),
            _ => return self.unexpected(context),
        };
        self.at += 1;
        Ok(name)
    }

    fn control(&mut self, keyword: &str) -> Result<Node, Failure> {
        let scope = self.variables.len();
        let pipe = self.pipe(keyword)?;
        self.close(keyword)?;
        self.loops += usize::from(keyword == "range");
        let (body, ending) = self.list(&["end", "else"])?;
        self.loops -= usize::from(keyword == "range");
        let mut otherwise = Vec::new();
        if ending.is_some_and(|(word, _)| word == "else") {
            self.spaces();
            let next = self.peek().clone();
            let chains =
                next.kind == Kind::Word && matches!((keyword, next.text.as_str()), ("if", "if") | ("with", "with"));
            if chains {
                // {{else if}} ends with the {{end}} of the inner one.
                self.at += 1;
                otherwise.push(self.control(keyword)?);
                self.variables.truncate(scope);
                return Ok(node(keyword, pipe, body, otherwise));
            }
            self.close("else")?;
            let (nodes, ending) = self.list(&["end"])?;
            otherwise = nodes;
            if let Some((word, position)) = ending.filter(|(word, _)| word == "else") {
                return Err((position, format!("expected end; found {{{{{word}}}}}")));
            }
        }
        self.close("end")?;
        self.variables.truncate(scope);
        Ok(node(keyword, pipe, body, otherwise))
    }

    fn pipe(&mut self, context: &str) -> Result<Pipe, Failure> {
        let mut pipe = Pipe { variables: Vec::new(), assigns: false, commands: Vec::new() };
        self.spaces();
        self.declarations(context, &mut pipe)?;
        loop {
            self.spaces();
            let ends = self.peek().kind == Kind::Close || self.is_mark(")");
            if ends {
                if pipe.commands.is_empty() {
                    return Err((self.peek().position, format!("missing value for {context}")));
                }
                return Ok(pipe);
            }
            let command = self.command()?;
            let first_only = |arg: &Arg| {
                matches!(
                    arg.value,
                    Operand::Bool(_)
                        | Operand::Dot
                        | Operand::Nil
                        | Operand::Int(_)
                        | Operand::Float(_)
                        | Operand::Text(_)
                )
            };
            if !pipe.commands.is_empty() && command.first().is_some_and(first_only) {
                let position = command[0].position;
                return Err((
                    position,
                    format!("non executable command in pipeline stage {}", pipe.commands.len() + 1),
                ));
            }
            pipe.commands.push(command);
        }
    }

    /// `$x :=`, `$x =`, `$i, $e :=`.
    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<(), Failure> {
        let start = self.at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Variable {
            let name = self.next().text;
            self.spaces();
            names.push(name);
            if self.is_mark(",") && context == "range" {
                if names.len() == 2 {
                    return Err((self.peek().position, "too many declarations in range".into()));
                }
                self.at += 1;
                self.spaces();
                continue;
            }
            break;
        }
        let declares = self.is_mark(":=");
        if names.is_empty() || !(declares || self.is_mark("=")) {
            self.at = start;
            return Ok(());
        }
        self.at += 1;
        pipe.assigns = !declares;
        if declares {
            self.variables.extend(names.iter().cloned());
        }
        pipe.variables = names;
        Ok(())
    }

    fn command(&mut self) -> Result<Vec<Arg>, Failure> {
        let mut args = Vec::new();
        loop {
            self.spaces();
            if self.peek().kind == Kind::Close || self.is_mark(")") {
                break;
            }
            if self.is_mark("|") {
                let position = self.next().position;
                if args.is_empty() {
                    return Err((position, "missing value for command".into()));
                }
                break;
            }
            args.push(self.operand()?);
            let separated =
                matches!(self.peek().kind, Kind::Space | Kind::Close) || self.is_mark("|") || self.is_mark(")");
            if !separated {
                return self.unexpected("operand");
            }
        }
        if args.is_empty() {
            return Err((self.peek().position, "empty command".into()));
        }
        if matches!(args[0].value, Operand::Function(_)) {
            // Errors of functions show the whole call.
            let whole: Vec<String> = args.iter().map(|arg| arg.text.clone()).collect();
            args[0].text = whole.join(" ");
        }
        Ok(args)
    }

    fn operand(&mut self) -> Result<Arg, Failure> {
        let token = self.peek().clone();
        let mut text = token.text.clone();
        let value = match token.kind {
            Kind::Dot => Operand::Dot,
            Kind::Field => {
                self.at += 1;
                // Go gives a chain of fields the position of its second.
                let chain = self.peek().clone();
                let position = if chain.kind == Kind::Field { chain.position } else { token.position };
                let mut fields = vec![token.text[1..].to_string()];
                fields.extend(self.fields(&mut text));
                return Ok(Arg { value: Operand::Field(fields), position, text });
            }
            Kind::Variable => {
                if !self.variables.contains(&token.text) {
                    return Err((token.position, format!("undefined variable {}", quote(&token.text))));
                }
                self.at += 1;
                let chain = self.peek().clone();
                let position = if chain.kind == Kind::Field { chain.position } else { token.position };
                let fields = self.fields(&mut text);
                return Ok(Arg { value: Operand::Variable(token.text, fields), position, text });
            }
            Kind::Word => match token.text.as_str() {
                "true" => Operand::Bool(true),
                "false" => Operand::Bool(false),
                "nil" => Operand::Nil,
                name if funcs::is_known(name) => Operand::Function(name.to_string()),
                name => return Err((token.position, format!("function {} not defined", quote(name)))),
            },
            Kind::Number => {
                constant(&token.text).ok_or((token.position, format!("bad number syntax: {}", quote(&token.text))))?
            }
            Kind::Char => {
                let inner = unquote(&format!("\"{}\"", &token.text[1..token.text.len() - 1].replace('"', "\\\"")));
                let c = inner.and_then(|text| text.chars().next());
                Operand::Int(i64::from(u32::from(
                    c.ok_or((token.position, format!("malformed character constant: {}", token.text)))?,
                )))
            }
            Kind::Quoted => Operand::Text(unquote(&token.text).ok_or((token.position, "invalid syntax".to_string()))?),
            Kind::Raw => Operand::Text(token.text.trim_matches('`').to_string()),
            Kind::Mark if token.text == "(" => {
                self.at += 1;
                let pipe = self.pipe("parenthesized pipeline")?;
                if !self.is_mark(")") {
                    return self.unexpected("parenthesized pipeline");
                }
                let commands: Vec<String> = pipe.commands.iter().map(|command| command_text(command)).collect();
                text = format!("({})", commands.join(" | "));
                Operand::Pipe(Box::new(pipe))
            }
            _ => return self.unexpected("operand"),
        };
        self.at += 1;
        let arg = Arg { value, position: token.position, text };
        let mut text = arg.text.clone();
        let position = self.peek().position;
        let fields = self.fields(&mut text);
        if fields.is_empty() {
            return Ok(arg);
        }
        Ok(Arg { position, text, value: Operand::Chain(Box::new(arg), fields) })
    }

    fn fields(&mut self, text: &mut String) -> Vec<String> {
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            let field = self.next().text;
            text.push_str(&field);
            fields.push(field[1..].to_string());
        }
        fields
    }
}

/// A command as error messages show it; that of a function stands whole in its first word.
fn command_text(command: &[Arg]) -> String {
    match command {
        [first, ..] if matches!(first.value, Operand::Function(_)) => first.text.clone(),
        args => args.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>().join(" "),
    }
}

fn node(keyword: &str, pipe: Pipe, body: Vec<Node>, otherwise: Vec<Node>) -> Node {
    match keyword {
        "if" => Node::If(pipe, body, otherwise),
        "with" => Node::With(pipe, body, otherwise),
        _ => Node::Range(pipe, body, otherwise),
    }
}

fn constant(text: &str) -> Option<Operand> {
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest.to_string()),
        None => (1, plain.trim_start_matches('+').to_string()),
    };
    let radix = |prefix: &str, radix| {
        digits.to_lowercase().strip_prefix(prefix).and_then(|d| i64::from_str_radix(d, radix).ok())
    };
    let integer =
        radix("0x", 16).or_else(|| radix("0b", 2)).or_else(|| radix("0o", 8)).or_else(|| match digits.as_bytes() {
            [b'0', _, ..] => i64::from_str_radix(&digits[1..], 8).ok(),
            _ => digits.parse().ok(),
        });
    match integer {
        Some(n) => Some(Operand::Int(sign * n)),
        None => plain.parse().ok().map(Operand::Float),
    }
}

/// A Go string literal's content.
fn unquote(text: &str) -> Option<String> {
    let body = text.strip_prefix('"')?.strip_suffix('"')?;
    let (mut out, mut chars) = (String::new(), body.chars());
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = chars.next()?;
        let mut code = |length: usize| {
            let digits: String = chars.by_ref().take(length).collect();
            u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == length).and_then(char::from_u32)
        };
        out.push(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '\\' | '"' | '\'' => escaped,
            'x' => code(2)?,
            'u' => code(4)?,
            'U' => code(8)?,
            _ => return None,
        });
    }
    Some(out)
}
