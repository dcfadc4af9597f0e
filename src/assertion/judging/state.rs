//! Something is so: before, after, and, under "What did not change", at every moment in between.

use super::test::{holds, quantified};
use super::value::{as_text, path_of, value};
use super::world::{Answer, Entity, World};
use super::{Finding, Judged, list};
use crate::assertion::claim::{Aspect, Np, Test};
use crate::assertion::{Evidence, Section};
use std::collections::BTreeSet;

/// Judges a state.
pub fn judge(world: &World, np: &Np, test: &Test, negated: bool, aspect: Aspect, section: Section) -> Judged {
    let what = Asked { world, np, kind: np.kind.as_deref().unwrap_or_default(), test, negated };
    match (section, aspect) {
        (Section::Initial, _) => Ok(Finding::new(what.at(0)?, what.seen(0)?)),
        (Section::Changed, Aspect::NoLonger) => what.no_longer(),
        (Section::Changed, Aspect::Ever) => what.ever(),
        (Section::Changed, _) => what.became(),
        (Section::Unchanged, Aspect::Ever) => what.never(),
        (Section::Unchanged, _) => what.held(aspect),
    }
}

struct Asked<'a> {
    world: &'a World<'a>,
    np: &'a Np,
    kind: &'a str,
    test: &'a Test,
    negated: bool,
}

