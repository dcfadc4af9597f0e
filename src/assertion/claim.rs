//! What a sentence means: forms over noun phrases, fields, tests. The grammar's templates are JSON of these types.

use serde::Deserialize;

/// A value as a sentence gives it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Literal {
    /// The text.
    #[serde(deserialize_with = "text")]
    pub v: String,
    /// A plain word that nothing marks as a value: neither quoted nor of the lesson's words.
    #[serde(default)]
    pub bare: bool,
}

/// Numbers come as numbers from the grammar and are compared as text or quantity.
fn text<'d, D: serde::Deserializer<'d>>(from: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(s) => s,
        other => other.to_string(),
    })
}

/// Which objects of a kind a noun phrase means.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Np {
    /// `Pod`; `None` where only a name is there.
    pub kind: Option<String>,
    /// Is the noun in the plural?
    pub plural: bool,
    /// `the`, `a`, `all`, `no`, `count`, `bare`
    pub q: String,
    /// `eq`, `ge`, `le`, `gt`, `lt` with [`Np::n`]
    pub op: Option<String>,
    /// The number of a quantifier.
    pub n: Option<u64>,
    /// Out of how many.
    pub total: Option<u64>,
    /// A number before the noun: "the two Pods".
    pub count: Option<u64>,
    /// "the same Pods"
    pub same: bool,
    /// "the only Pod"
    pub only: bool,
    /// "its Pods"
    pub its: bool,
    /// "it", "they"
    pub pronoun: bool,
    /// "one", "ones" in place of the noun
    pub ones: bool,
    /// Names of the objects.
    pub names: Vec<String>,
    /// Is the name a word that nothing marks as one?
    pub guess: bool,
    /// What happened to the objects: `new`, `old`, …
    pub adj: Vec<String>,
    /// The how-manieth.
    pub ord: Option<u64>,
    /// How they relate to others.
    pub rel: Vec<Rel>,
    /// Only these uids: set while each candidate of an ambiguous phrase is tried in turn.
    #[serde(skip)]
    pub pin: Vec<String>,
}

/// A restriction on the objects of a noun phrase.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rel {
    /// Owned by, part of, in.
    pub of: Option<Box<Np>>,
    /// Selected by a Service.
    pub selected: Option<Box<Np>>,
    /// Made for (an autoscaler's target, a claim's Pod).
    pub r#for: Option<Box<Np>>,
    /// On a Node.
    pub on: Option<Box<Np>>,
    /// That has (owns, contains).
    pub has: Option<Box<Np>>,
    /// In this namespace.
    pub ns: Option<String>,
    /// Not in this namespace.
    pub outside: Option<String>,
    /// In a state.
    pub state: Option<String>,
    /// Not in it.
    pub not: bool,
    /// `label` or `annotation`, with [`Rel::value`] as a pair.
    pub pair: Option<String>,
    /// The field of a comparison.
    pub field: Option<FieldRef>,
    /// How it compares.
    pub op: Option<String>,
    /// With what.
    pub value: Option<Given>,
    /// With which number.
    pub n: Option<u64>,
}

/// A literal, a pair (`k=v`) or a plain text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Given {
    /// `{"k": …, "v": …}`
    Pair {
        /// Key.
        k: String,
        /// Value.
        v: String,
    },
    /// A value.
    Literal(Literal),
    /// A key.
    Text(String),
}

impl Given {
    /// The value of it.
    pub fn literal(&self) -> Literal {
        match self {
            Self::Literal(l) => l.clone(),
            Self::Text(v) | Self::Pair { v, .. } => Literal { v: v.clone(), bare: false },
        }
    }
}

/// A field of an object, or something that sentences treat as one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRef {
    /// A field of the vocabulary.
    Field(String),
    /// A path: `spec.replicas`.
    Path(String),
    /// The label of this key.
    Label(String),
    /// The annotation of this key.
    Annotation(String),
    /// The key of a ConfigMap or Secret; without an owner, also a field or label of this name.
    Key(String),
    /// The environment variable of this name.
    Env(String),
    /// The status of the condition of this type.
    Condition(String),
    /// How many of these there are.
    Count(Box<Np>),
    /// Which of these there are.
    Set(Box<Np>),
}

