//! What a sentence was understood to mean, in one line: for `--explain`, and for the tests of the grammar.

use super::claim::{Aspect, Compare, Event, FieldRef, Form, Given, Np, Rel, Relation, Test};
use std::fmt::{Display, Formatter, Result};

impl Display for super::Claim {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let forms: Vec<String> = self.forms.iter().map(ToString::to_string).collect();
        f.write_str(&forms.join(" & "))
    }
}

impl Display for Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        let of = |np: &Option<Np>| np.as_ref().map_or(String::new(), |np| format!(" of {np}"));
        match self {
            Self::Event(event) => write!(f, "{event}"),
            Self::State { np, test, negated, aspect } => {
                let subject = np.as_ref().map_or(String::new(), |np| format!("{np} "));
                write!(f, "{}{}{subject}{test}", aspect, not(negated))
            }
            Self::Change { np, field, from, to, direction, by } => {
                let field = field.as_ref().map_or("something".to_owned(), ToString::to_string);
                write!(f, "change {field}{}", of(np))?;
                from.as_ref().map_or(Ok(()), |v| write!(f, " from {}", v.v))?;
                to.as_ref().map_or(Ok(()), |v| write!(f, " to {}", v.v))?;
                by.map_or(Ok(()), |n| write!(f, " by {n}"))?;
                direction.as_ref().map_or(Ok(()), |d| write!(f, " {d}"))
            }
            Self::Same { np, field, value, bare } => {
                f.write_str(if *bare { "value " } else { "same " })?;
                f.write_str(&field.as_ref().map_or("all".to_owned(), ToString::to_string))?;
                f.write_str(&of(np))?;
                value.as_ref().map_or(Ok(()), |v| write!(f, " = {}", v.v))
            }
            Self::Happens { id, np, negated } => write!(f, "{}{id}{}", not(negated), of(np)),
            Self::Rollout { np, what, negated } => write!(f, "{}rollout {what}{}", not(negated), of(np)),
            Self::External { negated, aspect } => write!(f, "{aspect}{}external access", not(negated)),
            Self::Reach { np, from, negated, aspect } => write!(f, "{aspect}{}{np} reachable {from}", not(negated)),
            Self::May { np, verbs, kind, namespace, negated, aspect } => {
                write!(f, "{aspect}{}{np} may {} {kind}", not(negated), verbs.join(","))?;
                namespace.as_ref().map_or(Ok(()), |n| write!(f, " in {n}"))
            }
        }
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let not = if self.negated { "not " } else { "" };
        write!(f, "{not}{} {}", self.verb, self.np)?;
        for (word, np) in [("by", &self.agent), ("with", &self.related)] {
            np.as_ref().map_or(Ok(()), |np| write!(f, " {word} {np}"))?;
        }
        self.times.as_ref().map_or(Ok(()), |(op, n)| write!(f, " times {op} {n}"))?;
        self.to.as_ref().map_or(Ok(()), |to| write!(f, " to {to}"))?;
        f.write_str(if self.same_name { " of the same name" } else { "" })?;
        f.write_str(if self.loose { " (and more)" } else { "" })
    }
}

impl Display for Aspect {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Plain => "",
            Self::Now => "now ",
            Self::Still => "still ",
            Self::NoLonger => "no longer ",
            Self::Ever => "ever ",
        })
    }
}

