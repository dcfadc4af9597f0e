//! The end of namespaces: everything in them goes first (pkg/controller/namespace/deletion).

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    harness::{Controller, Error, Key, resources},
    object::{count, deleting, items, name, text, time},
    pod::is_terminal,
};
use crate::{
    apiserver::{Api, DeleteOptions, Propagation, WriteOptions},
    registry::Resource,
    storage::{Event, Object},
};

/// The time between the delete of a namespace and its beginning: other API servers shall have seen it.
const DELETION_GRACE_PERIOD: Duration = Duration::from_secs(5);
/// How long finalizers are expected to take.
const FINALIZER_ESTIMATE_SECONDS: i64 = 15;
/// The finalizer of a namespace that this controller removes.
const FINALIZER: &str = "kubernetes";

/// The conditions of a namespace that ends well: type, reason, message.
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
];

/// The controller of namespaces.
pub struct NamespaceController {
    api: Api,
    /// Namespaces whose deletion was seen, until they are gone.
    seen: std::collections::BTreeSet<String>,
}

/// What is left in a namespace after a round of deleting.
#[derive(Debug, Default)]
struct Remaining {
    estimate_seconds: i64,
    by_resource: BTreeMap<String, usize>,
    by_finalizer: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl NamespaceController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "namespace-controller"), seen: Default::default() }
    }

    /// Pods first; everything else when they are gone: `deleteAllContent`.
    fn delete_all_content(&self, ended: &Value) -> Remaining {
        let mut remaining = Remaining::default();
        let registry = self.api.registry();
        let deletable = |resource: &&Resource| resource.namespaced && resource.verbs.contains(&"delete");
        if let Some(pods) = registry.get("pods") {
            self.delete_collection(pods, ended, &mut remaining);
        }
        if remaining.by_resource.is_empty() {
            for resource in registry.iter().filter(deletable).filter(|resource| resource.key() != "pods") {
                self.delete_collection(resource, ended, &mut remaining);
            }
        } else {
            // While pods end, nothing is said about what else is there.
            remaining.by_resource.clear();
            remaining.by_finalizer.clear();
        }
        remaining
    }

    fn delete_collection(&self, resource: &Resource, ended: &Value, remaining: &mut Remaining) {
        let (key, place) = (resource.key(), name(ended));
        let estimate = if key == "pods" { self.estimate_for_pods(ended) } else { 0 };
        let options = DeleteOptions { propagation: Some(Propagation::Background), ..Default::default() };
        for object in self.api.list(&key, Some(place)) {
            if let Err(status) = self.api.delete(&key, place, name(&object), &options)
                && !status.is_not_found()
            {
                remaining.failures.push(status.to_string());
            }
        }
        let left = self.api.list(&key, Some(place));
        if left.is_empty() {
            return;
        }
        let finalizers = left.iter().flat_map(|object| items(object, "metadata.finalizers")).filter_map(Value::as_str);
        let mut held = false;
        for finalizer in finalizers {
            held = true;
            *remaining.by_finalizer.entry(finalizer.to_owned()).or_default() += 1;
        }
        let estimate = if estimate == 0 && held { FINALIZER_ESTIMATE_SECONDS } else { estimate };
        if estimate == 0 {
            let gvr = format!("{}/{}, Resource={}", resource.group, resource.version, resource.plural);
            remaining.failures.push(format!("unexpected items still remain in namespace: {place} for gvr: {gvr}"));
        }
        remaining.estimate_seconds = remaining.estimate_seconds.max(estimate);
        remaining.by_resource.insert(format!("{}.{}", resource.plural, resource.group), left.len());
    }

    /// The longest grace period of a pod, 0 when it is over: `estimateGracefulTermination`.
    fn estimate_for_pods(&self, ended: &Value) -> i64 {
        let pods = self.api.list("pods", Some(name(ended)));
        let grace = |pod: &Object| count(pod, "spec.terminationGracePeriodSeconds");
        let longest = pods.iter().filter(|pod| !is_terminal(pod)).map(grace).max().unwrap_or(0);
        let since = time(ended, "metadata.deletionTimestamp").map(|at| self.api.clock().now().duration_since(at));
        if since.is_some_and(|since| since >= SignedDuration::from_secs(longest)) { 0 } else { longest }
    }

    fn update_conditions(&self, ended: &Value, remaining: &Remaining) {
        let now = self.api.clock().rfc3339();
        // The namespace may be gone already, or its status be written again soon.
        let _ = self.api.modify_status("namespaces", "", name(ended), |namespace| {
            set_conditions(&mut namespace["status"], remaining, &now);
        });
    }

    fn finalize(&self, ended: &Value) -> Result<(), Error> {
        let current = self.api.get("namespaces", "", name(ended))?;
        let mut finalized = Value::clone(&current);
        let others: Vec<Value> =
            items(&current, "spec.finalizers").iter().filter(|it| *it != FINALIZER).cloned().collect();
        finalized["spec"] = if others.is_empty() { json!({}) } else { json!({"finalizers": others}) };
        self.api.update_with("namespaces", Some("finalize"), finalized, &WriteOptions::default())?;
        Ok(())
    }
}

