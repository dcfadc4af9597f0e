//! Event objects of the scheduler, recorded as client-go's `tools/events` does: one object for a series of the same.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    events::{event_name, place, reference},
    object::text,
};
use crate::apiserver::Api;

/// The time after which a series is over.
const FINISH_AFTER: SignedDuration = SignedDuration::from_mins(6);

/// Records events of the API group events.k8s.io. Clones share what they have seen.
#[derive(Clone)]
pub struct SeriesRecorder {
    api: Api,
    controller: String,
    instance: String,
    seen: Arc<Mutex<BTreeMap<String, Series>>>,
}

struct Series {
    name: String,
    count: i64,
    last: Timestamp,
}

impl SeriesRecorder {
    /// A recorder for a controller such as `default-scheduler`, which runs on `host`.
    pub fn new(api: &Api, controller: &str, host: &str) -> Self {
        let instance = format!("{controller}-{host}");
        Self { api: api.clone(), controller: controller.to_owned(), instance, seen: Arc::default() }
    }

    /// Records that `action` happened to an object. `kind` is `Normal` or `Warning`.
    pub fn event(&self, object: &Value, kind: &str, reason: &str, action: &str, note: &str) {
        let now = self.api.clock().now();
        let regarding = reference(object);
        let key = format!("{kind}/{action}/{reason}/{regarding}");
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, series| now.duration_since(series.last) < FINISH_AFTER);
        let place = place(&regarding);
        match seen.get_mut(&key) {
            Some(series) => {
                series.count += 1;
                series.last = now;
                // Upstream writes the beginning of a series at once, and what follows when the series ends or every half an hour.
                if series.count == 2 {
                    let observed = json!({"count": 2, "lastObservedTime": self.api.clock().rfc3339_micro()});
                    // An event that is gone by now is not missed.
                    let _ = self.api.modify("events", place, &series.name, |event| event["series"] = observed.clone());
                }
            }
            None => {
                let name = event_name(&self.api, text(&regarding, "name"));
                let event = json!({
                    "apiVersion": "v1", "kind": "Event",
                    "metadata": {"name": name, "namespace": place},
                    "eventTime": self.api.clock().rfc3339_micro(), "firstTimestamp": null, "lastTimestamp": null,
                    "involvedObject": regarding, "reason": reason, "message": note, "type": kind, "action": action,
                    "source": {}, "reportingComponent": self.controller, "reportingInstance": self.instance,
                });
                // The event is dropped when the API refuses it, as it does in a namespace that is terminating.
                let _ = self.api.create("events", place, event);
                seen.insert(key, Series { name, count: 1, last: now });
            }
        }
    }
}
