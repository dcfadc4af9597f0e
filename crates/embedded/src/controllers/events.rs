//! Event objects, recorded as client-go's `tools/record` does: similar ones counted, floods cut off.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::object::{name, namespace, text};
use crate::{
    apiserver::{Api, Status},
    clock::rfc3339,
};

/// Events that differ in nothing but the message are combined from this many on.
const AGGREGATE_MAX_EVENTS: usize = 10;
/// The seconds after which a group of similar events begins anew.
const AGGREGATE_INTERVAL_SECONDS: i64 = 600;
/// How many events a source may send about an object at once.
const SPAM_BURST: f64 = 25.0;
/// How many events a second it gets back.
const SPAM_PER_SECOND: f64 = 1.0 / 300.0;

/// Records events of one component. Clones share what they have seen.
#[derive(Clone)]
pub struct EventRecorder {
    api: Api,
    component: String,
    host: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    groups: BTreeMap<String, Group>,
    logged: BTreeMap<String, Logged>,
    budgets: BTreeMap<String, Budget>,
}

/// Events that differ in nothing but the message.
struct Group {
    messages: BTreeSet<String>,
    last: Timestamp,
}

/// An event that was written.
#[derive(Clone)]
struct Logged {
    count: i64,
    first: Timestamp,
    name: String,
}

/// A token bucket.
struct Budget {
    tokens: f64,
    last: Timestamp,
}

impl EventRecorder {
    /// A recorder for a component such as `deployment-controller`; `host` is the node for what runs on one, else empty.
    pub fn new(api: &Api, component: &str, host: &str) -> Self {
        let seen = Arc::default();
        Self { api: api.clone(), component: component.to_owned(), host: host.to_owned(), seen }
    }

    /// Records that something happened to an object. `kind` is `Normal` or `Warning`.
    pub fn event(&self, object: &Value, kind: &str, reason: &str, message: &str) {
        self.event_about(reference(object), kind, reason, message);
    }

    /// Records that something happened to a part of an object, such as `spec.containers{web}`.
    pub fn event_in(&self, object: &Value, field_path: &str, kind: &str, reason: &str, message: &str) {
        let mut involved = reference(object);
        involved["fieldPath"] = json!(field_path);
        self.event_about(involved, kind, reason, message);
    }

    /// Records an event about what an `ObjectReference` names.
    pub fn event_about(&self, involved: Value, kind: &str, reason: &str, message: &str) {
        let now = self.api.clock().now();
        let event = New { involved: &involved, kind, reason, message };
        let Some((message, observed)) = self.correlate(&event, now) else {
            return;
        };
        // The event is dropped when the API refuses it, as it does in a namespace that is terminating.
        let _ = if observed.count > 1 {
            self.count_up(&event, &message, &observed, now)
        } else {
            self.create(&event, &message, &observed, now)
        };
    }

    /// `EventCorrelator.EventCorrelate`: the message and what is known of the event, `None` when it is to be dropped.
    fn correlate(&self, event: &New<'_>, now: Timestamp) -> Option<(String, Logged)> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let source = format!("{}/{}/{}/{}", self.component, self.host, identity(event.involved), event.kind);
        let group_key = format!("{source}/{}", event.reason);
        let group =
            seen.groups.entry(group_key.clone()).or_insert_with(|| Group { messages: BTreeSet::new(), last: now });
        if now.duration_since(group.last) > SignedDuration::from_secs(AGGREGATE_INTERVAL_SECONDS) {
            group.messages.clear();
        }
        group.messages.insert(event.message.to_owned());
        group.last = now;
        let (key, message) = if group.messages.len() < AGGREGATE_MAX_EVENTS {
            (format!("{group_key}/{}/{}", text(event.involved, "fieldPath"), event.message), event.message.to_owned())
        } else {
            group.messages.pop_first();
            (group_key, format!("(combined from similar events): {}", event.message))
        };
        let observed = match seen.logged.get(&key) {
            Some(logged) => Logged { count: logged.count + 1, ..logged.clone() },
            None => Logged { count: 1, first: now, name: event_name(&self.api, text(event.involved, "name")) },
        };
        seen.logged.insert(key, observed.clone());
        let budget = seen.budgets.entry(source).or_insert(Budget { tokens: SPAM_BURST, last: now });
        budget.accept(now).then_some((message, observed))
    }

    fn create(&self, event: &New<'_>, message: &str, observed: &Logged, now: Timestamp) -> Result<(), Status> {
        let place = place(event.involved);
        let mut source = json!({"component": self.component});
        if !self.host.is_empty() {
            source["host"] = json!(self.host);
        }
        // What was combined from several events tells only where they came from, not who reported them.
        let combined = message != event.message;
        let reporting = if combined { ("", "") } else { (self.component.as_str(), self.host.as_str()) };
        let event = json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": observed.name, "namespace": place},
            "involvedObject": event.involved, "reason": event.reason, "message": message, "type": event.kind,
            "source": source, "reportingComponent": reporting.0, "reportingInstance": reporting.1,
            "firstTimestamp": rfc3339(observed.first), "lastTimestamp": rfc3339(now), "eventTime": null,
            "count": observed.count,
        });
        self.api.create("events", place, event).map(drop)
    }

    fn count_up(&self, event: &New<'_>, message: &str, observed: &Logged, now: Timestamp) -> Result<(), Status> {
        let update = |stored: &mut Value| {
            stored["count"] = json!(observed.count);
            stored["lastTimestamp"] = json!(rfc3339(now));
            stored["message"] = json!(message);
        };
        match self.api.modify("events", place(event.involved), &observed.name, update) {
            Err(status) if status.is_not_found() => self.create(event, message, observed, now),
            result => result.map(drop),
        }
    }
}

/// An event before it is correlated with others.
struct New<'a> {
    involved: &'a Value,
    kind: &'a str,
    reason: &'a str,
    message: &'a str,
}

impl Budget {
    fn accept(&mut self, now: Timestamp) -> bool {
        let refill = now.duration_since(self.last).as_secs_f64() * SPAM_PER_SECOND;
        self.tokens = (self.tokens + refill).min(SPAM_BURST);
        self.last = now;
        let accepted = self.tokens >= 1.0;
        if accepted {
            self.tokens -= 1.0;
        }
        accepted
    }
}

/// An `ObjectReference` to an object.
pub fn reference(object: &Value) -> Value {
    let mut reference = json!({"kind": object["kind"], "apiVersion": object["apiVersion"], "name": name(object)});
    for (field, value) in [
        ("namespace", namespace(object)),
        ("uid", super::object::uid(object)),
        ("resourceVersion", text(object, "metadata.resourceVersion")),
    ] {
        if !value.is_empty() {
            reference[field] = json!(value);
        }
    }
    reference
}

/// The namespace in which an event about an object stands.
pub fn place(involved: &Value) -> &str {
    Some(text(involved, "namespace")).filter(|namespace| !namespace.is_empty()).unwrap_or("default")
}

/// A name for an event about an object: `util.GenerateEventName`.
///
/// Upstream appends the nanoseconds of the moment. A virtual clock stands still while things happen, so the API's revision takes
/// the place of the nanoseconds within a millisecond: names are unique, and their order is that of the events.
pub fn event_name(api: &Api, object_name: &str) -> String {
    let revision = i128::from(api.revision() % 5_000);
    let nanoseconds = api.clock().now().as_nanosecond() / 1_000_000 * 1_000_000 + revision * 199;
    format!("{object_name}.{nanoseconds:x}")
}

fn identity(involved: &Value) -> String {
    ["apiVersion", "kind", "namespace", "name", "uid"].map(|field| text(involved, field)).join("/")
}