/// `namespaceConditionUpdater`.
fn set_conditions(status: &mut Value, remaining: &Remaining, now: &str) {
    let content =
        remaining.by_resource.iter().map(|(resource, number)| format!("{resource} has {number} resource instances"));
    let finalizers =
        remaining.by_finalizer.iter().map(|(finalizer, number)| format!("{finalizer} in {number} resource instances"));
    let (content, finalizers): (Vec<String>, Vec<String>) = (content.collect(), finalizers.collect());
    let bad = |kind: &str| match kind {
        "NamespaceDeletionContentFailure" if !remaining.failures.is_empty() => {
            let (number, all) = (remaining.failures.len(), remaining.failures.join(", "));
            Some(("ContentDeletionFailed", format!("Failed to delete all resource types, {number} remaining: {all}")))
        }
        "NamespaceContentRemaining" if !content.is_empty() => {
            Some(("SomeResourcesRemain", format!("Some resources are remaining: {}", content.join(", "))))
        }
        "NamespaceFinalizersRemaining" if !finalizers.is_empty() => {
            let message = format!("Some content in the namespace has finalizers remaining: {}", finalizers.join(", "));
            Some(("SomeFinalizersRemain", message))
        }
        _ => None,
    };
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    for (kind, reason, message) in CONDITIONS {
        let (value, reason, message) = match bad(kind) {
            Some((reason, message)) => ("True", reason, message),
            None => ("False", *reason, (*message).to_owned()),
        };
        let new =
            json!({"type": kind, "status": value, "reason": reason, "message": message, "lastTransitionTime": now});
        let Some(conditions) = status["conditions"].as_array_mut() else {
            return;
        };
        match conditions.iter_mut().find(|condition| condition["type"] == *kind) {
            None => conditions.push(new),
            Some(known) => {
                let since = if known["status"] == value { known["lastTransitionTime"].clone() } else { json!(now) };
                *known = new;
                known["lastTransitionTime"] = since;
            }
        }
    }
}

impl Controller for NamespaceController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["namespaces"])
    }

    fn keys(&mut self, _resource: &str, event: &Event) -> Vec<Key> {
        let ended = &event.object;
        let first = deleting(ended) && self.seen.insert(name(ended).to_owned());
        if event.kind == crate::storage::EventType::Deleted {
            self.seen.remove(name(ended));
            return Vec::new();
        }
        if first { vec![Key::of(ended)] } else { Vec::new() }
    }

    /// `Delete` of the namespaced resources deleter.
    fn reconcile(&mut self, key: &Self::Key) -> Result<Option<Duration>, Error> {
        let Ok(ended) = self.api.get("namespaces", "", &key.name) else {
            return Ok(None);
        };
        let Some(since) = time(&ended, "metadata.deletionTimestamp") else {
            return Ok(None);
        };
        let waited = Duration::try_from(self.api.clock().now().duration_since(since)).unwrap_or_default();
        if waited < DELETION_GRACE_PERIOD {
            return Ok(Some(DELETION_GRACE_PERIOD - waited));
        }
        if text(&ended, "status.phase") != "Terminating" {
            self.api
                .modify_status("namespaces", "", name(&ended), |it| it["status"]["phase"] = json!("Terminating"))?;
        }
        if items(&ended, "spec.finalizers").is_empty() {
            return Ok(None);
        }
        let remaining = self.delete_all_content(&ended);
        self.update_conditions(&ended, &remaining);
        if !remaining.failures.is_empty() {
            return Err(Error::Other(remaining.failures.join(", ")));
        }
        if remaining.estimate_seconds > 0 {
            return Ok(Some(Duration::from_secs((remaining.estimate_seconds / 2 + 1).unsigned_abs())));
        }
        self.finalize(&ended).map(|()| None)
    }
}
