//! The watched history as sentences speak of it: objects, and the parts of objects that sentences treat as if they
//! were some (containers, endpoints), at every moment.

use crate::assertion::vocabulary::VOCABULARY;
use crate::assertion::{Context, Evidence, Probe};
use crate::diff::{History, is_noise, writer_of};
use crate::snapshot::{ObjectKey, Snapshot, path};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// An answer, or why there is none: the sentence can be read in ways that differ here.
pub type Answer<T = bool> = Result<T, String>;

/// An object, or a part of one, at one moment.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its identity while it has the same name.
    pub key: ObjectKey,
    /// Its identity over time. A container's is its Pod's and its name, an endpoint's its Service and address.
    pub uid: String,
    /// Its state.
    pub object: Arc<Value>,
}

impl Entity {
    /// `Pod/web-1`
    pub fn name(&self) -> String {
        self.key.to_string()
    }
}

/// Entities by kind and moment, once they were looked for.
type Seen = HashMap<(String, usize), Rc<Vec<Entity>>>;

/// History, context, probes: all that claims are judged against.
pub struct World<'a> {
    pub history: &'a History,
    pub ctx: &'a Context,
    pub probes: &'a dyn Probe,
    seen: RefCell<Seen>,
}

impl<'a> World<'a> {
    pub fn new(history: &'a History, ctx: &'a Context, probes: &'a dyn Probe) -> Self {
        Self { history, ctx, probes, seen: RefCell::default() }
    }

    /// The state of this index; the last one where there are fewer.
    pub fn state(&self, i: usize) -> &'a Snapshot {
        let states = self.history.states();
        states.get(i).or(states.last()).unwrap_or(self.history.before())
    }

    /// The index of the state after the step.
    pub fn last(&self) -> usize {
        self.history.states().len() - 1
    }

    /// The moments at which anything that claims speak of can have changed, before and after included.
    pub fn moments(&self) -> Vec<usize> {
        const SILENT: &[&str] = &["Event", "Lease", "Endpoints", "ControllerRevision"];
        let events = self.history.events().iter().enumerate();
        let loud = events.filter(|(_, e)| !SILENT.contains(&e.key.kind.as_str())).map(|(i, _)| i + 1);
        std::iter::once(0).chain(loud).collect()
    }

    /// All entities of a kind at a moment, in the lesson's namespace and others.
    pub fn entities(&self, kind: &str, i: usize) -> Rc<Vec<Entity>> {
        let source = match kind {
            "Container" | "InitContainer" => "Pod",
            "Endpoint" => "EndpointSlice",
            kind => kind,
        };
        // What happened last to this kind made the state that still holds.
        let since = self.history.events()[..i.min(self.last())].iter().rposition(|e| e.key.kind == source);
        let i = since.map_or(0, |e| e + 1);
        if let Some(known) = self.seen.borrow().get(&(kind.to_owned(), i)) {
            return known.clone();
        }
        let objects =
            self.state(i).of_kind(source, None).filter(|(key, _)| source == "EndpointSlice" || !self.is_furniture(key));
        let found: Vec<Entity> = match kind {
            "Container" => {
                objects.flat_map(|(k, o)| containers(k, o, "Container", "containers", "containerStatuses")).collect()
            }
            "InitContainer" => objects
                .flat_map(|(k, o)| containers(k, o, "InitContainer", "initContainers", "initContainerStatuses"))
                .collect(),
            "Endpoint" => objects.flat_map(|(k, o)| endpoints(k, o)).collect(),
            _ => objects.map(|(key, object)| entity(key, object)).collect(),
        };
        let found = Rc::new(found);
        self.seen.borrow_mut().insert((kind.to_owned(), i), found.clone());
        found
    }

    /// What every namespace or cluster has, and no lesson counts.
    fn is_furniture(&self, key: &ObjectKey) -> bool {
        is_noise(key) && matches!(key.kind.as_str(), "Service" | "ConfigMap" | "ServiceAccount")
    }

    /// Furniture that a sentence names is counted after all.
    pub fn furniture(&self, kind: &str, i: usize, names: &[String]) -> Vec<Entity> {
        let named =
            self.state(i).of_kind(kind, None).filter(|(key, _)| names.contains(&key.name) && self.is_furniture(key));
        named.map(|(key, object)| entity(key, object)).collect()
    }

    /// The uids of a kind at a moment, all namespaces.
    pub fn uids(&self, kind: &str, i: usize) -> BTreeSet<String> {
        self.entities(kind, i).iter().map(|e| e.uid.clone()).collect()
    }

    /// The entity with this uid at a moment.
    pub fn by_uid(&self, kind: &str, uid: &str, i: usize) -> Option<Entity> {
        self.entities(kind, i).iter().find(|e| e.uid == uid).cloned()
    }

    /// The kinds of objects that have this name in the lesson's namespace (or in none) at any moment.
    pub fn kinds_of_name(&self, name: &str) -> Vec<&'static str> {
        let has = |kind: &str| {
            let named = |e: &Entity| e.key.name == name && self.in_own_namespace(e);
            [0, self.last()].iter().any(|i| self.entities(kind, *i).iter().any(named))
                || self.history.events().iter().any(|e| e.key.kind == kind && e.key.name == name)
        };
        let kinds = VOCABULARY.kinds().iter().filter(|k| !k.part).map(|k| k.kind.as_str());
        kinds.filter(|kind| !["EndpointSlice", "ControllerRevision"].contains(kind) && has(kind)).collect()
    }

    /// Is it in the lesson's namespace, or in none?
    pub fn in_own_namespace(&self, e: &Entity) -> bool {
        e.key.namespace.as_ref().is_none_or(|ns| *ns == self.ctx.namespace)
    }

    /// The namespaces that are the lesson's: its own, and those that it made.
    pub fn is_lessons_namespace(&self, namespace: &str) -> bool {
        let made = |key: &ObjectKey| key.kind == "Namespace" && key.name == namespace;
        namespace == self.ctx.namespace
            || self.ctx.known.iter().any(made)
            || (self.history.events().iter().any(|e| made(&e.key))
                && self.state(0).find("Namespace", "", namespace).is_none())
    }

    /// An observation of a field before and after.
    pub fn evidence(&self, e: &Entity, path: &str, before: Value, after: Value) -> Evidence {
        let (at, by) = self.when(e, path, &after);
        let at = at.filter(|_| before != after);
        let by = by.filter(|_| before != after);
        Evidence { object: e.name(), path: shown(path), before, after, at, by }
    }

    /// When a field of an object took a value, and who wrote it.
    fn when(&self, e: &Entity, at: &str, value: &Value) -> (Option<Timestamp>, Option<String>) {
        let mut previous: Option<Value> = self.state(0).get(&e.key).map(|o| read(o, at));
        let mut found = (None, None);
        for change in self.history.events().iter().filter(|c| c.key == e.key) {
            let now =
                if change.kind == crate::diff::ChangeKind::Deleted { Value::Null } else { read(&change.object, at) };
            if previous.as_ref() != Some(&now) && now == *value {
                found = (Some(change.at), writer_of(&change.object).map(str::to_owned));
            }
            previous = Some(now);
        }
        found
    }
}

