//! Who reaches what: external access by what the objects expose, reachability as it was tried, or, where nothing was
//! tried, as the objects allow it.

use super::world::{Answer, Entity, World};
use super::{Finding, Judged, list};
use crate::assertion::claim::{Aspect, Np};
use crate::assertion::{Origin, Question, Section, probe};
use serde_json::Value;

/// Access from outside to anything in the namespace: a Service of type NodePort or LoadBalancer, externalIPs, an Ingress
/// or Gateway route, a Pod with hostPort or hostNetwork.
pub fn external(world: &World, negated: bool, aspect: Aspect, section: Section) -> Judged {
    let at = |i: usize| -> Vec<Entity> {
        let doors = ["Service", "Ingress", "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Pod"];
        let all = doors.iter().flat_map(|kind| world.entities(kind, i).iter().cloned().collect::<Vec<_>>());
        all.filter(|e| world.in_own_namespace(e) && is_open(e)).collect()
    };
    over_time(world, negated, aspect, section, &|i| Ok(!at(i).is_empty()), &|i| {
        let open = at(i);
        if open.is_empty() { "nothing is exposed".into() } else { format!("exposed: {}", list(&open)) }
    })
}

fn is_open(e: &Entity) -> bool {
    let spec = &e.object["spec"];
    match e.key.kind.as_str() {
        "Service" => exposes(e),
        "Pod" => {
            let containers = spec["containers"].as_array();
            let port = |c: &Value| {
                c["ports"].as_array().into_iter().flatten().any(|p| p["hostPort"].as_i64().unwrap_or(0) > 0)
            };
            spec["hostNetwork"] == true || containers.into_iter().flatten().any(port)
        }
        _ => true,
    }
}

/// Does the Service have a door to the outside?
fn exposes(service: &Entity) -> bool {
    let spec = &service.object["spec"];
    let by_type = matches!(spec["type"].as_str(), Some("NodePort" | "LoadBalancer"));
    by_type || spec["externalIPs"].as_array().is_some_and(|ips| !ips.is_empty())
}

/// Judges "can be reached from inside / outside / only from inside".
pub fn reach(world: &World, np: &Np, from: &str, negated: bool, aspect: Aspect, section: Section) -> Judged {
    let kind = np.kind.as_deref().unwrap_or_default();
    let origin = if from == "outside" { Origin::Outside } else { Origin::Inside };
    let last = world.last();
    let at = |i: usize| -> Answer {
        let found = world.select_kind(np, kind, i)?;
        if found.is_empty() {
            return Ok(false);
        }
        let mut all = true;
        for e in &found {
            let tried = (i == 0 || i == last).then(|| tried(world, e, origin, i == 0)).flatten();
            all &= match (from, tried) {
                ("only inside", _) => only_inside(world, e, i)?,
                (_, Some(seen)) => seen,
                _ => open_to(world, e, origin, i)?,
            };
        }
        Ok(all)
    };
    over_time(world, negated, aspect, section, &at, &|i| match world.select_kind(np, kind, i) {
        Ok(found) => found.iter().map(|e| described(world, e, i)).collect::<Vec<_>>().join("; "),
        Err(why) => why,
    })
}

fn tried(world: &World, e: &Entity, from: Origin, before: bool) -> Option<bool> {
    let named = Question::Reaches { service: Some(probe::service(&e.key.name)), from };
    // Asked without a name, the answer is that of whichever Service there is.
    let only = || world.entities("Service", world.last()).iter().filter(|s| world.in_own_namespace(s)).count() == 1;
    let any = || only().then(|| world.probes.seen(&Question::Reaches { service: None, from })).flatten();
    let seen = world.probes.seen(&named).or_else(any)?;
    Some(if before { seen.before } else { seen.after })
}

fn described(world: &World, e: &Entity, i: usize) -> String {
    let kind = e.object["spec"]["type"].as_str().unwrap_or_default();
    format!("{} {kind} with {} endpoints", e.name(), world.state(i).ready_addresses(&e.object).len()).replace("  ", " ")
}

/// As the objects have it.
fn open_to(world: &World, e: &Entity, from: Origin, i: usize) -> Answer {
    match (e.key.kind.as_str(), from) {
        ("Service", _) if e.object["spec"]["type"] == "ExternalName" => {
            Err("what an ExternalName leads to is not observed".into())
        }
        ("Service", Origin::Inside) => Ok(!world.state(i).ready_addresses(&e.object).is_empty()),
        ("Service", Origin::Outside) => {
            let routed = world.entities("Ingress", i).iter().any(|ingress| {
                ingress.key.namespace == e.key.namespace
                    && ingress.object["spec"].to_string().contains(&format!("\"name\":\"{}\"", e.key.name))
            });
            match (exposes(e), routed) {
                (true, _) => Ok(!world.state(i).ready_addresses(&e.object).is_empty()),
                (false, true) => Err("whether an Ingress leads to it from outside was not tried".into()),
                (false, false) => Ok(false),
            }
        }
        ("Pod", Origin::Inside) => Ok(crate::snapshot::condition_is_true(&e.object, "Ready")),
        ("Pod", Origin::Outside) if !is_open(e) && world.entities("Service", i).iter().all(|s| !exposes(s)) => {
            Ok(false)
        }
        ("Deployment", _) => {
            let services: Vec<Entity> =
                world.entities("Service", i).iter().filter(|s| super::relate::is_for(world, s, e)).cloned().collect();
            let reach = services.iter().map(|s| open_to(world, s, from, i)).collect::<Answer<Vec<bool>>>()?;
            Ok(reach.into_iter().any(|b| b))
        }
        (kind, _) => Err(format!("how a {kind} is reached was not tried")),
    }
}

fn only_inside(world: &World, e: &Entity, i: usize) -> Answer {
    let open = open_to(world, e, Origin::Outside, i);
    match e.key.kind.as_str() {
        "Service" => match exposes(e) {
            true => Ok(false),
            false => open.map(|open| !open),
        },
        kind => Err(format!("how a {kind} is reached was not tried")),
    }
}

/// A yes-or-no over the step, as a heading and its adverbs ask for it.
pub fn over_time(
    world: &World,
    negated: bool,
    aspect: Aspect,
    section: Section,
    at: &dyn Fn(usize) -> Answer,
    seen: &dyn Fn(usize) -> String,
) -> Judged {
    let so = |i: usize| at(i).map(|b| b != negated);
    let last = world.last();
    match (section, aspect) {
        (Section::Initial, _) => Ok(Finding::new(so(0)?, seen(0))),
        (Section::Changed, Aspect::NoLonger) => {
            let holds = so(0)? && !so(last)?;
            Ok(Finding::new(holds, format!("before: {}; after: {}", seen(0), seen(last))))
        }
        (Section::Changed, _) => {
            let holds = !so(0)? && so(last)?;
            Ok(Finding::new(holds, format!("before: {}; after: {}", seen(0), seen(last))))
        }
        (Section::Unchanged, _) => {
            for i in world.moments() {
                if !so(i)? {
                    let when = world.history.at(i).map_or("before the step".to_owned(), |at| format!("at {at}"));
                    return Ok(Finding::new(false, format!("{when}: {}", seen(i))));
                }
            }
            Ok(Finding::new(true, format!("at every moment: {}", seen(last))))
        }
    }
}
