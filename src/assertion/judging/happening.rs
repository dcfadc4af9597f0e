//! What only Events report (a probe that failed, a Pod that could not be placed), and rollouts.

use super::world::{Entity, World};
use super::{Finding, Judged, list};
use crate::assertion::Evidence;
use crate::assertion::claim::Np;
use crate::diff::ChangeKind;
use crate::snapshot::condition;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A row of `happenings.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Happening {
    id: String,
    reason: Vec<String>,
    #[serde(default)]
    message: Vec<String>,
    contains: Option<String>,
    /// Is the Event about the owner of what the sentence speaks of?
    #[serde(default)]
    owner: bool,
}

static HAPPENINGS: LazyLock<Vec<Happening>> = LazyLock::new(|| {
    // Compiled in, and loaded by every test of a happening: it cannot fail for a user.
    serde_yaml::from_str(include_str!("../happenings.yaml")).expect("happenings.yaml is well-formed")
});

impl Happening {
    fn is(&self, event: &Value) -> bool {
        let text = |key: &str| event[key].as_str().unwrap_or_default();
        self.reason.iter().any(|r| r == text("reason"))
            && (self.message.is_empty() || self.message.iter().any(|m| text("message").starts_with(m.as_str())))
            && self.contains.as_ref().is_none_or(|c| text("message").contains(c.as_str()))
    }
}

/// Judges that something was reported during the step (or, denied, was not).
pub fn judge(world: &World, id: &str, np: Option<&Np>, negated: bool) -> Judged {
    let row = HAPPENINGS.iter().find(|h| h.id == id).ok_or_else(|| format!("{id} is not defined"))?;
    let whom = match np {
        Some(np) if !row.owner => Some(world.referents(np)?),
        _ => None,
    };
    if let (Some(np), Some([])) = (np, whom.as_deref()) {
        let kind = np.kind.as_deref().unwrap_or("object");
        return if negated {
            Err(format!("there is no such {kind}"))
        } else {
            Ok(Finding::new(false, format!("there is no such {kind}")))
        };
    }
    let ours = |event: &Value| {
        let about = &event["involvedObject"];
        let here = about["namespace"] == world.ctx.namespace.as_str() || about["namespace"].is_null();
        let one_of = |list: &[Entity]| {
            list.iter().any(|e| {
                let pod = e.object["pod"].as_str().unwrap_or(&e.key.name);
                about["name"] == pod || about["uid"] == e.uid.as_str()
            })
        };
        here && whom.as_deref().is_none_or(one_of)
    };
    let mut events = world.history.events().iter().filter(|c| c.key.kind == "Event" && c.kind != ChangeKind::Deleted);
    let found = events.find(|c| row.is(&c.object) && ours(&c.object));
    let finding = match found {
        Some(c) => {
            let about = &c.object["involvedObject"];
            let object = format!(
                "{}/{}",
                about["kind"].as_str().unwrap_or_default(),
                about["name"].as_str().unwrap_or_default()
            );
            let reason = format!("{object}: {}", c.object["message"].as_str().unwrap_or_default());
            let evidence = Evidence {
                object,
                path: String::new(),
                before: Value::Null,
                after: c.object["message"].clone(),
                at: Some(c.at),
                by: None,
            };
            Finding::new(!negated, reason).with([evidence])
        }
        None => Finding::new(negated, "no Event of the step reports it"),
    };
    Ok(finding)
}

const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet"];

/// Judges that a rollout was triggered, or was finished.
pub fn rollout(world: &World, np: Option<&Np>, what: &str, negated: bool) -> Judged {
    let last = world.last();
    let mut all: Vec<Entity> = Vec::new();
    match np {
        Some(np) => all.extend(world.definite(np)?),
        None => {
            for kind in WORKLOADS {
                let np = Np { kind: Some((*kind).to_owned()), q: "the".into(), plural: true, ..Np::default() };
                all.extend(world.referents(&np)?);
            }
        }
    }
    let mut triggered = Vec::new();
    let mut only_scaled = Vec::new();
    for e in all {
        let Some(after) = world.by_uid(&e.key.kind, &e.uid, last) else { continue };
        let before = world.by_uid(&e.key.kind, &e.uid, 0);
        let template = |e: &Entity| e.object["spec"]["template"].clone();
        let seen: Vec<Entity> =
            world.moments().into_iter().filter_map(|i| world.by_uid(&e.key.kind, &e.uid, i)).collect();
        let changed = before.as_ref().is_none_or(|b| seen.iter().any(|now| template(now) != template(b)));
        let written = before
            .as_ref()
            .is_some_and(|b| b.object["metadata"]["generation"] != after.object["metadata"]["generation"]);
        match (changed, written) {
            (true, _) => triggered.push(after),
            (false, true) => only_scaled.push(after),
            _ => {}
        }
    }
    if let (true, Some(paused)) = (what == "triggered", triggered.iter().find(|e| e.object["spec"]["paused"] == true)) {
        return Err(format!("{} has a new Pod template, but is paused", paused.name()));
    }
    if triggered.is_empty() && !only_scaled.is_empty() {
        return Err(format!("{} was changed, but not its Pod template", list(&only_scaled)));
    }
    let hits: Vec<Entity> = match what {
        "finished" => triggered.iter().filter(|e| is_rolled_out(e)).cloned().collect(),
        _ => triggered.clone(),
    };
    if what == "finished" && !hits.is_empty() && hits.len() < triggered.len() {
        return Err(format!("of {}, only {} finished", list(&triggered), list(&hits)));
    }
    let evidence: Vec<Evidence> = triggered.iter().map(|e| progress(world, e)).collect();
    let reason = match (triggered.is_empty(), what) {
        (true, _) => "no Pod template changed".to_owned(),
        (_, "finished") => format!("rollouts: {}; finished: {}", list(&triggered), list(&hits)),
        _ => format!("rollouts: {}", list(&triggered)),
    };
    Ok(Finding::new(hits.is_empty() == negated, reason).with(evidence))
}

fn is_rolled_out(e: &Entity) -> bool {
    let o = &e.object;
    let n = |v: &Value| v.as_i64().unwrap_or(0);
    let seen = n(&o["status"]["observedGeneration"]) >= n(&o["metadata"]["generation"]);
    let done = match e.key.kind.as_str() {
        "DaemonSet" => {
            n(&o["status"]["updatedNumberScheduled"]) == n(&o["status"]["desiredNumberScheduled"])
                && n(&o["status"]["numberUnavailable"]) == 0
        }
        "StatefulSet" => {
            n(&o["status"]["updatedReplicas"]) == n(&o["spec"]["replicas"])
                && n(&o["status"]["readyReplicas"]) == n(&o["spec"]["replicas"])
        }
        _ => {
            let wanted = n(&o["spec"]["replicas"]);
            let progressing = condition(o, "Progressing").is_none_or(|c| c["status"] == "True");
            progressing
                && [&o["status"]["updatedReplicas"], &o["status"]["replicas"], &o["status"]["availableReplicas"]]
                    .iter()
                    .all(|v| n(v) == wanted)
        }
    };
    seen && done
}

fn progress(world: &World, e: &Entity) -> Evidence {
    let before =
        world.by_uid(&e.key.kind, &e.uid, 0).map_or(Value::Null, |b| json!(b.object["metadata"]["generation"]));
    world.evidence(e, "metadata.generation", before, e.object["metadata"]["generation"].clone())
}
