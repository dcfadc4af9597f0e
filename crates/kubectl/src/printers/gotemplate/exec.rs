//! Executes a template (Go: text/template/exec.go).

use super::TemplateError;
use super::funcs;
use super::parse::{Arg, Node, Operand, Pipe, Templates};
use super::value::Val;
use crate::text::quote;
use serde_json::Value;

/// Runs the template `name`; `text` is its source, for positions in errors.
pub(super) fn execute(
    templates: &Templates,
    name: &str,
    text: &str,
    object: &Value,
    missing_keys: bool,
) -> Result<String, TemplateError> {
    let root = Val::of(object);
    let mut state = State {
        templates,
        name,
        text,
        missing_keys,
        variables: vec![("$".into(), root.clone())],
        out: String::new(),
        depth: 0,
    };
    let nodes = templates.get(name).map(Vec::as_slice).unwrap_or_default();
    match state.walk(nodes, &root) {
        Ok(_) => Ok(state.out),
        Err(message) => Err(TemplateError { partial: state.out, message }),
    }
}

/// Go's limit for templates that call templates.
const MAX_DEPTH: usize = 100_000;

struct State<'a> {
    templates: &'a Templates,
    name: &'a str,
    text: &'a str,
    missing_keys: bool,
    variables: Vec<(String, Val<'a>)>,
    out: String,
    depth: usize,
}

/// How a list of nodes ended.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

type Outcome<T> = Result<T, String>;

impl<'a> State<'a> {
    /// Go's `errorf`: where, in which template, at what.
    fn fail<T>(&self, arg: &Arg, message: impl std::fmt::Display) -> Outcome<T> {
        let before = &self.text[..arg.position.min(self.text.len())];
        let column = before.rfind('\n').map_or(before.len(), |newline| before.len() - newline - 1);
        let line = 1 + before.matches('\n').count();
        Err(format!("template: output:{line}:{column}: executing {} at <{}>: {message}", quote(self.name), arg.text))
    }

