//! Claims judged over the watched history. Each family of claims has its file; this one puts them together, and tries
//! every object that a definite phrase may mean: where all give the same verdict, it does not matter which was meant.

mod access;
mod change;
mod count;
mod environment;
mod event;
mod happening;
mod rbac;
mod relate;
mod same;
mod select;
mod state;
mod test;
mod value;
mod world;

use super::claim::{FieldRef, Form, Np, Test};
use super::verdict::{Evidence, Verdict};
use super::vocabulary::VOCABULARY;
use super::{Claim, Context, Probe, Section};
use crate::diff::{History, field_changes};
use select::ambiguous;
use std::collections::BTreeSet;
use world::{Answer, Entity, World};

/// A verdict on one form, before it is known how the others went.
#[derive(Debug, Clone)]
struct Finding {
    holds: bool,
    reason: String,
    evidence: Vec<Evidence>,
}

impl Finding {
    fn new(holds: bool, reason: impl Into<String>) -> Self {
        Self { holds, reason: reason.into(), evidence: vec![] }
    }

    fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// A finding, or why the history does not decide.
type Judged = Answer<Finding>;

/// Judges a claim; see [`super::judge`].
pub fn judge(claim: &Claim, history: &History, ctx: &Context, probes: &dyn Probe) -> Verdict {
    let world = World::new(history, ctx, probes);
    let findings: Vec<Judged> = claim.forms.iter().map(|form| judge_form(&world, form, claim.section)).collect();
    if let Some(false_one) = findings.iter().flatten().find(|f| !f.holds) {
        return Verdict::refuted(false_one.reason.clone(), false_one.evidence.clone());
    }
    let mut reasons = Vec::new();
    let mut evidence = Vec::new();
    for finding in findings {
        match finding {
            Err(why) => return Verdict::not_understood(why),
            Ok(finding) => {
                reasons.push(finding.reason);
                evidence.extend(finding.evidence);
            }
        }
    }
    Verdict::proved(reasons.join("; "), evidence)
}

fn judge_form(world: &World, form: &Form, section: Section) -> Judged {
    if let Some(finding) = count_form(world, form, section) {
        return finding;
    }
    match form {
        Form::Event(event) => {
            let np = with_kind(world, &event.np, &[])?;
            each_reading(world, &np, section, &|np| event::judge(world, event, np))
        }
        Form::State { np, test, negated, aspect } => {
            let np = subject(world, np.as_ref(), field_of(test))?;
            each_reading(world, &np, section, &|np| state::judge(world, np, test, *negated, *aspect, section))
        }
        Form::Change { np, field, from, to, direction, by } => {
            let np = subject(world, np.as_ref(), field.as_ref())?;
            let change = change::Change { from, to, direction: direction.as_deref(), by: *by };
            each_reading(world, &np, section, &|np| change::judge(world, np, field.as_ref(), &change))
        }
        Form::Same { np, field, value, bare } => {
            let np = subject(world, np.as_ref(), field.as_ref())?;
            let flip = *bare && section == Section::Changed;
            each_reading(world, &np, section, &|np| same::judge(world, np, field.as_ref(), value.as_ref(), flip))
        }
        Form::Happens { id, np, negated } => happening::judge(world, id, np.as_ref(), *negated),
        Form::Rollout { np, what, negated } => happening::rollout(world, np.as_ref(), what, *negated),
        Form::External { negated, aspect } => access::external(world, *negated, *aspect, section),
        Form::Reach { np, from, negated, aspect } => {
            let np = with_kind(world, np, &["Service"])?;
            each_reading(world, &np, section, &|np| access::reach(world, np, from, *negated, *aspect, section))
        }
        Form::May { np, verbs, kind, namespace, negated, aspect } => {
            let np = with_kind(world, np, &["ServiceAccount"])?;
            let asked = rbac::Asked { verbs, kind, namespace: namespace.as_deref() };
            each_reading(world, &np, section, &|np| rbac::judge(world, np, &asked, *negated, *aspect, section))
        }
    }
}

/// A form about a number or set of objects; `None` where it is about something else.
fn count_form(world: &World, form: &Form, section: Section) -> Option<Judged> {
    let field = match form {
        Form::State { np: None, test: Test::Field(field, _), .. } => field,
        Form::Change { np: None, field: Some(field), .. } | Form::Same { np: None, field: Some(field), .. } => field,
        _ => return None,
    };
    let (FieldRef::Count(of) | FieldRef::Set(of)) = field else { return None };
    let counted = count::Counted { world, of, field };
    Some(match form {
        Form::State { test: Test::Field(_, compare), negated, aspect, .. } => {
            counted.is(compare, *negated, *aspect, section)
        }
        Form::Change { from, to, direction, by, .. } => {
            counted.changed(&change::Change { from, to, direction: direction.as_deref(), by: *by })
        }
        Form::Same { value, bare, .. } => counted.same(value.as_ref(), *bare && section == Section::Changed),
        _ => return None,
    })
}

/// The field that a test is about, where it is one.
fn field_of(test: &Test) -> Option<&FieldRef> {
    match test {
        Test::Field(field, _) => Some(field),
        _ => None,
    }
}

/// Who the sentence is about: as it says, or, where it only names a field, whoever has that field.
fn subject(world: &World, np: Option<&Np>, field: Option<&FieldRef>) -> Answer<Np> {
    let homes = match field {
        Some(FieldRef::Field(name)) => VOCABULARY.field(name).map(|f| f.homes()).unwrap_or_default(),
        Some(FieldRef::Key(_)) => vec!["ConfigMap", "Secret"],
        _ => vec![],
    };
    match (np, field) {
        (Some(np), _) => template_owner(world, with_kind(world, np, &homes)?, field),
        (None, Some(FieldRef::Label(key))) => labelled(world, "labels", key),
        (None, Some(FieldRef::Annotation(key))) => labelled(world, "annotations", key),
        (None, Some(field)) => world.home_of(field),
        (None, None) => Err("who is meant is not said".into()),
    }
}

/// "The container" of a lesson with workloads is the one in their Pod template, where the field stands there too.
fn template_owner(world: &World, np: Np, field: Option<&FieldRef>) -> Answer<Np> {
    let Some(FieldRef::Field(name)) = field else { return Ok(np) };
    let plain = np.rel.is_empty() && np.adj.is_empty() && np.names.is_empty() && np.q == "the" && !np.plural;
    if np.kind.as_deref() != Some("Container") || !plain {
        return Ok(np);
    }
    let status = VOCABULARY.field(name).and_then(|f| f.path("Container")).is_none_or(|p| p.starts_with("status"));
    if status || name == "exit code" {
        return Ok(np);
    }
    let home = world.home_of(&FieldRef::Field(name.clone()))?;
    Ok(if home.kind.as_deref() == Some("Pod") { np } else { home })
}

/// The one object that a label or annotation is spoken of: that on which the step changed it, else the one that has it.
/// What controllers made from it (a ReplicaSet's labels) is not counted.
fn labelled(world: &World, map: &str, key: &str) -> Answer<Np> {
    let mut changed: Vec<Entity> = Vec::new();
    let mut having: Vec<Entity> = Vec::new();
    for kind in VOCABULARY.kinds().iter().filter(|k| !k.part) {
        let all = Np { kind: Some(kind.kind.clone()), q: "the".into(), plural: true, ..Np::default() };
        for e in world.referents(&all)? {
            let at = |i: usize| world.by_uid(&kind.kind, &e.uid, i).map(|e| e.object["metadata"][map][key].clone());
            let (before, after) = (at(0), at(world.last()));
            let owned = e.object["metadata"]["ownerReferences"].is_array() || kind.kind == "EndpointSlice";
            if !owned && (before.as_ref().is_some_and(|v| !v.is_null()) || after.as_ref().is_some_and(|v| !v.is_null()))
            {
                if before.is_some() && before != after {
                    changed.push(e.clone());
                }
                having.push(e);
            }
        }
    }
    let one = |list: &[Entity]| match list {
        [e] => Some(Np {
            kind: Some(e.key.kind.clone()),
            q: "the".into(),
            names: vec![e.key.name.clone()],
            ..Np::default()
        }),
        _ => None,
    };
    one(&changed).or_else(|| one(&having)).ok_or_else(|| match having.len() {
        0 => format!("nothing has {key}"),
        _ => ambiguous(&Np::default(), &having),
    })
}

fn with_kind(world: &World, np: &Np, wanted: &[&str]) -> Answer<Np> {
    let kind = world.kind_of(np, wanted)?;
    let np = Np { kind: Some(kind), ..np.clone() };
    if np.guess && world.referents(&np)?.is_empty() {
        return Err(format!("no {} is called \"{}\"", np.kind.unwrap_or_default(), np.names.join("\" or \"")));
    }
    Ok(np)
}

/// Judges with the object that a definite phrase means; with each in turn where it may be several.
fn each_reading(world: &World, np: &Np, section: Section, judge: &dyn Fn(&Np) -> Judged) -> Judged {
    let definite = np.q == "the" && !np.plural && np.names.is_empty() && !np.same;
    if !definite {
        return judge(np);
    }
    let kind = np.kind.as_deref().unwrap_or_default();
    let referents = world.referents(np)?;
    let uids: BTreeSet<&str> = referents.iter().map(|e| e.uid.as_str()).collect();
    let at = |i: usize| -> BTreeSet<&str> {
        let there = world.uids(kind, i);
        uids.iter().copied().filter(|u| there.contains(*u)).collect()
    };
    let (before, after) = (at(0), at(world.last()));
    // One object, or one that took the place of another.
    if uids.len() <= 1 || (before.len() <= 1 && after.len() <= 1) {
        return judge(np);
    }
    let candidates: BTreeSet<&str> = before.union(&after).copied().collect();
    let pinned = |uid: &str| judge(&Np { pin: vec![uid.to_owned()], ..np.clone() });
    let findings: Vec<(&str, Judged)> = candidates.iter().map(|uid| (*uid, pinned(uid))).collect();
    let verdicts: BTreeSet<Option<bool>> = findings.iter().map(|(_, f)| f.as_ref().ok().map(|f| f.holds)).collect();
    if let ([Some(_)], Some((_, Ok(first)))) =
        (verdicts.iter().copied().collect::<Vec<_>>().as_slice(), findings.first())
    {
        return Ok(first.clone());
    }
    // The one that the step worked on is the one that a sentence about the step speaks of.
    let touched: Vec<&(&str, Judged)> = findings.iter().filter(|(uid, _)| is_worked_on(world, kind, uid)).collect();
    match (touched.as_slice(), section) {
        ([(_, finding)], Section::Changed) => finding.clone(),
        _ => Err(ambiguous(np, &referents)),
    }
}

fn is_worked_on(world: &World, kind: &str, uid: &str) -> bool {
    match (world.by_uid(kind, uid, 0), world.by_uid(kind, uid, world.last())) {
        (Some(before), Some(after)) => !field_changes(kind, &before.object, &after.object).is_empty(),
        _ => true,
    }
}

/// Names for a sentence: `Pod/a, Pod/b`; the first few of many.
fn list(found: &[Entity]) -> String {
    let mut names: Vec<String> = found.iter().map(Entity::name).collect();
    names.sort();
    let more = names.len().saturating_sub(5);
    names.truncate(5);
    match (names.len(), more) {
        (0, _) => "none".into(),
        (_, 0) => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
