//! Something kept its value at every moment; or, as a bare noun phrase under "What changed", took another.

use super::value::{as_text, matches, path_of, value};
use super::world::{Answer, Entity, World};
use super::{Finding, Judged, list};
use crate::assertion::claim::{FieldRef, Literal, Np};
use crate::diff::field_changes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Judges that a field (or the whole) of the objects stayed; with `flip`, that it did not.
pub fn judge(world: &World, np: &Np, field: Option<&FieldRef>, said: Option<&Literal>, flip: bool) -> Judged {
    let kind = np.kind.as_deref().unwrap_or_default();
    if np.q == "count" || np.q == "no" {
        return Err("how many of them is not what stayed or changed".into());
    }
    let all = world.referents_of_kind(np, kind)?;
    if all.is_empty() {
        let names = np.names.join(", ");
        return Ok(Finding::new(false, format!("there is no {kind} {names}").trim_end().to_owned()));
    }
    let before = world.select_kind(np, kind, 0)?;
    if flip {
        return changed(world, np, kind, field, &before);
    }
    if let Some(refuted) = lost(world, np, kind, field, &before, &all)? {
        return Ok(refuted);
    }
    let mut evidence = Vec::new();
    for e in &before {
        let first = content(world, e, field, 0)?;
        for i in world.moments() {
            let Some(now) = world.by_uid(kind, &e.uid, i) else { continue };
            let found = content(world, &now, field, i)?;
            if let Some((path, was, is)) = differs(kind, field, &first, &found) {
                let evidence = world.evidence(&now, &path, was.clone(), is.clone());
                let by = evidence.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                let reason =
                    format!("{} of {} was {} and became {}{by}", evidence.path, e.name(), as_text(&was), as_text(&is));
                return Ok(Finding::new(false, reason).with([evidence]));
            }
        }
        if let (Some(said), Some(field)) = (said, field)
            && !matches(field, &first, said)?
        {
            return Ok(Finding::new(false, format!("{} of {} is {}", path_of(kind, field), e.name(), as_text(&first))));
        }
        if field.is_none()
            && let Some(now) = world.by_uid(kind, &e.uid, world.last())
            && first["metadata"]["annotations"] != now.object["metadata"]["annotations"]
        {
            return Err(format!(
                "only annotations of {} that Kubernetes and kubectl keep for themselves changed",
                e.name()
            ));
        }
        if field.is_some() {
            let path = field.map(|f| path_of(kind, f)).unwrap_or_default();
            evidence.push(world.evidence(e, &path, first.clone(), first));
        }
    }
    joined(world, np, kind, &before)?;
    evidence.truncate(10);
    Ok(Finding::new(true, format!("the same at every moment: {}", list(&before))).with(evidence))
}

/// An object that went away, or was deleted and created again, did not stay.
fn lost(
    world: &World,
    np: &Np,
    kind: &str,
    field: Option<&FieldRef>,
    before: &[Entity],
    all: &[Entity],
) -> Answer<Option<Finding>> {
    if before.is_empty() {
        return Ok(Some(Finding::new(false, format!("{} was not there before the step", list(all)))));
    }
    for i in world.moments() {
        let now = world.select_kind(np, kind, i)?;
        let Some(lost) = before.iter().find(|b| !now.iter().any(|n| n.uid == b.uid)) else { continue };
        let path = field.map(|f| path_of(kind, f)).unwrap_or_default();
        let after = world.entities(kind, world.last()).iter().find(|e| e.key == lost.key).cloned();
        let of = |e: &Entity, i: usize| field.map_or_else(|| Ok(json!(e.uid)), |f| value(world, e, f, i));
        let (was, is) = (of(lost, 0)?, after.as_ref().map_or(Ok(Value::Null), |e| of(e, world.last()))?);
        if let (Some(FieldRef::Field(name)), Some(again)) = (field, &after)
            && name == "name"
            && again.uid != lost.uid
        {
            return Err(format!("{} was deleted, and another one of that name created", lost.name()));
        }
        let what = match &after {
            Some(e) if e.uid == lost.uid => "is no longer one of them",
            Some(_) => "was deleted and created again",
            None => "was deleted",
        };
        let reason = match field {
            Some(_) => format!("{} {what}: .{path} was {}, and is {}", lost.name(), as_text(&was), as_text(&is)),
            None => format!("{} {what}", lost.name()),
        };
        return Ok(Some(Finding::new(false, reason).with([world.evidence(lost, &path, was, is)])));
    }
    Ok(None)
}

/// One that only joined says nothing of the others: "the Pods kept their labels" cannot be judged with another Pod there.
fn joined(world: &World, np: &Np, kind: &str, before: &[Entity]) -> Answer<()> {
    for i in world.moments() {
        let now = world.select_kind(np, kind, i)?;
        if let Some(new) = now.iter().find(|n| !before.iter().any(|b| b.uid == n.uid)) {
            return Err(format!("{} joined during the step", new.name()));
        }
    }
    Ok(())
}

/// The field, or all of the object but its status.
fn content(world: &World, e: &Entity, field: Option<&FieldRef>, i: usize) -> Answer<Value> {
    match field {
        Some(field) => value(world, e, field, i),
        None => Ok(e.object.as_ref().clone()),
    }
}

fn differs(kind: &str, field: Option<&FieldRef>, was: &Value, is: &Value) -> Option<(String, Value, Value)> {
    match field {
        Some(field) => (was != is).then(|| (path_of(kind, field), was.clone(), is.clone())),
        None => field_changes(kind, was, is).into_iter().next().map(|c| (c.path, c.before, c.after)),
    }
}

/// The bare phrase under "What changed".
fn changed(world: &World, np: &Np, kind: &str, field: Option<&FieldRef>, before: &[Entity]) -> Judged {
    let after = world.select_kind(np, kind, world.last())?;
    let contents = |found: &[Entity], i: usize| -> Answer<BTreeMap<String, Value>> {
        let each = found.iter().map(|e| Ok((e.key.to_string(), content(world, e, field, i)?)));
        each.collect()
    };
    let (was, is) = (contents(before, 0)?, contents(&after, world.last())?);
    let same_ones = was.keys().eq(is.keys());
    let moved = was.iter().filter_map(|(k, v)| Some((k, differs(kind, field, v, is.get(k)?)?))).next();
    match (same_ones, moved) {
        (_, Some((name, (path, a, b)))) => {
            Ok(Finding::new(true, format!("{path} of {name} was {} and is {}", as_text(&a), as_text(&b))))
        }
        (true, None) => Ok(Finding::new(false, format!("nothing of it changed: {}", list(before)))),
        (false, None) => Err("they are not the same objects as before".into()),
    }
}
