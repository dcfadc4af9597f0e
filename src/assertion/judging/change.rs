//! A field took another value: what it was before the step, and what it is after.

use super::value::{as_text, compares, matches, number, path_of, value};
use super::world::{Answer, Entity, World};
use super::{Finding, Judged, list};
use crate::assertion::claim::{FieldRef, Literal, Np};
use crate::assertion::vocabulary::VOCABULARY;
use serde_json::{Value, json};

/// What the sentence says of the change.
pub struct Change<'a> {
    pub from: &'a Option<Literal>,
    pub to: &'a Option<Literal>,
    pub direction: Option<&'a str>,
    pub by: Option<u64>,
}

/// Judges a change.
pub fn judge(world: &World, np: &Np, field: Option<&FieldRef>, change: &Change) -> Judged {
    let kind = np.kind.as_deref().unwrap_or_default();
    let guessed;
    let field = match field {
        Some(field) => field,
        None => {
            guessed = guess(kind, change)?;
            &guessed
        }
    };
    if np.q == "no" {
        return Err("that of none it changed: say that it stayed the same".into());
    }
    let counted = match (np.q.as_str(), np.n) {
        ("count", Some(n)) => Some((np.op.as_deref().unwrap_or("eq"), n)),
        ("a", _) => Some(("eq", 1)),
        _ => None,
    };
    if let Some((op, n)) = counted {
        return some_of(world, np, kind, field, change, op, n);
    }
    let (before, after) = (world.select_kind(np, kind, 0)?, world.select_kind(np, kind, world.last())?);
    if after.is_empty() && before.is_empty() {
        let names = np.names.join(", ");
        return Ok(Finding::new(false, format!("there is no {kind} {names}").trim_end().to_owned()));
    }
    if !np.names.is_empty() && after.is_empty() {
        return Ok(Finding::new(false, format!("{} was deleted", list(&before))));
    }
    if before.is_empty() && change.to.is_none() {
        return Err(format!("{} was not there before the step: nothing of it changed", list(&after)));
    }
    let was = common(world, &before, field, 0)?;
    let is = common(world, &after, field, world.last())?;
    let holds = fits(field, change, &was, &is)?;
    unreached(&after, field, change, holds)?;
    let path = path_of(kind, field);
    let names = if after.is_empty() { &before } else { &after };
    let evidence = names.iter().take(10).map(|e| world.evidence(e, &path, was.clone(), is.clone()));
    let reason = format!("{path} of {} was {} and is {}", list(names), as_text(&was), as_text(&is));
    Ok(Finding::new(holds, reason).with(evidence))
}

/// The value that all of them share; the list of all where they differ.
fn common(world: &World, found: &[Entity], field: &FieldRef, i: usize) -> Answer<Value> {
    let mut values = found.iter().map(|e| value(world, e, field, i)).collect::<Answer<Vec<Value>>>()?;
    values.dedup();
    Ok(match values.len() {
        0 => Value::Null,
        1 => values.remove(0),
        _ => json!({"several": values}),
    })
}

/// "The label of one Pod changed": so many of those that stayed.
fn some_of(world: &World, np: &Np, kind: &str, field: &FieldRef, change: &Change, op: &str, n: u64) -> Judged {
    let mut hits = Vec::new();
    let mut evidence = Vec::new();
    for e in world.select_kind(np, kind, 0)? {
        let Some(now) = world.by_uid(kind, &e.uid, world.last()) else { continue };
        let (was, is) = (value(world, &e, field, 0)?, value(world, &now, field, world.last())?);
        if fits(field, change, &was, &is)? {
            evidence.push(world.evidence(&now, &path_of(kind, field), was, is));
            hits.push(now);
        }
    }
    let holds = compares(op, hits.len(), n);
    Ok(Finding::new(holds, format!("it changed so of {}", list(&hits))).with(evidence))
}

/// Do the values before and after fit what is said of the change?
pub fn fits(field: &FieldRef, change: &Change, was: &Value, is: &Value) -> Answer {
    if was == is {
        return Ok(false);
    }
    let said =
        |value: &Value, literal: &Option<Literal>| literal.as_ref().map_or(Ok(true), |l| matches(field, value, l));
    let from = said(was, change.from)?;
    // "to 3" also says that it was not 3 before.
    let to = said(is, change.to)? && change.to.as_ref().map_or(Ok(true), |l| matches(field, was, l).map(|b| !b))?;
    let step = match (number(field, was), number(field, is)) {
        (Some(was), Some(is)) => {
            let direction = match change.direction {
                Some("up") => is > was,
                Some("down") => is < was,
                _ => true,
            };
            direction && change.by.is_none_or(|by| (is - was).unsigned_abs() == u128::from(by) * 1000)
        }
        _ if change.by.is_some() || change.direction.is_some() => return Err(format!("{} is no number", as_text(is))),
        _ => true,
    };
    Ok(from && to && step)
}

/// "Scaled to 3" while the Pods never came: neither true nor false.
fn unreached(after: &[Entity], field: &FieldRef, change: &Change, holds: bool) -> Answer<()> {
    let [e] = after else { return Ok(()) };
    let wanted = e.object["spec"]["replicas"].as_i64();
    let has = e.object["status"]["readyReplicas"].as_i64().unwrap_or(0);
    let short = *field == FieldRef::Field("replicas".into()) && change.to.is_some() && wanted.is_some_and(|w| has != w);
    match holds && short && e.key.kind != "ReplicaSet" {
        true => Err(format!("{} asks for {} replicas, but {has} are ready", e.name(), wanted.unwrap_or(0))),
        false => Ok(()),
    }
}

/// "The Service changed from ClusterIP to NodePort": the field whose values these are.
fn guess(kind: &str, change: &Change) -> Answer<FieldRef> {
    let said: Vec<&Literal> = change.from.iter().chain(change.to).collect();
    let field = |name: &str| Ok(FieldRef::Field(name.to_owned()));
    let listed = |name: &str| {
        let field = VOCABULARY.field(name).filter(|f| f.path(kind).is_some());
        field.is_some_and(|f| said.iter().all(|l| f.values.iter().any(|v| v.eq_ignore_ascii_case(&l.v))))
    };
    let enums = ["type", "phase", "strategy", "restart policy", "reclaim policy", "policy types"];
    if let Some(name) = enums.iter().find(|name| listed(name)) {
        return field(name);
    }
    let image = |l: &&Literal| l.v.contains(':') || VOCABULARY.is_known_image(&l.v);
    let templated = VOCABULARY.field("image").is_some_and(|f| f.path(kind).is_some());
    if templated && said.iter().all(image) {
        return field("image");
    }
    let counts = said.iter().all(|l| l.v.parse::<u64>().is_ok());
    let replicas = VOCABULARY.field("replicas").is_some_and(|f| f.path(kind).is_some());
    match kind {
        "ResourceQuota" => field("hard limits"),
        _ if counts && replicas => field("replicas"),
        _ => Err("which field changed is not said".into()),
    }
}
