//! The grammar, loaded from `grammar.txt`, and the parser that finds every way to read a sentence with it. A reading
//! must use every token: what is left over makes the sentence not understood, never partly understood.

use super::token::Token;
use super::vocabulary::Vocabulary;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// One thing that an alternative expects.
#[derive(Debug)]
enum Item {
    /// One of these words.
    Word(Vec<String>),
    /// A rule of the grammar, its meaning kept in the slot.
    Rule(usize, Option<String>),
    /// A category of the vocabulary (`KIND`, `NUM`, …), its meaning kept in the slot.
    Category(String, Option<String>),
    /// May be missing.
    Optional(Box<Item>),
}

/// One line of a rule.
#[derive(Debug)]
struct Alternative {
    items: Vec<Item>,
    meaning: Option<Value>,
}

/// All rules, by index; the first is where a sentence starts.
#[derive(Debug)]
pub struct Grammar {
    rules: Vec<Vec<Alternative>>,
}

/// A reading of some tokens: where it ends, and what it means.
type Reading = (usize, Value);

impl Grammar {
    /// Reads the file format described at the top of `grammar.txt`.
    pub fn load(text: &str) -> Result<Self, String> {
        let lines = || text.lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
        let names: Vec<&str> = lines().filter_map(|l| l.strip_prefix("rule ")).map(str::trim).collect();
        let index: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        if index.len() != names.len() {
            return Err("a rule is there twice".into());
        }
        let mut rules: Vec<Vec<Alternative>> = Vec::new();
        for line in lines() {
            if line.starts_with("rule ") {
                rules.push(Vec::new());
                continue;
            }
            let rule = rules.last_mut().ok_or_else(|| format!("before the first rule: {line}"))?;
            rule.push(alternative(line, &index).map_err(|why| format!("{why}: {line}"))?);
        }
        Ok(Self { rules })
    }

    /// All words that the grammar itself uses.
    pub fn words(&self) -> BTreeSet<String> {
        fn collect(items: &[Item], into: &mut BTreeSet<String>) {
            for item in items {
                match item {
                    Item::Word(words) => into.extend(words.iter().cloned()),
                    Item::Optional(inner) => collect(std::slice::from_ref(inner), into),
                    _ => {}
                }
            }
        }
        let mut words = BTreeSet::new();
        self.rules.iter().flatten().for_each(|a| collect(&a.items, &mut words));
        words
    }

    /// Every way to read all of these tokens, in the order of the grammar's lines.
    /// `lesson` tells whether a word occurs in the lesson's commands and files. Beside the readings: how far any came.
    pub fn readings(
        &self,
        tokens: &[Token],
        vocabulary: &Vocabulary,
        lesson: &dyn Fn(&str) -> bool,
    ) -> (Vec<Value>, usize) {
        let mut parser = Parser { grammar: self, tokens, vocabulary, lesson, seen: HashMap::new(), furthest: 0 };
        let all = parser.rule(0, 0);
        let whole = all.iter().filter(|(end, _)| *end == tokens.len()).map(|(_, v)| v.clone()).collect();
        (whole, parser.furthest)
    }
}

fn alternative(line: &str, rules: &HashMap<&str, usize>) -> Result<Alternative, String> {
    let (left, meaning) = match line.split_once(" -> ") {
        Some((left, json)) => (left, Some(serde_json::from_str(json).map_err(|e| e.to_string())?)),
        None => (line, None),
    };
    let mut items = Vec::new();
    for word in spaced(left) {
        let (word, optional) = match word.strip_suffix('?') {
            Some(word) => (word, true),
            None => (word, false),
        };
        let item = match word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            None => Item::Word(word.split('/').map(str::to_owned).collect()),
            Some(inside) => {
                let (name, slot) = match inside.split_once(' ') {
                    Some((name, slot)) => (name, Some(slot.to_owned())),
                    None => (inside, None),
                };
                match rules.get(name) {
                    Some(rule) => Item::Rule(*rule, slot),
                    None if Vocabulary::has_category(name) => Item::Category(name.to_owned(), slot),
                    None => return Err(format!("no rule {name}")),
                }
            }
        };
        items.push(if optional { Item::Optional(Box::new(item)) } else { item });
    }
    Ok(Alternative { items, meaning })
}