/// A test on one object at one moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is there.
    Exists,
    /// It is in a state of the vocabulary.
    State(String),
    /// A field of it compares.
    Field(FieldRef, Compare),
    /// It stands in a relation to others: name and the other side.
    Relation(Box<Relation>),
    /// A Role grants these verbs on this kind, and nothing else.
    Grants(Vec<String>, String),
    /// A NetworkPolicy allows these and no others.
    Allows(Box<Np>),
    /// All of these.
    All(Vec<Test>),
}

/// How a field compares.
#[derive(Debug, Clone, PartialEq)]
pub enum Compare {
    /// Equals.
    Is(Literal),
    /// The number in it, or of its entries: `eq`, `ge`, `le`, `gt`, `lt`.
    Number(String, u64),
    /// There is a value.
    Set,
    /// There is none.
    Unset,
    /// A list or map has this entry.
    Has(Literal),
    /// A list has exactly these entries.
    Exactly(Vec<String>),
}

/// A relation between objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// `of`, `has`, `selects`, `selected`, `routes`, `owns`, `uses`, `bound`, …
    pub name: String,
    /// The other side.
    pub other: Np,
    /// A host that is routed, a port that is routed to, a second other side.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u64>,
    /// To whom a role is bound.
    pub to: Option<Np>,
}

/// When a state is claimed to hold, beside what the heading says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Nothing said.
    Plain,
    /// "now", "became", "again"
    Now,
    /// "still", "remained", "always": the same objects
    Still,
    /// "no longer", "not … any more"
    NoLonger,
    /// "went into": at some moment
    Ever,
}

/// One thing that a sentence claims.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Something happened to objects.
    Event(Box<Event>),
    /// Something is so.
    State {
        /// Of whom; `None`: of whoever has the field.
        np: Option<Np>,
        /// What.
        test: Test,
        /// Is it denied?
        negated: bool,
        /// When.
        aspect: Aspect,
    },
    /// A field took another value.
    Change {
        /// Of whom.
        np: Option<Np>,
        /// Which; `None`: the sentence leaves it to the values ("the Service changed from ClusterIP to NodePort").
        field: Option<FieldRef>,
        /// From.
        from: Option<Literal>,
        /// To.
        to: Option<Literal>,
        /// `up`, `down`
        direction: Option<String>,
        /// By how much.
        by: Option<u64>,
    },
    /// A field, or a whole object, kept its value; as a bare noun phrase under "What changed": took another.
    Same {
        /// Of whom.
        np: Option<Np>,
        /// Which; `None`: the object as a whole.
        field: Option<FieldRef>,
        /// The value or number that it keeps, where said.
        value: Option<Literal>,
        /// Is it a bare noun phrase?
        bare: bool,
    },
    /// Something that Events report.
    Happens {
        /// Which.
        id: String,
        /// To whom.
        np: Option<Np>,
        /// Is it denied?
        negated: bool,
    },
    /// A rollout was triggered or finished.
    Rollout {
        /// Of whom.
        np: Option<Np>,
        /// `triggered`, `finished`
        what: String,
        /// Is it denied?
        negated: bool,
    },
    /// There is access from outside to anything in the namespace.
    External {
        /// Is it denied?
        negated: bool,
        /// When.
        aspect: Aspect,
    },
    /// A Service can be reached.
    Reach {
        /// Which.
        np: Np,
        /// `inside`, `outside`, `only inside`
        from: String,
        /// Is it denied?
        negated: bool,
        /// When.
        aspect: Aspect,
    },
    /// A service account may do something.
    May {
        /// Who.
        np: Np,
        /// RBAC verbs.
        verbs: Vec<String>,
        /// On objects of this kind.
        kind: String,
        /// In this namespace.
        namespace: Option<String>,
        /// Is it denied?
        negated: bool,
        /// When.
        aspect: Aspect,
    },
}

/// Something that happened to objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// A verb of the vocabulary.
    pub verb: String,
    /// To whom.
    pub np: Np,
    /// Who did it, where that is an object (a ReplicaSet).
    pub agent: Option<Np>,
    /// "for the Deployment", "to the namespace", "from the node"
    pub related: Option<Np>,
    /// How many times.
    pub times: Option<(String, u64)>,
    /// To which namespace.
    pub to: Option<String>,
    /// "under the same name"
    pub same_name: bool,
    /// Is more said of it than is observed ("once it had finished")? Then it can be refuted, but not proved.
    pub loose: bool,
    /// Is it denied?
    pub negated: bool,
}
