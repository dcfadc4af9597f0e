//! Relations between two objects: who owns, selects, routes to, uses, binds whom.

use super::test::quantified;
use super::world::{Answer, Entity, World, read};
use crate::assertion::claim::{Given, Np, Relation};
use crate::snapshot::{path, selector};
use serde_json::{Value, json};

/// Does the object stand in the relation?
pub fn holds(world: &World, e: &Entity, relation: &Relation, i: usize) -> Answer {
    let other = &relation.other;
    let kind = world.kind_of(other, &[])?;
    match relation.name.as_str() {
        "has" => super::test::has(world, e, other, i),
        "routes" => routes(world, e, relation, &kind, i),
        "of" | "usedby" | "on" | "selected" | "backs" | "bound" | "binds" | "refers" | "targets" => {
            let one_side = relation.name.as_str();
            let others = others(world, other, &kind, i)?;
            if one_side == "binds" {
                return binds(world, e, &others, relation, i);
            }
            let hits = others.iter().filter(|o| related_by(world, one_side, e, o, i)).count();
            match (other.q.as_str(), one_side) {
                ("no", _) => Ok(hits == 0),
                // "owned by the ReplicaSet": one owner is enough; "a", "the" and a name alike.
                _ => Ok(hits > 0),
            }
        }
        "owns" => {
            let all = world.select_kind(other, &kind, i)?;
            let hits = all.iter().filter(|o| belongs(world, o, e, i)).count();
            quantified(other, hits, all.len())
        }
        "selects" => selects_np(world, e, other, &kind, i),
        "uses" => uses_np(world, e, other, &kind, i),
        other => Err(format!("the relation {other} is not defined")),
    }
}

/// The other side: at this moment, or, where a definite object is gone by now, as it was.
fn others(world: &World, np: &Np, kind: &str, i: usize) -> Answer<Vec<Entity>> {
    let now = world.select_kind(np, kind, i)?;
    match now.is_empty() {
        true => world.definite(np),
        false => Ok(now),
    }
}

fn related_by(world: &World, relation: &str, e: &Entity, other: &Entity, i: usize) -> bool {
    match relation {
        "of" => belongs(world, e, other, i),
        "on" => e.object["spec"]["nodeName"] == other.key.name.as_str(),
        "selected" | "backs" if other.key.kind == "Service" && relation == "backs" => is_endpoint(world, other, e, i),
        "selected" => selects(world, other, e, i),
        "usedby" => uses(&other.object, &e.key.kind, &e.key.name).0,
        "bound" => is_bound(e, other),
        "refers" => refers(e, other),
        "targets" => is_for(world, e, other),
        _ => false,
    }
}

/// Is a part of, owned by, contained in.
pub fn belongs(world: &World, e: &Entity, owner: &Entity, i: usize) -> bool {
    let owns = |uid: &str| {
        world.state(i).owned_by(&e.object, uid)
            || e.object["metadata"]["ownerReferences"].as_array().into_iter().flatten().any(|o| o["uid"] == uid)
    };
    match (owner.key.kind.as_str(), e.key.kind.as_str()) {
        ("Namespace", _) => e.key.namespace.as_deref() == Some(owner.key.name.as_str()),
        ("Service", "Endpoint") => {
            e.object["service"] == owner.key.name.as_str() && e.key.namespace == owner.key.namespace
        }
        ("Service", "Pod") => selects(world, owner, e, i),
        ("Service", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet") => selector::map_matches(
            &owner.object["spec"]["selector"],
            &e.object["spec"]["template"]["metadata"]["labels"],
        ),
        ("Node", "Pod") => e.object["spec"]["nodeName"] == owner.key.name.as_str(),
        ("HorizontalPodAutoscaler" | "PodDisruptionBudget" | "NetworkPolicy", _) => {
            selects(world, owner, e, i) || is_for(world, owner, e)
        }
        (_, "HorizontalPodAutoscaler" | "PodDisruptionBudget") => is_for(world, e, owner),
        ("Pod", "PersistentVolumeClaim" | "ConfigMap" | "Secret") => uses(&owner.object, &e.key.kind, &e.key.name).0,
        ("PersistentVolumeClaim", "PersistentVolume") => is_bound(owner, e),
        ("PersistentVolume", "PersistentVolumeClaim") => is_bound(e, owner),
        ("StatefulSet", "PersistentVolumeClaim") => {
            let name = &owner.key.name;
            let templates = owner.object["spec"]["volumeClaimTemplates"].as_array();
            owns(&owner.uid)
                || templates.into_iter().flatten().any(|t| {
                    let claim = t["metadata"]["name"].as_str().unwrap_or_default();
                    e.key.name.starts_with(&format!("{claim}-{name}-"))
                })
        }
        _ => owns(&owner.uid),
    }
}