impl Display for Np {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut words: Vec<String> = Vec::new();
        match (self.q.as_str(), self.n) {
            ("bare", _) => {}
            ("count", Some(n)) => {
                words.push(format!("{}{n}", self.op.as_deref().filter(|op| *op != "eq").unwrap_or_default()))
            }
            (q, Some(n)) => words.push(format!("{q}-{n}")),
            (q, None) => words.push(q.to_owned()),
        }
        words.extend(self.total.map(|t| format!("out-of-{t}")));
        words.extend(self.count.map(|n| n.to_string()));
        words.extend(self.same.then(|| "same".to_owned()));
        words.extend(self.only.then(|| "only".to_owned()));
        words.extend(self.ord.map(|n| format!("#{n}")));
        words.extend(self.adj.iter().cloned());
        let plural = if self.plural { "s" } else { "" };
        words.push(format!("{}{plural}", self.kind.as_deref().unwrap_or("?")));
        words.extend((!self.names.is_empty()).then(|| format!("\"{}\"", self.names.join(","))));
        f.write_str(&words.join(" "))?;
        let rel: Vec<String> = self.rel.iter().map(ToString::to_string).collect();
        if rel.is_empty() { Ok(()) } else { write!(f, "[{}]", rel.join("; ")) }
    }
}

impl Display for Rel {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let np = [
            ("of", &self.of),
            ("selected by", &self.selected),
            ("for", &self.r#for),
            ("on", &self.on),
            ("has", &self.has),
        ];
        for (word, np) in np {
            if let Some(np) = np {
                return write!(f, "{word} {np}");
            }
        }
        let not = if self.not { "not " } else { "" };
        match (&self.ns, &self.outside, &self.state, &self.pair, &self.field) {
            (Some(ns), ..) => write!(f, "in {ns}"),
            (_, Some(ns), ..) => write!(f, "not in {ns}"),
            (_, _, Some(state), ..) => write!(f, "{not}{state}"),
            (.., Some(pair), _) => {
                write!(f, "{pair} {}", self.value.as_ref().map_or(String::new(), ToString::to_string))
            }
            (.., Some(field)) => {
                write!(f, "{field} {}", self.op.as_deref().unwrap_or("eq"))?;
                self.value.as_ref().map_or(Ok(()), |v| write!(f, " {v}"))?;
                self.n.map_or(Ok(()), |n| write!(f, " {n}"))
            }
            _ => Ok(()),
        }
    }
}

impl Display for Given {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Pair { k, v } => write!(f, "{k}={v}"),
            Self::Literal(l) => f.write_str(&l.v),
            Self::Text(t) => f.write_str(t),
        }
    }
}

impl Display for FieldRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Field(name) => f.write_str(&name.replace(' ', "-")),
            Self::Path(path) => write!(f, ".{path}"),
            Self::Label(k) => write!(f, "label:{k}"),
            Self::Annotation(k) => write!(f, "annotation:{k}"),
            Self::Key(k) => write!(f, "key:{k}"),
            Self::Env(k) => write!(f, "env:{k}"),
            Self::Condition(k) => write!(f, "condition:{k}"),
            Self::Count(np) => write!(f, "number({np})"),
            Self::Set(np) => write!(f, "set({np})"),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Exists => f.write_str("exists"),
            Self::State(state) => write!(f, "is {state}"),
            Self::Field(field, compare) => write!(f, "has {field} {compare}"),
            Self::Relation(relation) => write!(f, "{relation}"),
            Self::Grants(verbs, kind) => write!(f, "grants {} {kind}", verbs.join(",")),
            Self::Allows(np) => write!(f, "allows only {np}"),
            Self::All(tests) => f.write_str(&tests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")),
        }
    }
}

impl Display for Compare {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Is(v) => write!(f, "= {}", v.v),
            Self::Number(op, n) => write!(f, "{op} {n}"),
            Self::Set => f.write_str("set"),
            Self::Unset => f.write_str("unset"),
            Self::Has(v) => write!(f, "with {}", v.v),
            Self::Exactly(all) => write!(f, "exactly {}", all.join(",")),
        }
    }
}

impl Display for Relation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.name, self.other)?;
        self.host.as_ref().map_or(Ok(()), |h| write!(f, " host {h}"))?;
        self.port.map_or(Ok(()), |p| write!(f, " port {p}"))?;
        self.to.as_ref().map_or(Ok(()), |to| write!(f, " to {to}"))
    }
}