    fn walk(&mut self, nodes: &'a [Node], dot: &Val<'a>) -> Outcome<Flow> {
        for node in nodes {
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'a Node, dot: &Val<'a>) -> Outcome<Flow> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.out.push_str(&value.print());
                }
            }
            Node::If(pipe, body, otherwise) | Node::With(pipe, body, otherwise) => {
                let scope = self.variables.len();
                let value = self.pipe(pipe, dot)?;
                let inner = if matches!(node, Node::With(..)) { &value } else { dot };
                let flow = if value.truth() { self.walk(body, inner) } else { self.walk(otherwise, dot) };
                self.variables.truncate(scope);
                return flow;
            }
            Node::Range(pipe, body, otherwise) => return self.range(pipe, body, otherwise, dot),
            Node::Template(name, pipe, position) => self.template(name, pipe.as_ref(), *position, dot)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn template(&mut self, name: &'a str, pipe: Option<&'a Pipe>, position: usize, dot: &Val<'a>) -> Outcome<()> {
        let clause = Arg { value: Operand::Dot, position, text: format!("{{{{template {}}}}}", quote(name)) };
        let Some(nodes) = self.templates.get(name) else {
            return self.fail(&clause, format!("template {} not defined", quote(name)));
        };
        if self.depth == MAX_DEPTH {
            return self.fail(&clause, format!("exceeded maximum template depth ({MAX_DEPTH})"));
        }
        let value = pipe.map_or(Ok(Val::None), |pipe| self.pipe(pipe, dot))?;
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), value.clone())]);
        let outer_name = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        let done = self.walk(nodes, &value);
        self.depth -= 1;
        self.variables = outer;
        self.name = outer_name;
        done.map(|_| ())
    }

    fn range(&mut self, pipe: &'a Pipe, body: &'a [Node], otherwise: &'a [Node], dot: &Val<'a>) -> Outcome<Flow> {
        let scope = self.variables.len();
        let value = self.operands(pipe, dot)?;
        let items: Vec<(Val<'a>, Val<'a>)> = match &value {
            Val::Json(Value::Array(items)) => {
                items.iter().zip(0..).map(|(item, at)| (Val::Int(at), Val::of(item))).collect()
            }
            Val::Json(Value::Object(map)) => {
                map.iter().map(|(key, item)| (Val::Text(key.clone()), Val::of(item))).collect()
            }
            Val::Int(n) => (0..*n).map(|at| (Val::Int(at), Val::Int(at))).collect(),
            Val::None => Vec::new(),
            other => {
                // The last command is what was ranged over; a pipe always has one.
                let arg = &pipe.commands[pipe.commands.len() - 1][0];
                return self.fail(arg, format!("range can't iterate over {}", other.display()));
            }
        };
        let empty = items.is_empty();
        for (key, item) in items {
            match (pipe.variables.as_slice(), pipe.assigns) {
                ([element], false) => self.variables.push((element.clone(), item.clone())),
                ([index, element], false) => {
                    self.variables.push((index.clone(), key));
                    self.variables.push((element.clone(), item.clone()));
                }
                ([element], true) => self.assign(element, item.clone()),
                ([index, element], true) => {
                    self.assign(index, key);
                    self.assign(element, item.clone());
                }
                _ => {}
            }
            let flow = self.walk(body, &item)?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        let flow = if empty { self.walk(otherwise, dot)? } else { Flow::On };
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn assign(&mut self, name: &str, value: Val<'a>) {
        if let Some(slot) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            slot.1 = value;
        }
    }

    /// A pipeline's value, its variables set.
    fn pipe(&mut self, pipe: &'a Pipe, dot: &Val<'a>) -> Outcome<Val<'a>> {
        let value = self.operands(pipe, dot)?;
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone());
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn operands(&mut self, pipe: &'a Pipe, dot: &Val<'a>) -> Outcome<Val<'a>> {
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(command, dot, value)?);
        }
        Ok(value.unwrap_or(Val::None))
    }

    fn command(&mut self, command: &'a [Arg], dot: &Val<'a>, last: Option<Val<'a>>) -> Outcome<Val<'a>> {
        // A command always has a first word.
        let first = &command[0];
        let Operand::Function(name) = &first.value else {
            let has_args = command.len() > 1 || last.is_some();
            if has_args {
                return match &first.value {
                    Operand::Field(fields) | Operand::Chain(_, fields) | Operand::Variable(_, fields)
                        if !fields.is_empty() =>
                    {
                        let field = &fields[fields.len() - 1];
                        self.fail(first, format!("{field} is not a method but has arguments"))
                    }
                    _ => self.fail(first, format!("can't give argument to non-function {}", first.text)),
                };
            }
            return self.operand(first, dot);
        };
        if name == "and" || name == "or" {
            return self.logic(first, name == "and", &command[1..], dot, last);
        }
        let mut args = Vec::new();
        for arg in &command[1..] {
            args.push(self.operand(arg, dot)?);
        }
        args.extend(last);
        if let (true, Some(Val::Int(_) | Val::Float(_) | Val::Bool(_)), Some(format)) =
            (name == "printf", args.first(), command.get(1))
        {
            return self.fail(format, format!("expected string; found {}", format.text));
        }
        funcs::call(name, &args).or_else(|message| self.fail(first, message))
    }

    /// `and` and `or` stop at the first operand that decides.
    fn logic(
        &mut self,
        first: &Arg,
        all: bool,
        args: &'a [Arg],
        dot: &Val<'a>,
        last: Option<Val<'a>>,
    ) -> Outcome<Val<'a>> {
        let mut value = None;
        for arg in args {
            let next = self.operand(arg, dot)?;
            if next.truth() != all {
                return Ok(next);
            }
            value = Some(next);
        }
        match last.or(value) {
            Some(value) => Ok(value),
            None => self.fail(first, format!("wrong number of args for {}: want at least 1 got 0", first.text)),
        }
    }

    fn operand(&mut self, arg: &'a Arg, dot: &Val<'a>) -> Outcome<Val<'a>> {
        match &arg.value {
            Operand::Dot => Ok(dot.clone()),
            Operand::Nil => self.fail(arg, "nil is not a command"),
            Operand::Bool(flag) => Ok(Val::Bool(*flag)),
            Operand::Int(n) => Ok(Val::Int(*n)),
            Operand::Float(x) => Ok(Val::Float(*x)),
            Operand::Text(text) => Ok(Val::Text(text.clone())),
            Operand::Function(name) => funcs::call(name, &[]).or_else(|message| self.fail(arg, message)),
            Operand::Field(fields) => self.fields(arg, dot.clone(), fields),
            Operand::Variable(name, fields) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = found.map_or(Val::None, |(_, value)| value.clone());
                self.fields(arg, value, fields)
            }
            Operand::Chain(inner, fields) => {
                let value = self.operand(inner, dot)?;
                self.fields(arg, value, fields)
            }
            Operand::Pipe(pipe) => self.pipe(pipe, dot),
        }
    }

    fn fields(&self, arg: &Arg, start: Val<'a>, fields: &[String]) -> Outcome<Val<'a>> {
        let (mut value, mut null) = (start, false);
        for field in fields {
            if null {
                return self.fail(arg, format!("nil pointer evaluating interface {{}}.{field}"));
            }
            value = match value {
                Val::Json(Value::Object(map)) => match map.get(field) {
                    Some(found) => {
                        null = found.is_null();
                        Val::of(found)
                    }
                    None if self.missing_keys => Val::None,
                    None => return self.fail(arg, format!("map has no entry for key {}", quote(field))),
                },
                Val::None if self.missing_keys => Val::None,
                Val::None => return self.fail(arg, format!("nil data; no entry for key {}", quote(field))),
                other => {
                    let kind =
                        if fields.len() > 1 || arg.text.starts_with('.') { "interface {}" } else { other.type_name() };
                    return self.fail(arg, format!("can't evaluate field {field} in type {kind}"));
                }
            };
        }
        Ok(value)
    }
}