/// What "has" means between two objects.
pub fn related(world: &World, e: &Entity, part: &Entity, i: usize) -> Answer {
    match (e.key.kind.as_str(), part.key.kind.as_str()) {
        ("Role" | "RoleBinding" | "ServiceAccount", _) => {
            Err(format!("what it means that a {} has a {} is not defined", e.key.kind, part.key.kind))
        }
        ("Namespace", _) => Ok(part.key.namespace.as_deref() == Some(e.key.name.as_str())),
        ("PersistentVolume", "PersistentVolumeClaim") => Ok(is_claimed_by(e, part)),
        _ => Ok(belongs(world, part, e, i)),
    }
}

fn is_claimed_by(volume: &Entity, claim: &Entity) -> bool {
    volume.object["spec"]["claimRef"]["name"] == claim.key.name.as_str()
        && volume.object["spec"]["claimRef"]["namespace"].as_str() == claim.key.namespace.as_deref()
}

/// Does a Service, policy, budget or workload select this Pod by its labels?
pub fn selects(world: &World, by: &Entity, e: &Entity, i: usize) -> bool {
    let labels = &e.object["metadata"]["labels"];
    let here = by.key.namespace == e.key.namespace;
    here && match by.key.kind.as_str() {
        "Service" | "ReplicationController" => selector::map_matches(&by.object["spec"]["selector"], labels),
        "NetworkPolicy" => selector::label_selector_matches(&by.object["spec"]["podSelector"], labels),
        "Ingress" => backends(by, None).iter().any(|(service, _)| service == &e.key.name) && e.key.kind == "Service",
        "HorizontalPodAutoscaler" => is_for(world, by, e),
        _ => {
            selector::label_selector_matches(&by.object["spec"]["selector"], labels) || belongs_plainly(world, e, by, i)
        }
    }
}

fn belongs_plainly(world: &World, e: &Entity, owner: &Entity, i: usize) -> bool {
    world.state(i).owned_by(&e.object, &owner.uid)
}

/// Was it made for the other: an autoscaler's target, what a budget protects, a Service in front of a workload?
pub fn is_for(world: &World, e: &Entity, target: &Entity) -> bool {
    if e.key.namespace != target.key.namespace {
        return false;
    }
    match e.key.kind.as_str() {
        "HorizontalPodAutoscaler" => {
            let reference = &e.object["spec"]["scaleTargetRef"];
            reference["kind"] == target.key.kind.as_str() && reference["name"] == target.key.name.as_str()
        }
        "Service" => selector::map_matches(&e.object["spec"]["selector"], labels_of_pods(target)),
        "PodDisruptionBudget" => {
            selector::label_selector_matches(&e.object["spec"]["selector"], labels_of_pods(target))
        }
        "NetworkPolicy" => selector::label_selector_matches(&e.object["spec"]["podSelector"], labels_of_pods(target)),
        "Ingress" => target.key.kind == "Service" && backends(e, None).iter().any(|(s, _)| *s == target.key.name),
        "RoleBinding" | "ClusterRoleBinding" => is_subject(e, target),
        "PersistentVolumeClaim" => uses(&target.object, "PersistentVolumeClaim", &e.key.name).0,
        _ => {
            world.state(world.last()).owned_by(&e.object, &target.uid)
                || world.state(0).owned_by(&e.object, &target.uid)
        }
    }
}

fn labels_of_pods(e: &Entity) -> &Value {
    match e.key.kind.as_str() {
        "Pod" => &e.object["metadata"]["labels"],
        "CronJob" => &e.object["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"],
        _ => &e.object["spec"]["template"]["metadata"]["labels"],
    }
}

fn is_endpoint(world: &World, service: &Entity, pod: &Entity, i: usize) -> bool {
    let addresses = world.state(i).ready_addresses(&service.object);
    path::text(&pod.object, "status.podIP").is_some_and(|ip| addresses.iter().any(|a| a == ip))
}

