//! What tokens can stand for: the categories that the grammar names in capitals.

use super::{Phrases, Vocabulary};
use crate::assertion::reader::GRAMMAR_WORDS;
use crate::assertion::token::Token;
use serde_json::{Value, json};

/// Every category.
const CATEGORIES: &[&str] = &[
    "KIND",
    "FIELD",
    "STATE",
    "STATEDID",
    "STATEDO",
    "NUM",
    "ORD",
    "QUOTED",
    "QNAMES",
    "NAME",
    "NAMELIKE",
    "ANYNAME",
    "TEXT",
    "VALUE",
    "IMAGE",
    "ENUM",
    "PATH",
    "PAIR",
    "REF",
    "DONE",
    "DID",
    "DO",
    "SELF",
    "ADJ",
    "VERBS",
    "PROBE",
    "DIRECTION",
    "DOUSE",
    "TAINT",
];

const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

const ORDINALS: &[&str] =
    &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// RBAC's verbs, in the words of sentences.
const VERBS: &[(&str, &[&str])] = &[
    ("get", &["get"]),
    ("list", &["list"]),
    ("watch", &["watch"]),
    ("create", &["create"]),
    ("update", &["update"]),
    ("patch", &["patch"]),
    ("delete", &["delete"]),
    ("getting", &["get"]),
    ("listing", &["list"]),
    ("watching", &["watch"]),
    ("creating", &["create"]),
    ("updating", &["update"]),
    ("patching", &["patch"]),
    ("deleting", &["delete"]),
];

impl Vocabulary {
    /// Is there such a category?
    pub fn has_category(name: &str) -> bool {
        CATEGORIES.contains(&name)
    }

    /// All that the tokens can begin with in a category: how many tokens, and what they mean.
    pub fn category(&self, name: &str, tokens: &[Token], lesson: &dyn Fn(&str) -> bool) -> Vec<(usize, Value)> {
        let Some(first) = tokens.first() else { return vec![] };
        let one = |value: Option<Value>| value.map(|v| (1, v)).into_iter().collect::<Vec<_>>();
        let phrases = |p: &Phrases| p.at(tokens);
        match name {
            "KIND" => phrases(&self.kind_words),
            "FIELD" => phrases(&self.field_words),
            "STATE" => phrases(&self.state_words),
            "STATEDID" => phrases(&self.state_did),
            "STATEDO" => phrases(&self.state_do),
            "DONE" => phrases(&self.done),
            "DID" => phrases(&self.did),
            "DO" => phrases(&self.base),
            "SELF" => phrases(&self.itself),
            "ADJ" => phrases(&self.adjectives),
            "ENUM" => phrases(&self.enums),
            "NUM" => one(number(first).map(|n| json!(n))),
            "ORD" => one(ORDINALS.iter().position(|o| *o == first.low && !first.quoted).map(|i| json!(i + 1))),
            "QUOTED" => one((first.quoted && !is_path(&first.text)).then(|| json!(first.text))),
            "QNAMES" => names(tokens),
            "NAME" => one(self.is_guessed_name(first, lesson).then(|| json!(first.text))),
            "NAMELIKE" => one((!first.quoted && (looks_like_a_name(first) || self.is_guessed_name(first, lesson)))
                .then(|| json!(first.text))),
            "ANYNAME" => one(Some(json!(first.text))),
            "TEXT" => one((is_text(first) && pair(&first.text).is_none()).then(|| json!(first.text))),
            "TAINT" => one(is_text(first).then(|| json!(first.text))),
            "VALUE" => self.value(tokens, lesson),
            "IMAGE" => one(self.is_image(first, lesson).then(|| json!({"v": first.text}))),
            "PATH" => one(is_path(&first.text).then(|| json!(first.text.trim_start_matches('.')))),
            "PAIR" => one(pair(&first.text).map(|(k, v)| json!({"k": k, "v": v}))),
            "REF" => one(self.reference(first)),
            "VERBS" => verbs(tokens),
            "PROBE" => {
                one(["liveness", "readiness", "startup"].contains(&first.low.as_str()).then(|| json!(first.low)))
            }
            "DIRECTION" => one(direction(&first.low)),
            "DOUSE" => one(["run", "use"].contains(&first.low.as_str()).then(|| json!(first.low))),
            _ => vec![],
        }
    }

    fn value(&self, tokens: &[Token], lesson: &dyn Fn(&str) -> bool) -> Vec<(usize, Value)> {
        let mut found = self.enums.at(tokens);
        let first = &tokens[0];
        if let Some(n) = number(first) {
            found.push((1, json!({"v": n.to_string()})));
        } else if first.quoted {
            found.push((1, json!({"v": first.text})));
        } else if !is_grammar(first) && !self.words.judging.contains(&first.low) {
            let plain = first.text.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
            let cased = first.text.chars().any(char::is_uppercase);
            let bare = plain && !cased && !lesson(&first.low);
            found.push((1, json!({"v": first.text, "bare": bare})));
        }
        found
    }

