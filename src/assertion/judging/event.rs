//! What happened to objects: created, deleted, recreated, replaced, restarted, updated, evicted, moved.

use super::relate::{belongs, is_for};
use super::test::quantified;
use super::value::compares;
use super::world::{Answer, Entity, World, read};
use super::{Finding, Judged, list};
use crate::assertion::Evidence;
use crate::assertion::claim::{Event, Np};
use crate::diff::{ChangeKind, field_changes};
use crate::snapshot::ObjectKey;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Judges an event; `np` is its subject, its kind known.
pub fn judge(world: &World, event: &Event, np: &Np) -> Judged {
    let kind = np.kind.as_deref().unwrap_or_default();
    let happened = Happened { world, event, np, kind };
    let mut finding = match event.verb.as_str() {
        "created" => happened.created()?,
        "deleted" => happened.deleted()?,
        "recreated" => happened.recreated()?,
        "replaced" => happened.replaced()?,
        "restarted" => happened.restarted()?,
        "updated" => happened.updated()?,
        "evicted" => happened.evicted()?,
        "moved" => happened.moved()?,
        other => return Err(format!("what it means to be {other} is not defined")),
    };
    // "No Pod was": the quantifier has counted to zero already.
    if event.negated && np.q != "no" {
        finding.holds = !finding.holds;
    }
    match finding.holds && event.loose {
        true => Err(format!("{}, but more is said of it than is observed", finding.reason)),
        false => Ok(finding),
    }
}

struct Happened<'a> {
    world: &'a World<'a>,
    event: &'a Event,
    np: &'a Np,
    kind: &'a str,
}

