//! The nearest sentence that is understood, for the author of one that is not. The examples are data.

use super::Section;
use super::token::{Token, tokens};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
struct Examples {
    changed: Vec<String>,
    unchanged: Vec<String>,
    initial: Vec<String>,
}

static EXAMPLES: LazyLock<Examples> = LazyLock::new(|| {
    // Compiled in, and every example is parsed by a test: it cannot fail for a user.
    serde_yaml::from_str(include_str!("examples.yaml")).expect("examples.yaml is well-formed")
});

/// The examples for a heading.
pub fn examples(section: Section) -> &'static [String] {
    match section {
        Section::Initial => &EXAMPLES.initial,
        Section::Changed => &EXAMPLES.changed,
        Section::Unchanged => &EXAMPLES.unchanged,
    }
}

/// The example that shares most words with the sentence, rare words counting as much as common ones; `None` where
/// none shares any.
pub fn nearest(sentence: &[Token], section: Section) -> Option<String> {
    let words = |tokens: &[Token]| -> BTreeSet<String> {
        tokens.iter().filter(|t| !t.quoted).map(|t| t.low.trim_end_matches('s').to_owned()).collect()
    };
    let wanted = words(sentence);
    let score = |example: &String| {
        let has = words(&tokens(example));
        let shared =
            has.iter().filter(|w| wanted.contains(*w) && !["the", "a", "i", "wa", "of"].contains(&w.as_str())).count();
        shared * 100 / (has.len() + wanted.len())
    };
    let best = examples(section).iter().max_by_key(|e| score(e))?;
    (score(best) > 0).then(|| best.clone())
}