/// Services of an Ingress with the ports they are reached at, for one host or all.
fn backends(ingress: &Entity, host: Option<&str>) -> Vec<(String, Value)> {
    let rules = ingress.object["spec"]["rules"].as_array();
    let wanted = rules.into_iter().flatten().filter(|r| host.is_none_or(|h| r["host"] == h));
    let paths = wanted.flat_map(|r| r["http"]["paths"].as_array().into_iter().flatten());
    let mut found: Vec<&Value> = paths.map(|p| &p["backend"]["service"]).collect();
    found.extend(host.is_none().then_some(&ingress.object["spec"]["defaultBackend"]["service"]));
    let named = found.into_iter().filter_map(|s| Some((s["name"].as_str()?.to_owned(), s["port"].clone())));
    named.collect()
}

fn routes(world: &World, e: &Entity, relation: &Relation, kind: &str, i: usize) -> Answer {
    let other = &relation.other;
    match (e.key.kind.as_str(), kind) {
        ("Ingress", "Service") => {
            let backends = backends(e, relation.host.as_deref());
            let wanted: Vec<Entity> = world.select_kind(other, kind, i)?;
            let port = |p: &Value| relation.port.is_none_or(|n| p["number"] == json!(n));
            let hits =
                wanted.iter().filter(|s| backends.iter().any(|(name, p)| *name == s.key.name && port(p))).count();
            match other.q.as_str() {
                "no" => Ok(hits == 0),
                _ => Ok(hits > 0),
            }
        }
        ("Service", "Pod" | "Endpoint") if relation.host.is_none() && relation.port.is_none() => {
            let total = world.state(i).ready_addresses(&e.object).len();
            if kind == "Endpoint" {
                return quantified(other, total, total);
            }
            let pods = world.select_kind(other, kind, i)?;
            let hits = pods.iter().filter(|p| is_endpoint(world, e, p, i)).count();
            match other.q.as_str() {
                // "routes to three Pods": three, and no others.
                "count" | "a" | "no" => quantified(other, hits, hits),
                _ => Ok(quantified(other, hits, pods.len())? && hits == total),
            }
        }
        ("Service", "Service") => Err("a Service does not route to a Service".into()),
        _ => Err(format!("what it means that a {} routes to a {kind} is not defined", e.key.kind)),
    }
}

fn selects_np(world: &World, e: &Entity, other: &Np, kind: &str, i: usize) -> Answer {
    let only_label = other.names.is_empty() && other.adj.is_empty() && other.q == "bare";
    if let ([rel], true) = (other.rel.as_slice(), only_label)
        && let (Some(_), Some(Given::Pair { k, v })) = (&rel.pair, &rel.value)
    {
        // "applies to Pods labelled app=nginx" speaks of the selector, whether there are such Pods or not.
        let found = [
            &e.object["spec"]["podSelector"]["matchLabels"],
            &e.object["spec"]["selector"],
            &e.object["spec"]["selector"]["matchLabels"],
        ];
        return Ok(found.iter().any(|labels| **labels == json!({k: v})));
    }
    if e.key.kind == "HorizontalPodAutoscaler" {
        let all = world.select_kind(other, kind, i)?;
        return Ok(all.iter().any(|o| is_for(world, e, o)));
    }
    let all = world.select_kind(other, kind, i)?;
    let hits = all.iter().filter(|o| selects(world, e, o, i)).count();
    quantified(other, hits, all.len())
}

fn is_bound(e: &Entity, other: &Entity) -> bool {
    let (claim, volume) = if e.key.kind == "PersistentVolumeClaim" { (e, other) } else { (other, e) };
    match (claim.key.kind.as_str(), volume.key.kind.as_str()) {
        ("PersistentVolumeClaim", "PersistentVolume") => {
            claim.object["status"]["phase"] == "Bound" && claim.object["spec"]["volumeName"] == volume.key.name.as_str()
        }
        _ => refers(e, other) || is_subject(e, other),
    }
}

/// Does a binding refer to this role?
fn refers(e: &Entity, other: &Entity) -> bool {
    let role = &e.object["roleRef"];
    (role["kind"] == other.key.kind.as_str() && role["name"] == other.key.name.as_str())
        || is_for_backend(e, other)
        || uses(&e.object, &other.key.kind, &other.key.name).0
}