fn shown(path: &str) -> String {
    match path.is_empty() || path.starts_with('.') {
        true => path.to_owned(),
        false => format!(".{path}"),
    }
}

/// What is at a path: one value, or the list of all where the path leads to several.
pub fn read(object: &Value, at: &str) -> Value {
    if at.is_empty() {
        return json!(path::text(object, "metadata.uid"));
    }
    let mut found: Vec<Value> = path::all(object, at).into_iter().cloned().collect();
    match found.len() {
        0 => Value::Null,
        1 => found.remove(0),
        _ => Value::Array(found),
    }
}

fn entity(key: &ObjectKey, object: &Arc<Value>) -> Entity {
    let uid = path::text(object, "metadata.uid").map_or_else(|| key.to_string(), str::to_owned);
    Entity { key: key.clone(), uid, object: object.clone() }
}

/// The containers of a Pod, each with its own part of spec and status.
fn containers(key: &ObjectKey, pod: &Value, kind: &str, list: &str, statuses: &str) -> Vec<Entity> {
    let pod_uid = path::text(pod, "metadata.uid").unwrap_or_default();
    let specs = pod["spec"][list].as_array();
    let part = |spec: &Value| {
        let name = spec["name"].as_str()?;
        let status = pod["status"][statuses].as_array().into_iter().flatten().find(|s| s["name"] == name);
        let object = json!({
            "kind": kind,
            "metadata": {"name": name, "namespace": key.namespace, "labels": pod["metadata"]["labels"], "uid": format!("{pod_uid}/{name}"),
                         "ownerReferences": [{"uid": pod_uid, "kind": "Pod", "name": key.name}]},
            "spec": spec, "status": status.cloned().unwrap_or(json!({})), "pod": key.name,
        });
        let key = ObjectKey { kind: kind.into(), name: format!("{}/{name}", key.name), ..key.clone() };
        Some(Entity { key, uid: format!("{pod_uid}/{name}"), object: Arc::new(object) })
    };
    specs.into_iter().flatten().filter_map(part).collect()
}

/// The ready addresses of an EndpointSlice.
fn endpoints(key: &ObjectKey, slice: &Value) -> Vec<Entity> {
    let service = slice["metadata"]["labels"]["kubernetes.io/service-name"].as_str().unwrap_or_default();
    let ready = slice["endpoints"].as_array().into_iter().flatten().filter(|e| e["conditions"]["ready"] != false);
    let each = ready.flat_map(|e| e["addresses"].as_array().into_iter().flatten().map(move |a| (e, a)));
    let part = |(endpoint, address): (&Value, &Value)| {
        let address = address.as_str()?;
        let uid = format!("{service}/{address}");
        let object = json!({"kind": "Endpoint", "address": address, "service": service, "pod": endpoint["targetRef"]["uid"],
            "metadata": {"name": address, "namespace": key.namespace, "uid": uid}});
        let key = ObjectKey { kind: "Endpoint".into(), name: address.into(), ..key.clone() };
        Some(Entity { key, uid, object: Arc::new(object) })
    };
    each.filter_map(part).collect()
}
