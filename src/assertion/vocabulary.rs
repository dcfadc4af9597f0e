//! The vocabulary, loaded from `vocabulary/*.yaml`: kinds, fields, states, verbs and their synonyms; and what a word
//! can stand for in a sentence (the categories that `grammar.txt` names in capitals).

use super::token::Token;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

mod categories;

/// A kind, and whether it has a namespace or is only a part of an object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// `Pod`
    pub kind: String,
    words: Vec<String>,
    /// No API object: a container, an endpoint.
    #[serde(default)]
    pub part: bool,
}

/// What a sentence may put into a field.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are fields.yaml's, explained at its top
pub enum ValueType {
    Image,
    Int,
    Port,
    Quantity,
    Name,
    Ip,
    Bool,
    Text,
    Enum,
    List,
    Map,
}

/// A field: where it stands in which kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in meanings.
    pub field: String,
    words: Vec<String>,
    /// Kind (`*`: any) to path.
    #[serde(default)]
    on: BTreeMap<String, String>,
    template: Option<String>,
    /// What a sentence may put there.
    pub value: ValueType,
    /// The values of an enum.
    #[serde(default)]
    pub values: Vec<String>,
    /// A number before the word counts entries.
    #[serde(default)]
    pub counts: bool,
    /// May stand without an owner.
    #[serde(default = "yes")]
    pub plain: bool,
    /// Not read at a path but worked out (`fields.rs`).
    pub computed: Option<String>,
}

fn yes() -> bool {
    true
}

/// How an object's fields show a state; see the top of `states.yaml`.
#[derive(Debug, Deserialize, Clone)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum Shown {
    Is { path: String, is: Value },
    In { path: String, r#in: Vec<Value> },
    Some { path: String },
    Condition { condition: String },
    Equal { equal: [String; 2] },
    Not { not: Box<Shown> },
    Any { any: Vec<Shown> },
    All { all: Vec<Shown> },
}

/// A state of objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name in meanings.
    pub state: String,
    words: Vec<String>,
    #[serde(default)]
    did: Vec<String>,
    #[serde(default, rename = "do")]
    base: Vec<String>,
    /// Kind (`*`: any) to test.
    pub of: BTreeMap<String, Shown>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verb {
    verb: String,
    done: Vec<String>,
    did: Vec<String>,
    #[serde(default, rename = "self")]
    itself: Vec<String>,
    #[serde(rename = "do")]
    base: Vec<String>,
    #[serde(default)]
    noun: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Adjective {
    adjective: String,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Words {
    harmless: Vec<String>,
    judging: BTreeSet<String>,
    images: BTreeSet<String>,
}

/// Phrases to what they stand for. A phrase is looked up without spaces, hyphens, capitals.
#[derive(Debug, Default)]
struct Phrases(HashMap<String, Vec<Value>>);

impl Phrases {
    fn add(&mut self, phrase: &str, means: Value) {
        let entry = self.0.entry(compact(phrase)).or_default();
        if !entry.contains(&means) {
            entry.push(means);
        }
    }

    /// All phrases that the tokens begin with, shortest first: how many tokens, what they mean.
    fn at(&self, tokens: &[Token]) -> Vec<(usize, Value)> {
        let mut phrase = String::new();
        let mut found = Vec::new();
        for (i, token) in tokens.iter().take(6).enumerate() {
            // A quotation is a phrase of its own; it does not join its neighbours.
            if token.quoted && i > 0 {
                break;
            }
            phrase.push_str(&compact(&token.low));
            for means in self.0.get(&phrase).into_iter().flatten() {
                found.push((i + 1, means.clone()));
            }
            if token.quoted {
                break;
            }
        }
        found
    }
}

fn compact(phrase: &str) -> String {
    phrase.to_lowercase().replace([' ', '-'], "")
}

/// Singular, and plural by the rules of spelling.
fn plural(word: &str) -> String {
    let vowel_before_y = ["ay", "ey", "oy", "uy"].iter().any(|e| word.ends_with(e));
    match word {
        w if w.ends_with('y') && !vowel_before_y => format!("{}ies", &w[..w.len() - 1]),
        w if ["s", "x", "ch", "sh"].iter().any(|e| w.ends_with(e)) => format!("{w}es"),
        w => format!("{w}s"),
    }
}

/// All of the vocabulary.
#[derive(Debug)]
pub struct Vocabulary {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
    states: Vec<State>,
    kind_words: Phrases,
    field_words: Phrases,
    state_words: Phrases,
    state_did: Phrases,
    state_do: Phrases,
    done: Phrases,
    did: Phrases,
    itself: Phrases,
    base: Phrases,
    adjectives: Phrases,
    enums: Phrases,
    harmless: Vec<Vec<String>>,
    words: Words,
}

/// The vocabulary as compiled in.
pub static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    // Compiled in, and loaded by every test: it cannot fail for a user.
    Vocabulary::load().expect("the vocabulary is well-formed")
});

