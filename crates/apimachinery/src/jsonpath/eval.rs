//! Nodes to results (upstream's `jsonpath.go`), with its error texts.

use std::borrow::Cow;

use serde_json::Value;

use super::JsonPathError;
use super::compare::compare;
use super::node::{End, Node, Slice};
use crate::go;

/// Deeper than any sensible template; it keeps a malicious one from exhausting the stack.
const MAX_NESTED_RANGES: usize = 100;

/// Something that a step found.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    /// Not even null: what a loop over a null, or over nothing, has for its object.
    Nothing,
    /// A value of the object, or one that the template spells.
    Found(Cow<'a, Value>),
}

impl<'a> Item<'a> {
    fn of(value: impl Into<Value>) -> Self {
        Self::Found(Cow::Owned(value.into()))
    }

    /// The value, unless it is nothing.
    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Nothing => None,
            Self::Found(value) => Some(value),
        }
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Found(value) => value.into_owned(),
        }
    }

    /// What a step finds below: in a map its values, in a list its items, in a string its bytes.
    fn children(&self) -> Vec<Item<'a>> {
        match self {
            Self::Found(Cow::Borrowed(Value::Object(map))) => {
                map.values().map(|v| Self::Found(Cow::Borrowed(v))).collect()
            }
            Self::Found(Cow::Borrowed(Value::Array(items))) => {
                items.iter().map(|v| Self::Found(Cow::Borrowed(v))).collect()
            }
            Self::Found(value) => value.as_str().into_iter().flat_map(str::bytes).map(Self::of).collect(),
            Self::Nothing => Vec::new(),
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Found(value) if value.is_null())
    }

    fn list(&self) -> Option<&'a [Value]> {
        match self {
            Self::Found(Cow::Borrowed(Value::Array(items))) => Some(items),
            _ => None,
        }
    }
}

/// An error, with what had been found before it: a filter that asks whether something exists looks at that.
struct Failed<'a> {
    found: Vec<Item<'a>>,
    error: JsonPathError,
}

type Walk<'a> = Result<Vec<Item<'a>>, Failed<'a>>;

fn fail<'a>(found: &[Item<'a>], text: impl Into<String>) -> Walk<'a> {
    Err(Failed { found: found.to_vec(), error: JsonPathError::new(text) })
}

struct Evaluator<'t> {
    nodes: &'t [Node],
    allow_missing_keys: bool,
    /// Ranges that were begun and not yet entered, that we are in, and that ended.
    begin_range: usize,
    in_range: usize,
    end_range: usize,
    last_end: usize,
}

/// What each action of a template finds in an object.
pub(super) fn find_results<'a>(
    nodes: &[Node],
    allow_missing_keys: bool,
    object: &'a Value,
) -> Result<Vec<Vec<Item<'a>>>, JsonPathError> {
    Evaluator { nodes, allow_missing_keys, begin_range: 0, in_range: 0, end_range: 0, last_end: 0 }
        .find(Item::Found(Cow::Borrowed(object)), 0)
}