impl Happened<'_> {
    /// Everyone whom the phrase means, with those that have `adj` taken as said by the verb.
    fn referents(&self, without: &str) -> Answer<Vec<Entity>> {
        let np = Np { adj: self.np.adj.iter().filter(|a| *a != without).cloned().collect(), ..self.np.clone() };
        self.world.referents_of_kind(&np, self.kind)
    }

    fn was_there(&self, e: &Entity) -> bool {
        self.world.uids(self.kind, 0).contains(&e.uid)
    }

    fn is_there(&self, e: &Entity) -> bool {
        self.world.uids(self.kind, self.world.last()).contains(&e.uid)
    }

    /// Those that were there before; where there were none, all.
    fn earlier(&self, all: Vec<Entity>) -> Vec<Entity> {
        let before: Vec<Entity> = all.iter().filter(|e| self.was_there(e)).cloned().collect();
        if before.is_empty() { all } else { before }
    }

    /// Counts those to whom it happened. "A Pod" that were three is said too loosely to be judged.
    fn count(&self, verb: &str, hits: &[Entity], domain: usize) -> Judged {
        let denied = self.event.negated && self.np.q != "no";
        let np = self.np;
        let reason = format!("{verb}: {}", list(hits));
        let evidence: Vec<Evidence> = hits.iter().take(10).map(|e| self.existence(e)).collect();
        let one = np.q == "a" || (np.q == "bare" && !np.plural && np.names.is_empty());
        if one && hits.len() > 1 && !denied && verb != "restarted" {
            return Err(format!("{} {}s were {verb}: say how many ({})", hits.len(), self.kind, list(hits)));
        }
        let holds = match np.q.as_str() {
            // "The Pods were not deleted": denied of each of them.
            "the" | "all" | "bare" | "a" if denied => match (hits.len(), domain) {
                (0, 0) => return Err(format!("there is no such {}", self.kind)),
                (0, _) => false,
                (h, d) if h == d || np.q != "all" => true,
                _ => return Err("\"all ... not\" may mean none or not all".into()),
            },
            "count" | "no" if denied => return Err("a number of things that did not happen".into()),
            "bare" if np.names.is_empty() => !hits.is_empty(),
            "count" | "a" | "no" => quantified(np, hits.len(), domain)?,
            _ => quantified(np, hits.len(), domain)?,
        };
        Ok(Finding::new(holds, reason).with(evidence))
    }

    fn existence(&self, e: &Entity) -> Evidence {
        let uid = |there: bool| if there { json!(e.uid) } else { Value::Null };
        let (was, is) = (self.was_there(e), self.is_there(e));
        let mut all = self.world.history.events().iter().filter(|c| c.object["metadata"]["uid"] == e.uid.as_str());
        let turn = all.rfind(|c| c.kind != ChangeKind::Modified);
        let by = turn.and_then(|c| crate::diff::writer_of(&c.object)).map(str::to_owned);
        Evidence { object: e.name(), path: String::new(), before: uid(was), after: uid(is), at: turn.map(|c| c.at), by }
    }

    fn by_agent(&self, hits: Vec<Entity>) -> Answer<Vec<Entity>> {
        let mut hits = hits;
        if let Some(agent) = &self.event.agent {
            const MAKERS: &[&str] = &["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
            let agents = self.world.definite(agent)?;
            if let Some(other) = agents.iter().find(|a| !MAKERS.contains(&a.key.kind.as_str())) {
                return Err(format!("what {} does by itself is not observed", other.name()));
            }
            hits.retain(|e| agents.iter().any(|a| (0..=self.world.last()).any(|i| belongs(self.world, e, a, i))));
        }
        if let Some(related) = &self.event.related {
            let targets = self.world.definite(related)?;
            let last = self.world.last();
            let fits = |e: &Entity| targets.iter().any(|t| is_for(self.world, e, t) || belongs(self.world, e, t, last));
            let elsewhere = |e: &Entity| {
                targets.iter().any(|t| t.key.kind == "Namespace" && e.key.namespace.as_deref() == Some(&t.key.name))
            };
            match self.event.verb.as_str() {
                "created" => hits.retain(|e| fits(e) || elsewhere(e)),
                _ => {
                    let node = targets.iter().all(|t| t.key.kind == "Node" || t.key.kind == "Namespace");
                    if !node && !targets.is_empty() {
                        return Err("the relation to the other object is not defined".into());
                    }
                }
            }
        }
        Ok(hits)
    }

    fn created(&self) -> Judged {
        let spread = self.in_made_namespaces()?;
        let adj = spread.adj.iter().filter(|a| *a != "other").cloned().collect();
        let np = Np { ord: None, adj, ..spread };
        let mut plain = Happened { np: &np, ..*self }.referents("new")?;
        if let Some(target) = self.event.related.as_ref().filter(|t| t.kind.as_deref() == Some("Namespace")) {
            let spaces = self.world.definite(target)?;
            let named: Vec<String> = spaces.into_iter().map(|e| e.key.name).collect();
            let mut everywhere = np.clone();
            everywhere.rel.extend(
                named.iter().map(|n| crate::assertion::claim::Rel { ns: Some(n.clone()), ..Default::default() }),
            );
            plain = Happened { np: &everywhere, ..*self }.referents("new")?;
        }
        let made: Vec<Entity> = plain.iter().filter(|e| !self.was_there(e)).cloned().collect();
        let made = self.by_agent(made)?;
        if self.np.adj.iter().any(|a| a == "other") && !made.is_empty() {
            return Err(format!("other than which is not clear; created: {}", list(&made)));
        }
        if let Some(n) = self.np.ord {
            let nameless = Np { names: vec![], ..np.clone() };
            let ever = Happened { np: &nameless, ..*self }.referents("new")?;
            let before = ever.iter().filter(|e| self.was_there(e)).count();
            let names: BTreeSet<&ObjectKey> = ever.iter().map(|e| &e.key).collect();
            return self.nth(n, &made, before, names.len());
        }
        if let Some(again) = made.iter().find(|e| self.is_recreated(e)) {
            let (before, after) = self.twins(&again.key);
            let why = format!(
                "{} was there before: it was deleted and created again (uid {before} before, {after} after)",
                again.name()
            );
            return Err(format!("{why}; say \"recreated\""));
        }
        let domain = made.len().max(if self.np.names.len() > 1 { self.np.names.len() } else { 0 });
        let mut finding = self.count("created", &made, domain)?;
        let others = if made.is_empty() && !finding.holds { self.created_of_kind() } else { Vec::new() };
        if !others.is_empty() {
            finding.reason = format!("{}; what was created is {}", finding.reason, others.join(", "));
        }
        Ok(finding)
    }

    /// Everything of the kind that came to be, whatever else the sentence says of it: for a reason that helps.
    fn created_of_kind(&self) -> Vec<String> {
        let before = self.world.entities(self.kind, 0);
        let is_new = |e: &&Entity| !before.iter().any(|b| b.uid == e.uid);
        let described = |e: &Entity| match e.object["spec"]["type"].as_str() {
            Some(of_type) => format!("{} of type {of_type}", e.name()),
            None => e.name(),
        };
        self.world.entities(self.kind, self.world.last()).iter().filter(is_new).take(3).map(described).collect()
    }

    /// "A third Pod was created": there were two, and now there is a third.
    fn nth(&self, n: u64, made: &[Entity], before: usize, ever: usize) -> Judged {
        if (ever as u64) < n {
            return Ok(Finding::new(false, format!("there were never {n}; created: {}", list(made))));
        }
        let holds = !made.is_empty() && (before as u64) < n && n <= ever as u64;
        if !made.is_empty() && !holds {
            return Err(format!(
                "{} were there before and {} were created: which is number {n} is not clear",
                before,
                made.len()
            ));
        }
        Ok(Finding::new(holds, format!("{before} before; created: {}", list(made)))
            .with(made.iter().map(|e| self.existence(e))))
    }

    /// Nothing said of a namespace: what was made in a namespace that this lesson made counts too.
    fn in_made_namespaces(&self) -> Answer<Np> {
        let said = self.np.rel.iter().any(|r| r.ns.is_some() || r.outside.is_some());
        let mut np = self.np.clone();
        if !said && self.event.related.is_none() && self.np.q == "no" {
            np.rel.push(crate::assertion::claim::Rel { outside: Some(String::new()), ..Default::default() });
        }
        Ok(np)
    }

    /// Of one name before and after, but another object: unless a controller gives its Pods their names.
    fn is_recreated(&self, e: &Entity) -> bool {
        let owned = e.object["metadata"]["ownerReferences"].as_array().is_some_and(|o| !o.is_empty());
        !owned && self.world.entities(self.kind, 0).iter().any(|b| b.key == e.key && b.uid != e.uid)
    }

    fn twins(&self, key: &ObjectKey) -> (String, String) {
        let uid = |i: usize| {
            self.world.entities(self.kind, i).iter().find(|e| e.key == *key).map(|e| e.uid.clone()).unwrap_or_default()
        };
        (uid(0), uid(self.world.last()))
    }

    fn deleted(&self) -> Judged {
        let all = self.earlier(self.referents("deleted")?);
        let gone: Vec<Entity> = all.iter().filter(|e| !self.is_there(e)).cloned().collect();
        let leaving = all.iter().find(|e| {
            let now = self.world.by_uid(self.kind, &e.uid, self.world.last());
            now.is_some_and(|now| now.object["metadata"]["deletionTimestamp"].is_string())
        });
        if let Some(leaving) = leaving {
            return Err(format!("{} is still terminating", leaving.name()));
        }
        let gone = self.by_agent(gone)?;
        self.count("deleted", &gone, all.len())
    }

    fn recreated(&self) -> Judged {
        if self.event.same_name && self.np.adj.is_empty() && self.np.names.is_empty() {
            return Err("which one came back is not said".into());
        }
        let all = self.earlier(self.referents("")?);
        let again = |e: &&Entity| {
            let now = self.world.entities(self.kind, self.world.last());
            !self.is_there(e) && now.iter().any(|n| n.key == e.key && n.uid != e.uid)
        };
        let hits: Vec<Entity> = all.iter().filter(again).cloned().collect();
        let gone = all.iter().filter(|e| !self.is_there(e)).count();
        let owned = all.iter().any(|e| e.object["metadata"]["ownerReferences"].is_array());
        if hits.is_empty() && gone > 0 && owned && !self.event.same_name {
            return Err("its controller made another one under another name: say \"replaced\"".into());
        }
        self.count("recreated", &hits, all.len())
    }

    fn replaced(&self) -> Judged {
        if self.kind == "Node" || self.event.related.is_some() {
            return Err("by what it was replaced is not observed".into());
        }
        let all = self.earlier(self.referents("new")?);
        let before: Vec<Entity> = all.iter().filter(|e| self.was_there(e)).cloned().collect();
        let gone: Vec<Entity> = before.iter().filter(|e| !self.is_there(e)).cloned().collect();
        if self.event.same_name {
            return self.recreated();
        }
        let siblings = Np { q: "the".into(), adj: vec![], ord: None, names: vec![], pin: vec![], ..self.np.clone() };
        let made = self.world.select_kind(&siblings, self.kind, self.world.last())?;
        let made: Vec<Entity> = made.into_iter().filter(|e| !self.was_there(e)).collect();
        let by_name = gone.iter().filter(|g| made.iter().any(|m| m.key == g.key)).count();
        match (gone.len(), made.len()) {
            (0, 0) => self.count("replaced", &[], before.len()),
            (g, m) if g == m || by_name == g && g > 0 => self.count("replaced", &gone, before.len()),
            (0, m) if self.event.negated || self.kind != "Pod" => {
                Err(format!("{m} were created and none deleted: that is not what \"replaced\" means, nor its opposite"))
            }
            (0, _) => self.count("replaced", &[], before.len()),
            (g, m) => {
                // More went than came, or more came than went: whoever says "all" or "none" can still be judged.
                let none = self.np.q == "no" || self.event.negated;
                match (none, self.np.q.as_str()) {
                    (false, "all" | "the") if g < before.len() => self.count("replaced", &gone, before.len()),
                    (true, _) if m >= g => self.count("replaced", &gone, before.len()),
                    _ => Err(format!("{g} were deleted and {m} created")),
                }
            }
        }
    }

    fn restarted(&self) -> Judged {
        match self.kind {
            "Pod" | "Container" | "InitContainer" => {}
            "Deployment" | "StatefulSet" | "DaemonSet" => return self.workload_restarted(),
            kind => return Err(format!("what it means that a {kind} was restarted is not defined")),
        }
        let counts = restarts(self.world, self.np, self.kind)?;
        let hits: Vec<Entity> = counts.iter().filter(|(_, n)| *n > 0).map(|(e, _)| e.clone()).collect();
        let evidence = counts.iter().filter(|(_, n)| *n > 0).map(|(e, n)| {
            let path =
                if self.kind == "Pod" { "status.containerStatuses[*].restartCount" } else { "status.restartCount" };
            let first = self.world.by_uid(self.kind, &e.uid, 0).map_or(Value::Null, |e| read(&e.object, path));
            let mut evidence = self.world.evidence(e, path, first.clone(), read(&e.object, path));
            evidence.after = json!(first.as_i64().unwrap_or(0) + n);
            evidence
        });
        let evidence: Vec<Evidence> = evidence.collect();
        if let Some((op, n)) = &self.event.times {
            let total = counts.iter().filter_map(|(_, n)| usize::try_from(*n).ok()).sum();
            let holds = compares(op, total, *n);
            return Ok(Finding::new(holds, format!("restarts during the step: {total}")).with(evidence));
        }
        let gone = counts.iter().any(|(e, _)| self.was_there(e) && !self.is_there(e));
        if hits.is_empty() && gone && self.kind == "Pod" {
            return Err("no container was restarted, but Pods were deleted or replaced: say which you mean".into());
        }
        let known: Vec<Entity> = counts.into_iter().map(|(e, _)| e).collect();
        let finding = self.count("restarted", &hits, self.earlier(known).len())?;
        Ok(Finding { evidence, ..finding })
    }

    /// `kubectl rollout restart` leaves its mark in the Pod template.
    fn workload_restarted(&self) -> Judged {
        let all = self.earlier(self.referents("")?);
        let mark = "spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]";
        let at = |e: &Entity, i: usize| {
            self.world.by_uid(self.kind, &e.uid, i).map_or(Value::Null, |e| read(&e.object, mark))
        };
        let template = |e: &Entity, i: usize| {
            self.world.by_uid(self.kind, &e.uid, i).map_or(Value::Null, |e| e.object["spec"]["template"].clone())
        };
        let last = self.world.last();
        let hits: Vec<Entity> = all.iter().filter(|e| at(e, 0) != at(e, last)).cloned().collect();
        if hits.is_empty() && all.iter().any(|e| template(e, 0) != template(e, last)) {
            return Err("its Pod template changed: that is a rollout, and not only a restart".into());
        }
        self.count("restarted", &hits, all.len())
    }

    fn updated(&self) -> Judged {
        let all = self.earlier(self.referents("")?);
        let mut hits = Vec::new();
        let mut evidence = Vec::new();
        for e in &all {
            let changes = written(self.world, self.kind, &e.uid);
            if !self.is_there(e) && self.was_there(e) {
                return Err(format!("{} was deleted", e.name()));
            }
            if changes.iter().any(|c| !c.2) {
                evidence.extend(changes.iter().filter(|c| !c.2).take(5).map(|c| c.1.clone()));
                hits.push(e.clone());
            } else if let Some((what, ..)) = changes.first() {
                return Err(format!("only {what} of {} was written, which Kubernetes keeps for itself", e.name()));
            }
        }
        let finding = self.count("updated", &hits, all.len())?;
        Ok(Finding { evidence, ..finding })
    }

    fn evicted(&self) -> Judged {
        let all = self.earlier(self.referents("")?);
        let gone: Vec<Entity> = all.iter().filter(|e| !self.is_there(e)).cloned().collect();
        let failed = |e: &Entity| {
            self.world
                .by_uid(self.kind, &e.uid, self.world.last())
                .is_some_and(|n| n.object["status"]["reason"] == "Evicted")
        };
        if self.kind != "Pod" {
            return Err(format!("a {} is not evicted", self.kind));
        }
        let marked = |e: &Entity| {
            let last = self.world.history.events().iter().rfind(|c| c.object["metadata"]["uid"] == e.uid.as_str());
            last.is_some_and(|c| crate::snapshot::condition_is_true(&c.object, "DisruptionTarget"))
        };
        let hits: Vec<Entity> = all.iter().filter(|e| failed(e) || (!self.is_there(e) && marked(e))).cloned().collect();
        match gone.len() > hits.len() && hits.is_empty() {
            true => Err(format!("{} was deleted, and whether by eviction is not observed", list(&gone))),
            false => self.count("evicted", &hits, all.len()),
        }
    }

    fn moved(&self) -> Judged {
        let all = self.earlier(self.referents("")?);
        match all.iter().any(|e| !self.is_there(e)) {
            true => Err("an object is not moved but deleted here and created there: say both".into()),
            false => Ok(Finding::new(false, format!("still where it was: {}", list(&all)))),
        }
    }
}

