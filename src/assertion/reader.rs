//! Sentence to forms: tokens, the grammar's readings, and of those the first whose meaning makes sense.

use super::claim::{Compare, FieldRef, Form, Literal, Np, Test};
use super::grammar::Grammar;
use super::meaning::forms;
use super::nearest::nearest;
use super::token::{Token, tokens};
use super::vocabulary::{Field, VOCABULARY, ValueType};
use super::{Claim, NotUnderstood, ParseContext, Section, heading};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    // Compiled in, and loaded by every test: it cannot fail for a user.
    Grammar::load(include_str!("grammar.txt")).expect("grammar.txt is well-formed")
});

/// The words of the grammar: none of them is a name or a value, unless it is quoted.
pub static GRAMMAR_WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| GRAMMAR.words());

/// Longer sentences are prose; reading them would only take time.
const MOST_TOKENS: usize = 60;

/// Reads a sentence; see [`super::parse`].
pub fn read(text: &str, section: Section, ctx: &ParseContext) -> Result<Claim, NotUnderstood> {
    let all = VOCABULARY.without_harmless(&tokens(text));
    if all.is_empty() || all.len() > MOST_TOKENS {
        return Err(NotUnderstood { reason: "this is no claim about the cluster".into(), nearest: None });
    }
    let lesson = |word: &str| ctx.words.contains(word);
    let (readings, furthest) = GRAMMAR.readings(&all, &VOCABULARY, &lesson);
    let mut first_objection = None;
    for reading in &readings {
        let understood = forms(reading).and_then(|forms| {
            forms.iter().try_for_each(sensible)?;
            forms.iter().try_for_each(|form| heading::fits(form, section))?;
            Ok(forms)
        });
        match understood {
            Ok(forms) => return Ok(Claim { text: text.to_owned(), section, forms }),
            Err(why) => first_objection = first_objection.or(Some(why)),
        }
    }
    let reason = first_objection.unwrap_or_else(|| stops_at(&all, furthest));
    Err(NotUnderstood { reason, nearest: nearest(&all, section) })
}

fn stops_at(tokens: &[Token], furthest: usize) -> String {
    match tokens.get(furthest) {
        Some(token) => format!("not understood from \"{}\" on", token.text),
        None => "the sentence claims nothing that can be observed".into(),
    }
}

/// Does the form put into its fields what belongs there? "The image is small" names no image.
fn sensible(form: &Form) -> Result<(), String> {
    match form {
        Form::State { np, test, .. } => {
            sensible_test(test)?;
            match test {
                Test::Field(field, _) => has_field(np.as_ref(), Some(field)),
                Test::State(state) => has_state(np.as_ref(), state),
                _ => Ok(()),
            }
        }
        Form::Change { np, field, from, to, .. } => {
            let field = field.as_ref();
            has_field(np.as_ref(), field)?;
            from.iter().chain(to).try_for_each(|v| field.map_or(Ok(()), |f| sensible_value(f, v)))
        }
        Form::Same { np, field, value, .. } => {
            has_field(np.as_ref(), field.as_ref())?;
            match (field, value) {
                (Some(field), Some(value)) => sensible_value(field, value),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Can a thing of this kind be in the state?
fn has_state(np: Option<&Np>, state: &str) -> Result<(), String> {
    let Some(kind) = np.and_then(|np| np.kind.as_deref()) else { return Ok(()) };
    let has = VOCABULARY.state(state).is_some_and(|s| s.of.contains_key(kind) || s.of.contains_key("*"));
    has.then_some(()).ok_or_else(|| format!("what it means that a {kind} is {state} is not defined"))
}

/// Has a thing of this kind such a field? "A node port" is no port of a Node.
fn has_field(np: Option<&Np>, field: Option<&FieldRef>) -> Result<(), String> {
    let Some(kind) = np.and_then(|np| np.kind.as_deref()) else { return Ok(()) };
    let has = match field {
        Some(FieldRef::Field(name)) => VOCABULARY.field(name).is_some_and(|f| f.path(kind).is_some()),
        Some(FieldRef::Key(_)) => matches!(kind, "ConfigMap" | "Secret"),
        _ => true,
    };
    has.then_some(()).ok_or_else(|| format!("a {kind} has no such field"))
}

fn sensible_test(test: &Test) -> Result<(), String> {
    match test {
        Test::Field(field, Compare::Is(value) | Compare::Has(value)) => sensible_value(field, value),
        Test::Field(FieldRef::Field(name), Compare::Number(..)) => {
            let Some(field) = VOCABULARY.field(name) else { return Ok(()) };
            let countable = field.counts || matches!(field.value, ValueType::Int | ValueType::Quantity);
            countable.then_some(()).ok_or_else(|| format!("a number of {name} says nothing"))
        }
        Test::All(tests) => tests.iter().try_for_each(sensible_test),
        _ => Ok(()),
    }
}

fn sensible_value(field: &FieldRef, value: &Literal) -> Result<(), String> {
    let no = |what: &str| Err(format!("\"{}\" is no {what}", value.v));
    let FieldRef::Field(name) = field else {
        let adjective = value.bare && looks_like_an_adjective(&value.v);
        return if adjective { no("value that could be observed") } else { Ok(()) };
    };
    let Some(field) = VOCABULARY.field(name) else { return no("known field") };
    let listed = |field: &Field| field.values.iter().any(|v| v.eq_ignore_ascii_case(&value.v));
    let digits = value.v.chars().any(|c| c.is_ascii_digit());
    match field.value {
        ValueType::Int | ValueType::Port | ValueType::Quantity if !digits && !value.v.eq_ignore_ascii_case("none") => {
            no("number")
        }
        ValueType::Ip if !(value.v.contains(['.', ':']) && digits || value.v.eq_ignore_ascii_case("none")) => {
            no("IP address")
        }
        ValueType::Bool if !["true", "false"].contains(&value.v.to_lowercase().as_str()) => no("truth value"),
        ValueType::Enum if !listed(field) && (value.bare || is_enum_word(&value.v)) => no(name),
        ValueType::Image if value.bare && !VOCABULARY.is_known_image(&value.v) => no("image"),
        ValueType::List | ValueType::Map if value.bare || is_enum_word(&value.v) => no("value that could be observed"),
        ValueType::Name | ValueType::Text if value.bare && looks_like_an_adjective(&value.v) => {
            no("value that could be observed")
        }
        _ => Ok(()),
    }
}

/// A word that is the value of some other field ("Lost", "Running").
fn is_enum_word(word: &str) -> bool {
    VOCABULARY.is_enum_value(word)
}

/// Words of these endings judge or describe (useful, scalable, increasing, slower): taken for no value unless quoted.
fn looks_like_an_adjective(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "ful", "able", "ible", "ive", "ous", "ing", "ed", "er", "est", "ly", "less", "ant", "ent", "ary", "ical",
        "ional", "al",
    ];
    word.len() > 4 && ENDINGS.iter().any(|e| word.ends_with(e))
}