/// Splits at spaces outside of braces.
fn spaced(line: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (i, c) in line.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ' ' if depth == 0 => {
                parts.push(&line[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts.retain(|p| !p.is_empty());
    parts
}

struct Parser<'a> {
    grammar: &'a Grammar,
    tokens: &'a [Token],
    vocabulary: &'a Vocabulary,
    lesson: &'a dyn Fn(&str) -> bool,
    seen: HashMap<(usize, usize), Rc<Vec<Reading>>>,
    /// How far any reading came: where the sentence stops making sense.
    furthest: usize,
}

impl Parser<'_> {
    fn rule(&mut self, rule: usize, at: usize) -> Rc<Vec<Reading>> {
        if let Some(known) = self.seen.get(&(rule, at)) {
            return known.clone();
        }
        // A rule that begins with itself reads nothing the second time: that ends left recursion.
        self.seen.insert((rule, at), Rc::new(vec![]));
        let mut readings: Vec<Reading> = Vec::new();
        let grammar = self.grammar;
        for alternative in &grammar.rules[rule] {
            let mut slots = Map::new();
            let mut found = Vec::new();
            self.items(&alternative.items, at, &mut slots, &mut |end, slots| {
                found.push((end, meaning(alternative, slots)));
            });
            for reading in found {
                if !readings.contains(&reading) {
                    readings.push(reading);
                }
            }
        }
        let readings = Rc::new(readings);
        self.seen.insert((rule, at), readings.clone());
        readings
    }

    fn items(
        &mut self,
        items: &[Item],
        at: usize,
        slots: &mut Map<String, Value>,
        found: &mut dyn FnMut(usize, &Map<String, Value>),
    ) {
        self.furthest = self.furthest.max(at);
        let Some((item, rest)) = items.split_first() else { return found(at, slots) };
        let (item, optional) = match item {
            Item::Optional(inner) => (inner.as_ref(), true),
            item => (item, false),
        };
        match item {
            Item::Word(words) => {
                let fits = |t: &Token| !t.quoted && words.contains(&t.low);
                if self.tokens.get(at).is_some_and(fits) {
                    self.items(rest, at + 1, slots, found);
                }
            }
            Item::Rule(rule, slot) => {
                for (end, value) in self.rule(*rule, at).iter() {
                    self.with(slot, value, *end, rest, slots, found);
                }
            }
            Item::Category(name, slot) => {
                for (length, value) in self.vocabulary.category(name, &self.tokens[at..], self.lesson) {
                    self.with(slot, &value, at + length, rest, slots, found);
                }
            }
            Item::Optional(_) => {}
        }
        if optional {
            self.items(rest, at, slots, found);
        }
    }

    fn with(
        &mut self,
        slot: &Option<String>,
        value: &Value,
        end: usize,
        rest: &[Item],
        slots: &mut Map<String, Value>,
        found: &mut dyn FnMut(usize, &Map<String, Value>),
    ) {
        let Some(slot) = slot else { return self.items(rest, end, slots, found) };
        let before = slots.insert(slot.clone(), value.clone());
        self.items(rest, end, slots, found);
        match before {
            Some(before) => slots.insert(slot.clone(), before),
            None => slots.remove(slot),
        };
    }
}

/// The meaning of a reading: the line's template with its slots filled in; without a template, what its only slot holds.
fn meaning(alternative: &Alternative, slots: &Map<String, Value>) -> Value {
    match &alternative.meaning {
        Some(template) => fill(template, slots),
        None => slots.values().next().cloned().unwrap_or(Value::Null),
    }
}

fn fill(template: &Value, slots: &Map<String, Value>) -> Value {
    let slot = |name: &str| slots.get(name).cloned().unwrap_or(Value::Null);
    match template {
        Value::String(s) => match s.strip_prefix('$') {
            Some(name) => slot(name),
            None => template.clone(),
        },
        Value::Array(list) => {
            let mut out = Vec::new();
            for entry in list {
                match entry.as_str().and_then(|s| s.strip_prefix("..$")) {
                    Some(name) => match slot(name) {
                        Value::Array(more) => out.extend(more),
                        Value::Null => {}
                        one => out.push(one),
                    },
                    None => match fill(entry, slots) {
                        Value::Null => {}
                        value => out.push(value),
                    },
                }
            }
            Value::Array(out)
        }
        Value::Object(map) => match map.get("&") {
            Some(parts) => merged(fill(parts, slots)),
            None => {
                let filled = map.iter().map(|(k, v)| (k.clone(), fill(v, slots)));
                Value::Object(filled.filter(|(_, v)| !v.is_null()).collect())
            }
        },
        other => other.clone(),
    }
}

/// One object of several: lists of the same key are joined, of other values the last one stays.
fn merged(parts: Value) -> Value {
    let mut out = Map::new();
    let Value::Array(parts) = parts else { return Value::Null };
    for part in parts {
        let Value::Object(part) = part else { continue };
        for (key, value) in part {
            match (out.get_mut(&key), value) {
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                (_, value) => {
                    out.insert(key, value);
                }
            }
        }
    }
    Value::Object(out)
}
