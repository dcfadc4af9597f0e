//! Is something true of one object at one moment?

use super::relate::related;
use super::value::{compares, compares_amount, is_unset, matches, number, value};
use super::world::{Answer, Entity, World, read};
use crate::assertion::claim::{Compare, FieldRef, Given, Np, Test};
use crate::assertion::vocabulary::{Shown, VOCABULARY};
use crate::snapshot::condition_is_true;
use serde_json::Value;

/// Is the test true of the object?
pub fn holds(world: &World, e: &Entity, test: &Test, i: usize) -> Answer {
    match test {
        Test::Exists => Ok(true),
        Test::State(state) => in_state(e, state),
        Test::Field(field, compare) => compared(world, e, field, compare, i),
        Test::Relation(relation) => super::relate::holds(world, e, relation, i),
        Test::Grants(verbs, kind) => super::rbac::grants_exactly(e, verbs, kind),
        Test::Allows(np) => super::relate::allows_only(e, np),
        Test::All(tests) => tests.iter().map(|t| holds(world, e, t, i)).try_fold(true, |all, one| Ok(all && one?)),
    }
}

fn in_state(e: &Entity, name: &str) -> Answer {
    let state = VOCABULARY.state(name).ok_or_else(|| format!("no state {name}"))?;
    let shown = state.of.get(&e.key.kind).or_else(|| state.of.get("*"));
    let shown = shown.ok_or_else(|| format!("what it means that a {} is {name} is not defined", e.key.kind))?;
    Ok(is_shown(&e.object, shown))
}

fn is_shown(object: &Value, shown: &Shown) -> bool {
    let any = |path: &str, fits: &dyn Fn(&Value) -> bool| match read(object, path) {
        Value::Array(list) => list.iter().any(fits),
        one => fits(&one),
    };
    match shown {
        Shown::Is { path, is } => any(path, &|v| v == is),
        Shown::In { path, r#in } => any(path, &|v| r#in.contains(v)),
        Shown::Some { path } => any(path, &|v| !v.is_null()),
        Shown::Condition { condition } => condition_is_true(object, condition),
        Shown::Equal { equal: [a, b] } => {
            let n = |path: &str| read(object, path).as_i64().unwrap_or(0);
            n(a) == n(b)
        }
        Shown::Not { not } => !is_shown(object, not),
        Shown::Any { any } => any.iter().any(|s| is_shown(object, s)),
        Shown::All { all } => all.iter().all(|s| is_shown(object, s)),
    }
}

fn compared(world: &World, e: &Entity, field: &FieldRef, compare: &Compare, i: usize) -> Answer {
    let found = value(world, e, field, i)?;
    match compare {
        Compare::Is(said) => matches(field, &found, said),
        Compare::Has(said) => matches(field, &found, said),
        Compare::Set => Ok(!is_unset(field, &found)),
        Compare::Unset => Ok(is_unset(field, &found)),
        Compare::Number(op, n) => {
            let has = number(field, &found).ok_or_else(|| format!("{found} is no number"))?;
            let asked = compares_amount(op, has, *n);
            reached(e, field, op, *n, asked)
        }
        Compare::Exactly(wanted) => {
            let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            let has: Vec<&str> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            match wanted.iter().all(|w| has.contains(w)) && has.len() > wanted.len() {
                true => Err(format!("it has those, and more: {}", has.join(", "))),
                false => Ok(has == wanted),
            }
        }
    }
}

/// "Has four replicas" is asked of the spec; while the status does not agree, it is neither true nor false.
fn reached(e: &Entity, field: &FieldRef, op: &str, n: u64, asked: bool) -> Answer {
    if *field != FieldRef::Field("replicas".into()) || e.object["spec"]["replicas"].is_null() {
        return Ok(asked);
    }
    let there = e.object["status"]["replicas"].as_i64().unwrap_or(0);
    let made = compares_amount(op, i128::from(there) * 1000, n);
    let settling = e.object["status"]["observedGeneration"].as_i64() < e.object["metadata"]["generation"].as_i64();
    let refused = condition_is_true(&e.object, "ReplicaFailure");
    match asked == made || settling || !refused {
        true => Ok(asked),
        false => Err(format!("{} asks for {} replicas and has {there}", e.name(), e.object["spec"]["replicas"])),
    }
}

/// Does an object have (own, contain, route to) what the phrase says?
pub fn has(world: &World, e: &Entity, parts: &Np, i: usize) -> Answer {
    let kind = world.kind_of(parts, &[])?;
    let all = world.select_kind(parts, &kind, i)?;
    let mut own = Vec::new();
    for part in all {
        if related(world, e, &part, i)? {
            own.push(part);
        }
    }
    quantified(parts, own.len(), own.len())
}

/// Is the number of objects that fit (`hits`), out of all that are spoken of (`domain`), what the quantifier says?
pub fn quantified(np: &Np, hits: usize, domain: usize) -> Answer {
    let n = np.n.or(np.count);
    let total_fits = np.total.is_none_or(|t| t == domain as u64);
    match np.q.as_str() {
        "no" => Ok(hits == 0 && n.is_none_or(|n| n == domain as u64)),
        "count" => Ok(total_fits && compares(np.op.as_deref().unwrap_or("eq"), hits, np.n.unwrap_or(1))),
        "a" => Ok(hits >= 1),
        _ if !np.names.is_empty() => {
            let loose = np.names.len() == 1;
            Ok(domain >= 1 && hits == domain && (loose || domain >= np.names.len()))
        }
        _ => Ok(domain >= 1 && hits == domain && n.is_none_or(|n| n == domain as u64)),
    }
}

/// Does the object carry this label or annotation?
pub fn has_pair(e: &Entity, pair: &str, wanted: &Given) -> bool {
    let map = if pair == "annotation" { "annotations" } else { "labels" };
    match wanted {
        Given::Pair { k, v } => e.object["metadata"][map][k] == v.as_str(),
        Given::Text(k) | Given::Literal(crate::assertion::claim::Literal { v: k, .. }) => {
            !e.object["metadata"][map][k].is_null()
        }
    }
}