impl Vocabulary {
    fn load() -> Result<Self, String> {
        fn yaml<T: for<'a> Deserialize<'a>>(name: &str, text: &str) -> Result<T, String> {
            serde_yaml::from_str(text).map_err(|e| format!("{name}: {e}"))
        }
        let kinds: Vec<Kind> = yaml("kinds", include_str!("vocabulary/kinds.yaml"))?;
        let fields: Vec<Field> = yaml("fields", include_str!("vocabulary/fields.yaml"))?;
        let states: Vec<State> = yaml("states", include_str!("vocabulary/states.yaml"))?;
        let verbs: Vec<Verb> = yaml("verbs", include_str!("vocabulary/verbs.yaml"))?;
        let adjectives: Vec<Adjective> = yaml("adjectives", include_str!("vocabulary/adjectives.yaml"))?;
        let words: Words = yaml("words", include_str!("vocabulary/words.yaml"))?;
        let mut v = Self {
            kind_words: Phrases::default(),
            field_words: Phrases::default(),
            state_words: Phrases::default(),
            state_did: Phrases::default(),
            state_do: Phrases::default(),
            done: Phrases::default(),
            did: Phrases::default(),
            itself: Phrases::default(),
            base: Phrases::default(),
            adjectives: Phrases::default(),
            enums: Phrases::default(),
            harmless: words.harmless.iter().map(|h| h.split(' ').map(str::to_owned).collect()).collect(),
            kinds,
            fields,
            states,
            words,
        };
        // Longer harmless phrases first: "as well" before "as".
        v.harmless.sort_by_key(|h| std::cmp::Reverse(h.len()));
        for k in &v.kinds {
            for word in k.words.iter().chain([&k.kind]) {
                v.kind_words.add(word, json!({"kind": k.kind, "plural": false}));
                v.kind_words.add(&plural(word), json!({"kind": k.kind, "plural": true}));
            }
        }
        for f in &v.fields {
            for word in &f.words {
                v.field_words.add(word, json!(f.field));
                v.field_words.add(&plural(word), json!(f.field));
            }
            for value in &f.values {
                v.enums.add(value, json!({"v": value}));
            }
        }
        for s in &v.states {
            let lists = [(&s.words, &mut v.state_words), (&s.did, &mut v.state_did), (&s.base, &mut v.state_do)];
            for (list, into) in lists {
                list.iter().for_each(|word| into.add(word, json!(s.state)));
            }
        }
        for verb in &verbs {
            let lists = [
                (&verb.done, &mut v.done),
                (&verb.did, &mut v.did),
                (&verb.itself, &mut v.itself),
                (&verb.base, &mut v.base),
            ];
            for (list, into) in lists {
                list.iter().for_each(|word| into.add(word, json!(verb.verb)));
            }
            // Nouns are read by the grammar's own words; naming them here keeps all forms of a verb in one place.
            debug_assert!(verb.noun.iter().all(|n| !n.is_empty()));
        }
        for a in &adjectives {
            a.words.iter().for_each(|word| v.adjectives.add(word, json!(a.adjective)));
        }
        Ok(v)
    }

    /// The kind of this name.
    pub fn kind(&self, kind: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.kind == kind)
    }

    /// All kinds, in order.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The field of this name.
    pub fn field(&self, field: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.field == field)
    }

    /// The state of this name.
    pub fn state(&self, state: &str) -> Option<&State> {
        self.states.iter().find(|s| s.state == state)
    }

    /// Is it a value of some field that has a closed list of them?
    pub fn is_enum_value(&self, word: &str) -> bool {
        self.fields.iter().any(|f| f.values.iter().any(|v| v.eq_ignore_ascii_case(word)))
    }

    /// Tokens without the harmless ones.
    pub fn without_harmless(&self, tokens: &[Token]) -> Vec<Token> {
        let mut out = Vec::new();
        let mut rest = tokens;
        while let Some((first, more)) = rest.split_first() {
            let begins = |h: &&Vec<String>| {
                h.len() <= rest.len() && h.iter().zip(rest).all(|(word, t)| !t.quoted && t.low == *word)
            };
            match self.harmless.iter().find(begins) {
                Some(phrase) => rest = &rest[phrase.len()..],
                None => {
                    out.push(first.clone());
                    rest = more;
                }
            }
        }
        out
    }
}

/// Where a Pod template stands in a kind that has one.
const TEMPLATES: &[(&str, &str)] = &[
    ("Deployment", "spec.template."),
    ("StatefulSet", "spec.template."),
    ("DaemonSet", "spec.template."),
    ("CronJob", "spec.jobTemplate.spec.template."),
    ("Job", "spec.template."),
    ("ReplicaSet", "spec.template."),
    ("ReplicationController", "spec.template."),
    ("Pod", ""),
];

impl Field {
    /// Where the field stands in objects of a kind; `None` where the kind has no such field.
    pub fn path(&self, kind: &str) -> Option<String> {
        let own = self.on.get(kind).or_else(|| self.on.get("*")).cloned();
        own.or_else(|| {
            let (_, prefix) = TEMPLATES.iter().find(|(k, _)| *k == kind)?;
            Some(format!("{prefix}{}", self.template.as_ref()?))
        })
    }

    /// The kinds in which a sentence without an owner looks for the field, best first.
    pub fn homes(&self) -> Vec<&str> {
        let listed = VOCABULARY.kinds().iter().map(|k| k.kind.as_str()).filter(|k| self.on.contains_key(*k));
        let templates = TEMPLATES.iter().map(|(kind, _)| *kind).filter(|_| self.template.is_some());
        templates.chain(listed).collect()
    }
}
