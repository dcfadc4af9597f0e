//! Noun phrases to objects: which ones "the new Pod", "both old ReplicaSets", "`web-0` and `web-1`" mean, at a moment
//! or over the whole step.

use super::relate::belongs;
use super::test::{has_pair, holds};
use super::world::{Answer, Entity, World};
use crate::assertion::claim::{Compare, FieldRef, Np, Rel, Test};
use crate::assertion::vocabulary::VOCABULARY;
use std::collections::BTreeSet;

impl World<'_> {
    /// The kind that a noun phrase speaks of. Where it has only a name: the one kind that has an object of that name,
    /// of `wanted` kinds first.
    pub fn kind_of(&self, np: &Np, wanted: &[&str]) -> Answer<String> {
        if let Some(kind) = &np.kind {
            return Ok(kind.clone());
        }
        let name = np.names.first().ok_or("who is meant is not said")?;
        let kinds = self.kinds_of_name(name);
        let fitting: Vec<&str> = wanted.iter().copied().filter(|k| kinds.contains(k)).collect();
        match (fitting.first(), kinds.as_slice()) {
            (Some(kind), _) => Ok((*kind).to_owned()),
            (None, [kind]) => Ok((*kind).to_owned()),
            (None, []) => Err(format!("nothing is called \"{name}\"")),
            (None, several) => Err(format!("\"{name}\" may be {}", several.join(" or "))),
        }
    }

    /// The objects that the phrase means at a moment.
    pub fn select(&self, np: &Np, i: usize) -> Answer<Vec<Entity>> {
        let kind = self.kind_of(np, &[])?;
        self.select_kind(np, &kind, i)
    }

    /// The objects of this kind that the phrase means at a moment.
    pub fn select_kind(&self, np: &Np, kind: &str, i: usize) -> Answer<Vec<Entity>> {
        let mut out = Vec::new();
        for e in self.candidates(np, kind, i)? {
            if self.fits(np, kind, &e, i)? {
                out.push(e);
            }
        }
        self.by_order(np, kind, out)
    }

    /// Those of the right name and namespace, before anything else is asked of them.
    fn candidates(&self, np: &Np, kind: &str, i: usize) -> Answer<Vec<Entity>> {
        let mut all: Vec<Entity> = self.entities(kind, i).iter().cloned().collect();
        if !np.names.is_empty() {
            all.extend(self.furniture(kind, i, &np.names));
        }
        let inside = np.rel.iter().find_map(|r| r.ns.as_deref());
        let outside = np.rel.iter().find_map(|r| r.outside.as_deref());
        let new_namespace =
            || self.uids("Namespace", self.last()).difference(&self.uids("Namespace", 0)).next().cloned();
        let new_namespace = match inside {
            Some("new") => {
                let uid = new_namespace().ok_or("this step made no namespace")?;
                self.by_uid("Namespace", &uid, self.last()).map(|e| e.key.name)
            }
            _ => None,
        };
        all.retain(|e| match (&e.key.namespace, inside, outside) {
            (None, ..) => true,
            (Some(ns), Some("new"), _) => new_namespace.as_ref() == Some(ns),
            (Some(ns), Some("own"), _) => *ns == self.ctx.namespace,
            (Some(ns), Some(wanted), _) => ns == wanted || (wanted == "default" && *ns == self.ctx.namespace),
            (Some(ns), None, Some("own")) => *ns != self.ctx.namespace,
            (Some(ns), None, Some(not)) => ns != not && self.is_lessons_namespace(ns),
            (Some(ns), None, None) => *ns == self.ctx.namespace,
        });
        if kind == "Namespace" && np.names.is_empty() {
            let plain = np.adj.is_empty() && np.q == "the" && !np.plural;
            // "The namespace" is the lesson's own; "the new namespace" one that this lesson made and works in.
            all.retain(|e| {
                if plain { e.key.name == self.ctx.namespace } else { np.adj.is_empty() || self.is_watched(&e.key.name) }
            });
        }
        if !np.pin.is_empty() {
            all.retain(|e| np.pin.contains(&e.uid));
        }
        if !np.names.is_empty() {
            let loose = !self.any_named(np, kind);
            all.retain(|e| np.names.iter().any(|n| is_called(e, n, loose)));
        }
        Ok(all)
    }

    /// Are there objects of this namespace in the history?
    fn is_watched(&self, namespace: &str) -> bool {
        let here = |key: &crate::snapshot::ObjectKey| key.namespace.as_deref() == Some(namespace);
        self.history.before().iter().any(|(key, _)| here(key)) || self.history.events().iter().any(|e| here(&e.key))
    }

    /// Is there, at any moment, an object of exactly one of these names? If not, a name may stand for what was made
    /// from it: "the `web` Pod" is the Pod of Deployment web.
    fn any_named(&self, np: &Np, kind: &str) -> bool {
        let exact = |e: &Entity| np.names.iter().any(|n| is_called(e, n, false));
        [0, self.last()].iter().any(|i| self.entities(kind, *i).iter().any(exact))
            || self.history.events().iter().any(|e| e.key.kind == kind && np.names.contains(&e.key.name))
            || !matches!(kind, "Pod" | "ReplicaSet" | "Container" | "Job")
    }

    fn fits(&self, np: &Np, kind: &str, e: &Entity, i: usize) -> Answer {
        for adjective in &np.adj {
            if !self.is_adjective(adjective, kind, e)? {
                return Ok(false);
            }
        }
        for rel in &np.rel {
            if !self.fits_relation(rel, e, i)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fits_relation(&self, rel: &Rel, e: &Entity, i: usize) -> Answer {
        if let Some(of) = &rel.of {
            // The owner may be gone when the owned still is there; it is looked for at every moment.
            let owners = self.definite(of)?;
            return Ok(owners.iter().any(|owner| belongs(self, e, owner, i)));
        }
        if let Some(services) = &rel.selected {
            let services = self.definite(services)?;
            return Ok(services.iter().any(|s| super::relate::selects(self, s, e, i)));
        }
        if let Some(target) = &rel.r#for {
            let targets = self.definite(target)?;
            return Ok(targets.iter().any(|t| super::relate::is_for(self, e, t)));
        }
        if let Some(node) = &rel.on {
            let nodes = self.definite(node)?;
            return Ok(nodes.iter().any(|n| e.object["spec"]["nodeName"] == n.key.name.as_str()));
        }
        if let Some(parts) = &rel.has {
            return super::test::has(self, e, parts, i);
        }
        if let Some(state) = &rel.state {
            return Ok(holds(self, e, &Test::State(state.clone()), i)? != rel.not);
        }
        if let (Some(pair), Some(value)) = (&rel.pair, &rel.value) {
            return Ok(has_pair(e, pair, value));
        }
        if let Some(field) = &rel.field {
            let compare = match (rel.op.as_deref(), &rel.value, rel.n) {
                (Some("unset"), ..) => Compare::Unset,
                (Some("set"), ..) => Compare::Set,
                (_, Some(value), _) => Compare::Is(value.literal()),
                (op, None, Some(n)) => Compare::Number(op.unwrap_or("eq").to_owned(), n),
                _ => return Err("a restriction that says nothing".into()),
            };
            return holds(self, e, &Test::Field(field.clone(), compare), i);
        }
        // Namespaces were looked at before.
        Ok(true)
    }

    /// What the phrase means over the whole step: every object that it fits at some moment, each once, in its first
    /// fitting state. A state ("the unready Pod") is looked for before, then after, then in between.
    pub fn referents(&self, np: &Np) -> Answer<Vec<Entity>> {
        let kind = self.kind_of(np, &[])?;
        self.referents_of_kind(np, &kind)
    }

    /// As [`World::referents`], of one kind.
    pub fn referents_of_kind(&self, np: &Np, kind: &str) -> Answer<Vec<Entity>> {
        let in_state = np.rel.iter().any(|r| r.state.is_some());
        if in_state {
            for i in [0, self.last()] {
                let found = self.select_kind(np, kind, i)?;
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
        let plain = Np { ord: None, ..np.clone() };
        let mut seen = BTreeSet::new();
        let mut out: Vec<Entity> = Vec::new();
        for i in self.moments() {
            for e in self.select_kind(&plain, kind, i)? {
                if seen.insert(e.uid.clone()) {
                    out.push(e);
                }
            }
        }
        self.by_order(np, kind, out)
    }

    /// What a phrase inside of another one means: one object where it is singular and definite; several are refused,
    /// as the reader could not know which.
    pub fn definite(&self, np: &Np) -> Answer<Vec<Entity>> {
        let found = self.referents(np)?;
        let one = np.q == "the" && !np.plural && np.names.is_empty();
        let names: BTreeSet<&str> = found.iter().map(|e| e.key.name.as_str()).collect();
        if one && names.len() > 1 {
            // A replaced object is one role; several at the same moment are not.
            let at_once = self.moments().into_iter().any(|i| self.select(np, i).is_ok_and(|s| s.len() > 1));
            if at_once {
                return Err(ambiguous(np, &found));
            }
        }
        if found.is_empty() && np.guess {
            return Err(format!("nothing is called \"{}\"", np.names.join("\" or \"")));
        }
        Ok(found)
    }

    fn is_adjective(&self, adjective: &str, kind: &str, e: &Entity) -> Answer {
        let was_there = || self.uids(kind, 0).contains(&e.uid);
        let is_there = || self.uids(kind, self.last()).contains(&e.uid);
        Ok(match adjective {
            "new" => !was_there(),
            "old" => was_there() && !self.is_outlived(kind, e),
            "deleted" => was_there() && !is_there(),
            "relabelled" => self.relabelled(kind, e),
            "other" => was_there() && !self.is_touched(kind, e)?,
            "newest" => self.is_newest(kind, e)?,
            "individual" => true,
            other => return Err(format!("which ones are \"{other}\" is not defined")),
        })
    }

    /// An old ReplicaSet of an earlier rollout, already without Pods before the step, where another one had some: not
    /// the one that "the old ReplicaSet" means.
    fn is_outlived(&self, kind: &str, e: &Entity) -> bool {
        let has_pods = |e: &Entity| e.object["spec"]["replicas"].as_i64().unwrap_or(0) > 0;
        let before = self.entities(kind, 0);
        let then = before.iter().find(|o| o.uid == e.uid);
        kind == "ReplicaSet"
            && then.is_some_and(|e| !has_pods(e))
            && before.iter().any(|o| has_pods(o) && self.in_own_namespace(o))
    }

    fn relabelled(&self, kind: &str, e: &Entity) -> bool {
        let labels = |i: usize| self.by_uid(kind, &e.uid, i).map(|e| e.object["metadata"]["labels"].clone());
        match (labels(0), labels(self.last())) {
            (Some(before), Some(after)) => before != after,
            _ => false,
        }
    }

    /// Did the step delete it or write to it? "The other Pod" is one that it left alone.
    fn is_touched(&self, kind: &str, e: &Entity) -> Answer {
        let touched = |e: &Entity| {
            let before = self.by_uid(kind, &e.uid, 0);
            match (before, self.by_uid(kind, &e.uid, self.last())) {
                (Some(a), Some(b)) => !crate::diff::field_changes(kind, &a.object, &b.object).is_empty(),
                _ => true,
            }
        };
        let mut any = self.entities(kind, 0).iter().filter(|e| self.in_own_namespace(e)).any(touched);
        any = any || self.uids(kind, self.last()).difference(&self.uids(kind, 0)).next().is_some();
        match any {
            true => Ok(touched(e)),
            false => Err(format!("no {kind} was touched, so which is the other one is not clear")),
        }
    }

    fn is_newest(&self, kind: &str, e: &Entity) -> Answer {
        let made = |e: &Entity| e.object["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned();
        let mut everyone: Vec<Entity> =
            self.entities(kind, 0).iter().chain(self.entities(kind, self.last()).iter()).cloned().collect();
        everyone.retain(|o| self.in_own_namespace(o));
        everyone.sort_by_key(|o| o.uid.clone());
        everyone.dedup_by_key(|o| o.uid.clone());
        let newest = everyone.iter().map(made).max().unwrap_or_default();
        match everyone.iter().filter(|o| made(o) == newest).count() {
            1 => Ok(made(e) == newest),
            _ => Err(format!("which {kind} is the newest is not clear")),
        }
    }

    /// "the second Pod": by creation time over the whole step.
    fn by_order(&self, np: &Np, kind: &str, found: Vec<Entity>) -> Answer<Vec<Entity>> {
        let Some(n) = np.ord else { return Ok(found) };
        let made = |e: &Entity| e.object["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned();
        let mut everyone: Vec<Entity> = Vec::new();
        let plain = Np { ord: None, ..np.clone() };
        for i in [0, self.last()] {
            everyone.extend(self.select_kind(&plain, kind, i)?);
        }
        everyone.extend(found.iter().cloned());
        everyone.sort_by_key(|e| (made(e), e.uid.clone()));
        everyone.dedup_by_key(|e| e.uid.clone());
        let index = usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(meant) = everyone.get(index) else { return Ok(vec![]) };
        if everyone.iter().filter(|e| made(e) == made(meant)).count() > 1 {
            return Err(format!("which {kind} is number {n} is not clear: several were created in the same second"));
        }
        Ok(found.into_iter().filter(|e| e.uid == meant.uid).collect())
    }

    /// The kind of object in which a field without an owner lives, if the lesson has one: as a definite phrase.
    pub fn home_of(&self, field: &FieldRef) -> Answer<Np> {
        let the = |kind: &str| Np { kind: Some(kind.to_owned()), q: "the".into(), ..Np::default() };
        let exists = |kind: &str| self.referents(&the(kind)).is_ok_and(|r| !r.is_empty());
        let has = |kind: &str| {
            let all = self.referents(&the(kind)).unwrap_or_default();
            all.iter().any(|e| {
                let ever = self.moments();
                ever.iter().any(|i| {
                    let now = self.by_uid(kind, &e.uid, *i);
                    now.is_some_and(|now| super::value::value(self, &now, field, *i).is_ok_and(|v| !v.is_null()))
                })
            })
        };
        let kinds: Vec<&str> = match field {
            FieldRef::Field(name) => {
                let field = VOCABULARY.field(name).ok_or("no such field")?;
                if !field.plain && field.homes().len() > 1 {
                    let homes = field.homes().join(", ");
                    return Err(format!("whose {name} is not said; it may be that of {homes}"));
                }
                let homes = field.homes();
                return match homes.iter().find(|k| exists(k)) {
                    Some(kind) => Ok(the(kind)),
                    None => Err(format!("the lesson has nothing that has a {name}")),
                };
            }
            FieldRef::Key(_) => vec!["ConfigMap", "Secret"],
            FieldRef::Env(_) => vec!["Deployment", "StatefulSet", "DaemonSet", "Pod"],
            FieldRef::Condition(_) => vec!["Deployment", "Job", "Pod", "Node"],
            FieldRef::Path(_) => vec!["Deployment", "Service", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"],
            FieldRef::Label(_) | FieldRef::Annotation(_) | FieldRef::Count(_) | FieldRef::Set(_) => vec![],
        };
        kinds.iter().find(|k| has(k)).map(|k| the(k)).ok_or_else(|| "whose field that is is not said".to_owned())
    }
}

fn is_called(e: &Entity, name: &str, loose: bool) -> bool {
    let own = e.key.name == name || e.object["metadata"]["name"] == name;
    let labels = || {
        e.object["metadata"]["labels"]
            .as_object()
            .is_some_and(|l| ["app", "run", "job-name"].iter().any(|k| l.get(*k).is_some_and(|v| v == name)))
    };
    own || (loose && (e.key.name.starts_with(&format!("{name}-")) || labels()))
}

/// Why a phrase is refused: the candidates are named.
pub fn ambiguous(np: &Np, found: &[Entity]) -> String {
    let names: BTreeSet<String> = found.iter().map(Entity::name).collect();
    let kind = np.kind.as_deref().unwrap_or("object");
    format!("which {kind} is meant is not clear: {}", names.into_iter().collect::<Vec<_>>().join(", "))
}