impl Asked<'_> {
    /// Of those that the phrase means at a moment: which fit, and how many there are.
    fn hits(&self, i: usize) -> Answer<(Vec<Entity>, usize)> {
        let domain = self.world.select_kind(self.np, self.kind, i)?;
        let count = domain.len();
        let mut hits = Vec::new();
        for e in domain {
            if *self.test == Test::Exists || holds(self.world, &e, self.test, i)? != self.negated {
                hits.push(e);
            }
        }
        Ok((hits, count))
    }

    /// Is it so at this moment?
    fn at(&self, i: usize) -> Answer {
        let (hits, domain) = self.hits(i)?;
        match (self.test, self.negated, self.np.q.as_str()) {
            (Test::Exists, true, "no" | "count" | "all") => {
                Err("two negations, or a number of things that are not there".into())
            }
            (Test::Exists, true, _) => Ok(domain == 0),
            (Test::Exists, false, "bare" | "a" | "the") if self.np.names.is_empty() && self.np.n.is_none() => {
                Ok(domain > 0)
            }
            (_, true, "no") => Err("two negations".into()),
            (_, true, "all") => Err("\"all ... not\" may mean none or not all".into()),
            (_, _, "bare") if self.np.plural && self.np.names.is_empty() && !hits.is_empty() && hits.len() < domain => {
                Err(format!("{} of {domain} {}s are: say how many", hits.len(), self.kind))
            }
            _ => quantified(self.np, hits.len(), domain),
        }
    }

    /// What was seen at a moment, for a person.
    fn seen(&self, i: usize) -> Answer<String> {
        let (hits, domain) = self.hits(i)?;
        if let Test::Field(field, _) = self.test
            && let [e] = self.world.select_kind(self.np, self.kind, i)?.as_slice()
        {
            let found = value(self.world, e, field, i)?;
            return Ok(format!("{} of {} is {}", path_of(self.kind, field), e.name(), as_text(&found)));
        }
        match domain {
            0 => Ok(format!("there is no such {}", self.kind)),
            _ => Ok(format!("{} of {domain} ({})", hits.len(), list(&hits))),
        }
    }

    fn evidence(&self, i: usize) -> Answer<Vec<Evidence>> {
        let mut out = Vec::new();
        let before = self.world.select_kind(self.np, self.kind, 0)?;
        let after = self.world.select_kind(self.np, self.kind, i)?;
        let mut seen = BTreeSet::new();
        for e in after.iter().chain(&before).filter(|e| seen.insert(e.uid.clone())).take(10) {
            let path = match self.test {
                Test::Field(field, _) => path_of(self.kind, field),
                Test::State(state) => state_path(self.kind, state),
                _ => String::new(),
            };
            let at = |i: usize| -> Answer<serde_json::Value> {
                let Some(now) = self.world.by_uid(self.kind, &e.uid, i) else { return Ok(serde_json::Value::Null) };
                match self.test {
                    Test::Field(field, _) => value(self.world, &now, field, i),
                    _ => Ok(super::world::read(&now.object, &path)),
                }
            };
            out.push(self.world.evidence(e, &path, at(0)?, at(i)?));
        }
        Ok(out)
    }

    fn became(&self) -> Judged {
        let last = self.world.last();
        let (before, after) = (self.at(0)?, self.at(last)?);
        let reason = match (before, after) {
            (false, true) => format!("before: {}; after: {}", self.seen(0)?, self.seen(last)?),
            (true, true) => format!("it was so before the step already: {}", self.seen(0)?),
            (_, false) => format!("after the step it is not so: {}", self.seen(last)?),
        };
        Ok(Finding::new(!before && after, reason).with(self.evidence(last)?))
    }

    /// So many of them were, still are there, and are no longer.
    fn no_longer(&self) -> Judged {
        let last = self.world.last();
        if self.negated {
            return Err("two negations".into());
        }
        if *self.test == Test::Exists {
            let (before, after) = (self.hits(0)?.0, self.hits(last)?.0);
            let gone: Vec<Entity> = before.iter().filter(|b| !after.iter().any(|a| a.key == b.key)).cloned().collect();
            let holds = match self.np.q.as_str() {
                "the" | "all" | "bare" => !before.is_empty() && gone.len() == before.len() && after.is_empty(),
                _ => quantified(self.np, gone.len(), gone.len())?,
            };
            return Ok(Finding::new(holds, format!("before: {}; after: {}", list(&before), list(&after)))
                .with(self.evidence(last)?));
        }
        let was = self.hits(0)?.0;
        let is = self.hits(last)?.0;
        let there = self.world.uids(self.kind, last);
        let ended: Vec<Entity> = was.iter().filter(|e| !is.iter().any(|a| a.uid == e.uid)).cloned().collect();
        let left = ended.iter().filter(|e| there.contains(&e.uid)).count();
        let reason = format!("before: {}; after: {}", self.seen(0)?, self.seen(last)?);
        let fits = |n: usize| match self.np.q.as_str() {
            "the" | "all" | "bare" => Ok(!was.is_empty() && n == was.len() && is.is_empty()),
            "no" => Err("two negations".to_owned()),
            _ => quantified(self.np, n, n),
        };
        let (narrow, wide) = (fits(left)?, fits(ended.len())?);
        match narrow == wide {
            true => Ok(Finding::new(narrow, reason).with(self.evidence(last)?)),
            false => Err(format!("{} is no longer there at all", list(&ended))),
        }
    }

    /// It came to be so at some moment.
    fn ever(&self) -> Judged {
        if self.at(0)? {
            return Ok(Finding::new(false, format!("it was so before the step already: {}", self.seen(0)?)));
        }
        for i in self.world.moments() {
            if self.at(i)? {
                let holds = !self.negated;
                return Ok(Finding::new(holds, self.seen(i)?).with(self.evidence(i)?));
            }
        }
        Ok(Finding::new(self.negated, "at no moment of the step was it so"))
    }

    fn never(&self) -> Judged {
        for i in self.world.moments() {
            if (Asked { negated: false, ..*self }).at(i)? {
                return Ok(Finding::new(!self.negated, self.seen(i)?).with(self.evidence(i)?));
            }
        }
        Ok(Finding::new(self.negated, "at no moment of the step was it so"))
    }

    fn held(&self, aspect: Aspect) -> Judged {
        for i in self.world.moments() {
            if !self.at(i)? {
                let when = if i == 0 { "before the step".to_owned() } else { self.when(i) };
                return Ok(
                    Finding::new(false, format!("{when} it was not so: {}", self.seen(i)?)).with(self.evidence(i)?)
                );
            }
        }
        if let Some(refuted) = self.other_objects(aspect)? {
            return Ok(refuted);
        }
        Ok(Finding::new(true, format!("at every moment: {}", self.seen(self.world.last())?))
            .with(self.evidence(self.world.last())?))
    }

    fn when(&self, i: usize) -> String {
        match self.world.history.at(i) {
            Some(at) => format!("at {at}"),
            None => "during the step".into(),
        }
    }

    /// "The same Pods", "the Pod is still": it has to be the same ones all along, and a container that was restarted
    /// did not keep running.
    fn other_objects(&self, aspect: Aspect) -> Answer<Option<Finding>> {
        let named = !self.np.names.is_empty() || (self.np.q == "the" && !self.np.plural);
        if !(self.np.same || (aspect == Aspect::Still && named) || (*self.test == Test::Exists && named)) {
            return Ok(None);
        }
        let uids = |i: usize| -> Answer<BTreeSet<String>> { Ok(self.hits(i)?.0.into_iter().map(|e| e.uid).collect()) };
        let first = uids(0)?;
        for i in self.world.moments() {
            if uids(i)? != first {
                let (was, is) = (list(&self.hits(0)?.0), list(&self.hits(i)?.0));
                return match self.np.same || was == is {
                    true => Ok(Some(
                        Finding::new(false, format!("they are not the same ones: {was} before, {is} {}", self.when(i)))
                            .with(self.evidence(i)?),
                    )),
                    false => Err(format!("{was} was followed by {is}")),
                };
            }
        }
        let running = *self.test == Test::State("running".into()) && matches!(self.kind, "Pod" | "Container");
        if running && aspect == Aspect::Still {
            let restarted = super::event::restarts(self.world, self.np, self.kind)?;
            if let Some((e, times)) = restarted.iter().find(|(_, times)| *times > 0) {
                return Err(format!("{} was restarted {times} times, and runs", e.name()));
            }
        }
        Ok(None)
    }
}

/// Where a state is seen best, for evidence.
fn state_path(kind: &str, state: &str) -> String {
    use crate::assertion::vocabulary::{Shown, VOCABULARY};
    fn path(shown: &Shown) -> Option<String> {
        match shown {
            Shown::Is { path, .. } | Shown::In { path, .. } | Shown::Some { path } => Some(path.clone()),
            Shown::Condition { condition } => Some(format!("status.conditions[type={condition}].status")),
            Shown::Equal { equal: [_, b] } => Some(b.clone()),
            Shown::Not { not } => path(not),
            Shown::Any { any: list } | Shown::All { all: list } => list.first().and_then(path),
        }
    }
    VOCABULARY.state(state).and_then(|s| s.of.get(kind).or_else(|| s.of.get("*"))).and_then(path).unwrap_or_default()
}