fn is_for_backend(e: &Entity, other: &Entity) -> bool {
    e.key.kind == "Ingress"
        && other.key.kind == "Service"
        && backends(e, None).iter().any(|(s, _)| *s == other.key.name)
}

fn is_subject(binding: &Entity, account: &Entity) -> bool {
    let subjects = binding.object["subjects"].as_array();
    subjects
        .into_iter()
        .flatten()
        .any(|s| s["kind"] == account.key.kind.as_str() && s["name"] == account.key.name.as_str())
}

fn binds(world: &World, e: &Entity, roles: &[Entity], relation: &Relation, i: usize) -> Answer {
    let to = relation.to.as_ref().ok_or("to whom it is bound is not said")?;
    let kind = world.kind_of(to, &["ServiceAccount"])?;
    let accounts = world.select_kind(to, &kind, i)?;
    Ok(roles.iter().any(|r| refers(e, r)) && accounts.iter().any(|a| is_subject(e, a)))
}

/// Does a Pod (or template) use this ConfigMap, Secret, claim or account? Beside it: does it mount it?
pub fn uses(object: &Value, kind: &str, name: &str) -> (bool, bool) {
    let specs = ["spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"];
    let Some(spec) = specs.iter().filter_map(|p| path::one(object, p)).find(|s| s["containers"].is_array()) else {
        return (false, false);
    };
    let at = |paths: &[&str]| paths.iter().any(|p| path::all(spec, p).iter().any(|v| *v == name));
    match kind {
        "Secret" => {
            let mounts = at(&["volumes[*].secret.secretName", "volumes[*].projected.sources[*].secret.name"]);
            let env = at(&[
                "containers[*].env[*].valueFrom.secretKeyRef.name",
                "containers[*].envFrom[*].secretRef.name",
                "imagePullSecrets[*].name",
            ]);
            (mounts || env, mounts)
        }
        "ConfigMap" => {
            let mounts = at(&["volumes[*].configMap.name", "volumes[*].projected.sources[*].configMap.name"]);
            let env = at(&[
                "containers[*].env[*].valueFrom.configMapKeyRef.name",
                "containers[*].envFrom[*].configMapRef.name",
            ]);
            (mounts || env, mounts)
        }
        "PersistentVolumeClaim" => {
            let mounts = at(&["volumes[*].persistentVolumeClaim.claimName"]);
            (mounts, mounts)
        }
        "ServiceAccount" => {
            let has = at(&["serviceAccountName"]);
            (has, has)
        }
        _ => (false, false),
    }
}

fn uses_np(world: &World, e: &Entity, other: &Np, kind: &str, i: usize) -> Answer {
    let all = world.select_kind(other, kind, i)?;
    let found: Vec<(bool, bool)> = all.iter().map(|o| uses(&e.object, kind, &o.key.name)).collect();
    if found.iter().any(|(uses, mounts)| uses != mounts) {
        return Err(format!("{} uses a {kind} without mounting it", e.name()));
    }
    let hits = found.iter().filter(|(uses, _)| *uses).count();
    match other.q.as_str() {
        "no" => Ok(hits == 0),
        "count" => quantified(other, hits, hits),
        _ => Ok(hits > 0),
    }
}

/// Does a NetworkPolicy let in these Pods, and nobody else?
pub fn allows_only(e: &Entity, np: &Np) -> Answer {
    let [rel] = np.rel.as_slice() else { return Err("who is allowed has to be said by a label".into()) };
    let (Some(_), Some(Given::Pair { k, v })) = (&rel.pair, &rel.value) else {
        return Err("who is allowed has to be said by a label".into());
    };
    if e.key.kind != "NetworkPolicy" || np.kind.as_deref() != Some("Pod") {
        return Err("only a NetworkPolicy allows Pods".into());
    }
    let rules = read(&e.object, "spec.ingress");
    let from: Vec<Value> = rules.as_array().into_iter().flatten().map(|r| r["from"].clone()).collect();
    let wanted = json!([{"podSelector": {"matchLabels": {k: v}}}]);
    Ok(!from.is_empty() && from.iter().all(|f| *f == wanted))
}