impl Evaluator<'_> {
    /// Carries out the template from a node on, to its end or to the end of the range that we are in.
    fn find<'a>(&mut self, object: Item<'a>, from: usize) -> Result<Vec<Vec<Item<'a>>>, JsonPathError> {
        if self.in_range > MAX_NESTED_RANGES {
            return Err(JsonPathError::new("ranges are nested too deeply"));
        }
        let current = [if object.is_null() { Item::Nothing } else { object }];
        let mut all = Vec::new();
        let mut i = from;
        while let Some(node) = self.nodes.get(i) {
            let results = self.walk(&current, node).map_err(|failed| failed.error)?;
            if self.end_range > 0 && self.end_range <= self.in_range {
                self.end_range -= 1;
                self.last_end = i;
                break;
            }
            if self.begin_range > 0 {
                self.begin_range -= 1;
                self.in_range += 1;
                if results.is_empty() {
                    // To reach the end of the range; upstream evaluates the body once for that.
                    self.find(Item::Nothing, i + 1)?;
                }
                for result in results {
                    all.extend(self.find(result, i + 1)?);
                }
                self.in_range -= 1;
                i = i.max(self.last_end) + 1;
                continue;
            }
            all.push(results);
            i += 1;
        }
        Ok(all)
    }

    fn walk<'a>(&mut self, input: &[Item<'a>], node: &Node) -> Walk<'a> {
        let each = |value: Value| Ok(input.iter().map(|_| Item::of(value.clone())).collect());
        match node {
            Node::Text(text) => Ok(vec![Item::of(text.as_str())]),
            Node::List(nodes) => self.list(input, nodes),
            Node::Int(n) => each(Value::from(*n)),
            Node::Float(n) => each(Value::from(*n)),
            Node::Bool(b) => each(Value::from(*b)),
            Node::Field(name) => self.field(input, name),
            Node::Identifier(name) => self.identifier(input, name),
            Node::Array(slice) => array(input, *slice),
            Node::Filter { left, right, operator } => self.filter(input, left, right, operator),
            Node::Wildcard => Ok(input.iter().flat_map(Item::children).collect()),
            Node::Recursive => Ok(recursive(input)),
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    match self.list(input, part) {
                        Ok(results) => found.extend(results),
                        Err(failed) => return fail(input, failed.error.0),
                    }
                }
                Ok(found)
            }
        }
    }

    fn list<'a>(&mut self, input: &[Item<'a>], nodes: &[Node]) -> Walk<'a> {
        let mut current = input.to_vec();
        for node in nodes {
            current = self.walk(&current, node)?;
        }
        Ok(current)
    }

    fn identifier<'a>(&mut self, input: &[Item<'a>], name: &str) -> Walk<'a> {
        match name {
            "range" => {
                self.begin_range += 1;
                Ok(input.to_vec())
            }
            "end" if self.in_range > 0 => {
                self.end_range += 1;
                Ok(Vec::new())
            }
            "end" => fail(&[], "not in range, nothing to end"),
            _ => fail(input, format!("unrecognized identifier {name}")),
        }
    }

    fn field<'a>(&self, input: &[Item<'a>], name: &str) -> Walk<'a> {
        let below = |item: &Item<'a>| match item {
            Item::Found(Cow::Borrowed(value)) => value.as_object()?.get(name).map(|v| Item::Found(Cow::Borrowed(v))),
            _ => None,
        };
        let found: Vec<_> = input.iter().filter_map(below).collect();
        if found.is_empty() && !input.is_empty() && !self.allow_missing_keys {
            return fail(&[], format!("{name} is not found"));
        }
        Ok(found)
    }

    fn filter<'a>(&mut self, input: &[Item<'a>], left: &[Node], right: &[Node], operator: &str) -> Walk<'a> {
        let mut found = Vec::new();
        for item in input {
            let Some(items) = item.list() else {
                let shown = item.value().map_or("<invalid reflect.Value>".to_string(), go::print);
                return fail(input, format!("{shown} is not array or slice and cannot be filtered"));
            };
            for candidate in items {
                let candidate = Item::Found(Cow::Borrowed(candidate));
                let lefts = self.list(std::slice::from_ref(&candidate), left);
                if operator == "exists" {
                    if !lefts.unwrap_or_else(|failed| failed.found).is_empty() {
                        found.push(candidate);
                    }
                    continue;
                }
                let lefts = lefts.map_err(|failed| Failed { found: input.to_vec(), error: failed.error })?;
                let Some(left) = only(input, &lefts)? else {
                    continue;
                };
                let rights = self.list(std::slice::from_ref(&candidate), right);
                let rights = rights.map_err(|failed| Failed { found: input.to_vec(), error: failed.error })?;
                let Some(right) = only(input, &rights)? else {
                    continue;
                };
                let null = Value::Null;
                match compare(left.value().unwrap_or(&null), operator, right.value().unwrap_or(&null)) {
                    Ok(true) => found.push(candidate),
                    Ok(false) => {}
                    Err(error) => return Err(Failed { found, error }),
                }
            }
        }
        Ok(found)
    }
}

/// The one item of a side of a comparison; `None` where there is none.
fn only<'i, 'a>(input: &[Item<'a>], items: &'i [Item<'a>]) -> Result<Option<&'i Item<'a>>, Failed<'a>> {
    match items {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Failed { found: input.to_vec(), error: JsonPathError::new("can only compare one element at a time") }),
    }
}

/// All that has something below it: the items and what is below them, the outer before the inner.
fn recursive<'a>(input: &[Item<'a>]) -> Vec<Item<'a>> {
    let mut found = Vec::new();
    for item in input {
        let children = item.children();
        if !children.is_empty() {
            found.push(item.clone());
            found.extend(recursive(&children));
        }
    }
    found
}

fn array<'a>(input: &[Item<'a>], slice: Slice) -> Walk<'a> {
    let mut found = Vec::new();
    for item in input {
        if item.is_null() {
            continue;
        }
        let Some(items) = item.list() else {
            let kind = item.value().map_or("<nil>", go::type_name);
            return fail(input, format!("{kind} is not array or slice"));
        };
        let length = items.len() as i64;
        let from_end = |index: i64| {
            if index < 0 { index.saturating_add(length) } else { index }
        };
        let written = slice.start.unwrap_or(0);
        let start = from_end(written);
        let end = match slice.end {
            End::OfList => length,
            End::At(end) => from_end(end),
            End::AfterStart => match written.saturating_add(1) {
                0 => length,
                end => from_end(end),
            },
        };
        if start == end {
            // Upstream returns here, whatever other items there may be.
            return Ok(found);
        }
        if !(0..length).contains(&start) {
            return fail(input, format!("array index out of bounds: index {start}, length {length}"));
        }
        if !(0..=length).contains(&end) {
            return fail(input, format!("array index out of bounds: index {}, length {length}", end - 1));
        }
        if start > end {
            return fail(input, format!("starting index {start} is greater than ending index {end}"));
        }
        let step = slice.step.unwrap_or(1);
        if step <= 0 {
            return fail(input, "step must be > 0");
        }
        let chosen = items[start as usize..end as usize].iter().step_by(step as usize);
        found.extend(chosen.map(|v| Item::Found(Cow::Borrowed(v))));
    }
    Ok(found)
}