/// Each of those that the phrase means, with the number of restarts of its containers during the step.
pub fn restarts(world: &World, np: &Np, kind: &str) -> Answer<Vec<(Entity, i64)>> {
    let count = |e: &Entity| -> i64 {
        let path = if kind == "Pod" { "status.containerStatuses[*].restartCount" } else { "status.restartCount" };
        crate::snapshot::path::all(&e.object, path).iter().filter_map(|v| v.as_i64()).sum()
    };
    let mut out = Vec::new();
    for e in world.referents_of_kind(np, kind)? {
        let before = world.by_uid(kind, &e.uid, 0).map_or(0, |e| count(&e));
        let most = world.moments().into_iter().filter_map(|i| world.by_uid(kind, &e.uid, i)).map(|e| count(&e)).max();
        out.push((e, most.unwrap_or(0) - before));
    }
    Ok(out)
}

/// What was written to an object at any moment of the step: path, observation, and whether Kubernetes keeps that for
/// itself. Status does not count.
fn written(world: &World, kind: &str, uid: &str) -> Vec<(String, Evidence, bool)> {
    let Some(before) = world.by_uid(kind, uid, 0) else { return vec![] };
    let mut out: Vec<(String, Evidence, bool)> = Vec::new();
    let mut seen = BTreeSet::new();
    for i in world.moments() {
        let Some(now) = world.by_uid(kind, uid, i) else { continue };
        for change in field_changes(kind, &before.object, &now.object) {
            if seen.insert(change.path.clone()) {
                let evidence = world.evidence(&now, &change.path, change.before.clone(), change.after.clone());
                out.push((change.path, evidence, false));
            }
        }
        let kept = |e: &Entity| {
            let mut metadata = e.object["metadata"].clone();
            for own in ["managedFields", "resourceVersion", "generation"] {
                metadata[own] = Value::Null;
            }
            metadata
        };
        if out.is_empty() && kept(&before) != kept(&now) && kind != "Node" && seen.insert(String::new()) {
            let evidence = world.evidence(&now, "metadata", Value::Null, Value::Null);
            out.push(("an annotation".into(), evidence, true));
        }
    }
    out
}