    /// An unquoted word that can only be a name: it is one of the lesson's words, or has the shape of one.
    fn is_guessed_name(&self, token: &Token, lesson: &dyn Fn(&str) -> bool) -> bool {
        let known = |p: &Phrases| !p.at(std::slice::from_ref(token)).is_empty();
        let word = [&self.kind_words, &self.field_words, &self.state_words, &self.adjectives, &self.done, &self.enums];
        !token.quoted
            && !is_grammar(token)
            && !word.into_iter().any(known)
            && number(token).is_none()
            && token.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && (lesson(&token.low) || looks_like_a_name(token))
    }

    fn is_image(&self, token: &Token, lesson: &dyn Fn(&str) -> bool) -> bool {
        let repository = token.low.split([':', '@']).next().unwrap_or_default();
        let last = repository.rsplit('/').next().unwrap_or_default();
        token.quoted
            || token.text.contains([':', '/'])
            || self.words.images.contains(last)
            || (lesson(&token.low) && !is_grammar(token))
    }

    /// Is this word an image that sentences name without a tag?
    pub fn is_known_image(&self, text: &str) -> bool {
        let repository = text.split([':', '@']).next().unwrap_or_default();
        self.words.images.contains(repository.rsplit('/').next().unwrap_or_default())
    }

    /// `deploy/shop`, `service/demo`
    fn reference(&self, token: &Token) -> Option<Value> {
        let (kind, name) = token.text.split_once('/')?;
        let kind = kind.split('.').next().unwrap_or(kind);
        let found = self.kind_words.at(&[Token { text: kind.into(), low: kind.to_lowercase(), quoted: true }]);
        let kind = &found.first()?.1["kind"];
        Some(json!({"q": "the", "kind": kind, "plural": false, "names": [name]}))
    }
}

fn is_text(token: &Token) -> bool {
    token.quoted || !is_grammar(token)
}

fn is_grammar(token: &Token) -> bool {
    !token.quoted && GRAMMAR_WORDS.contains(&token.low)
}

/// A number in digits or words.
fn number(token: &Token) -> Option<u64> {
    let word = NUMBERS.iter().position(|n| *n == token.low && !token.quoted);
    word.map(|n| n as u64).or_else(|| token.text.parse().ok().filter(|n| *n < 1_000_000))
}

/// `web-0`, `nginx-deployment`: no English word in a lesson has this shape, except some with a hyphen, which are in the grammar.
fn looks_like_a_name(token: &Token) -> bool {
    let t = &token.text;
    let shape = t.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    shape
        && t.contains(|c: char| c.is_ascii_digit())
        && t.contains(|c: char| c.is_ascii_lowercase())
        && !t.contains('.')
}

fn names(tokens: &[Token]) -> Vec<(usize, Value)> {
    let mut found = Vec::new();
    let mut list: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_path(&token.text) || !(token.quoted || looks_like_a_name(token)) {
            break;
        }
        list.push(&token.text);
        at += 1;
        found.push((at, json!(list)));
        if tokens.get(at).is_some_and(|t| !t.quoted && t.low == "and") {
            at += 1;
        }
    }
    found
}

/// `spec.replicas`, `.status.phase`
fn is_path(text: &str) -> bool {
    let path = text.trim_start_matches('.');
    let root = path.split(['.', '[']).next().unwrap_or_default();
    let roots = ["spec", "status", "metadata", "data", "rules", "subjects", "roleRef", "type", "provisioner"];
    roots.contains(&root) && (path.contains('.') || text.starts_with('.'))
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let plain = |s: &str| !s.is_empty() && !s.contains(['=', ' ']);
    (plain(key) && !value.contains('=')).then_some((key, value))
}

fn verbs(tokens: &[Token]) -> Vec<(usize, Value)> {
    let mut found = Vec::new();
    let mut list: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Some((_, means)) = VERBS.iter().find(|(word, _)| *word == token.low) else { break };
        list.extend(*means);
        at += 1;
        found.push((at, json!(list)));
        if tokens.get(at).is_some_and(|t| !t.quoted && matches!(t.low.as_str(), "and" | "or")) {
            at += 1;
        }
    }
    found
}

fn direction(word: &str) -> Option<Value> {
    match word {
        "egress" | "outgoing" => Some(json!({"v": "Egress"})),
        "ingress" | "incoming" => Some(json!({"v": "Ingress"})),
        _ => None,
    }
}
