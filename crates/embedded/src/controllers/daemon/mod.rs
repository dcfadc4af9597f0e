//! DaemonSets: a pod on each node (pkg/controller/daemon).

mod nodes;
mod rollout;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use self::nodes::{should_run, target_node};
use super::{
    deployment::scaled,
    events::EventRecorder,
    harness::{Controller, Error, Key, resources},
    history::{self, History},
    object::{annotation, at, count, created, deleting, labels, map_mut, name, namespace, text, without_zeros},
    owner::{claim, owners},
    pod,
    pod_control::{NAMESPACE_TERMINATING, PodControl, has_cause, pod_from_template},
    selector,
};
use crate::{
    apiserver::Api,
    storage::{Event, EventType, Object},
};

const RESOURCE: &str = "daemonsets.apps";
/// The label with the hash of the template.
const HASH_LABEL: &str = "controller-revision-hash";
const GENERATION_LABEL: &str = "pod-template-generation";
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
/// How long a failed pod is left alone before it is replaced; the wait doubles.
const FAILED_POD_BACKOFF: Duration = Duration::from_secs(1);

/// The controller of DaemonSets.
pub struct DaemonSetController {
    api: Api,
    pods: PodControl,
    /// When failed pods of a DaemonSet on a node may be replaced, and how long it was waited last.
    failed: BTreeMap<(String, String), (jiff::Timestamp, Duration)>,
}

/// A DaemonSet in the course of one reconciliation.
struct Daemon {
    set: Object,
    hash: String,
    nodes: Vec<Object>,
    /// Its pods by the node that they run on, or are meant for; the oldest first, those without a node last.
    pods: BTreeMap<String, Vec<Object>>,
}

impl Daemon {
    /// Whether a pod is made from the present template: `IsPodUpdated`.
    fn is_updated(&self, pod: &Value) -> bool {
        let label = |key: &str| labels(pod).get(key).and_then(Value::as_str);
        let generation = annotation(&self.set, TEMPLATE_GENERATION);
        label(HASH_LABEL) == Some(&self.hash) || generation.is_some() && label(GENERATION_LABEL) == generation
    }

    fn is_available(&self, pod: &Value, api: &Api) -> bool {
        pod::is_available(pod, count(&self.set, "spec.minReadySeconds"), api.clock().now())
    }

    fn on(&self, node: &str) -> &[Object] {
        self.pods.get(node).map(Vec::as_slice).unwrap_or_default()
    }

    /// A bound of the rolling update, for so many nodes; 0 with any other strategy.
    fn bound(&self, field: &str, nodes: usize) -> i64 {
        let strategy = at(&self.set, "spec.updateStrategy");
        let rolling = text(strategy, "type") == "RollingUpdate";
        let nodes = i64::try_from(nodes).unwrap_or(i64::MAX);
        if rolling { scaled(&strategy["rollingUpdate"][field], nodes, true) } else { 0 }
    }

    fn surges(&self) -> bool {
        self.bound("maxSurge", 1) > 0
    }
}

impl DaemonSetController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        let api = super::as_controller(api, "daemon-set-controller");
        let recorder = EventRecorder::new(&api, "daemonset-controller", "");
        Self { pods: PodControl { api: api.clone(), recorder }, api, failed: BTreeMap::new() }
    }

    fn daemon(&self, set: &Object, hash: String) -> Result<Daemon, Error> {
        let wanted = at(set, "spec.selector");
        let all = self.api.list("pods", Some(namespace(set)));
        let mut claimed = claim(&self.api, "pods", set, all, |pod| selector::matches(wanted, labels(pod)))?;
        claimed.sort_by(|a, b| {
            let unbound = |pod: &Value| text(pod, "spec.nodeName").is_empty();
            unbound(a).cmp(&unbound(b)).then(created(a).cmp(&created(b))).then(name(a).cmp(name(b)))
        });
        let mut pods: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for pod in claimed {
            if let Some(node) = target_node(&pod) {
                pods.entry(node.to_owned()).or_default().push(pod);
            }
        }
        Ok(Daemon { set: set.clone(), hash, nodes: self.api.list("nodes", None), pods })
    }

    /// `manage`: pods on the nodes that need one, none on the others. Returns when to look again.
    fn manage(&mut self, daemon: &Daemon) -> Result<Option<Duration>, Error> {
        let (mut missing, mut surplus, mut again) = (Vec::new(), Vec::new(), None);
        for node in &daemon.nodes {
            let (run, stay) = should_run(node, &daemon.set);
            let pods = daemon.on(name(node));
            if run && pods.is_empty() {
                missing.push(name(node).to_owned());
            } else if stay {
                let (wait, running) = self.sort_out_ended(daemon, node, pods, &mut surplus);
                again = [again, wait].into_iter().flatten().min();
                self.prune(daemon, node, running, run, &mut missing, &mut surplus);
            } else {
                surplus.extend(pods.iter().filter(|pod| !deleting(pod)).cloned());
            }
        }
        let gone =
            daemon.pods.iter().filter(|(node, _)| !daemon.nodes.iter().any(|known| name(known) == node.as_str()));
        surplus.extend(gone.flat_map(|(_, pods)| pods).filter(|pod| text(pod, "spec.nodeName").is_empty()).cloned());
        self.sync_nodes(daemon, &missing, &surplus)?;
        Ok(again)
    }

    /// Pods that ended are to be deleted; the others are returned, with the time that a failed one is still left alone.
    fn sort_out_ended(
        &mut self,
        daemon: &Daemon,
        node: &Value,
        pods: &[Object],
        surplus: &mut Vec<Object>,
    ) -> (Option<Duration>, Vec<Object>) {
        let (mut again, mut running) = (None, Vec::new());
        for pod in pods.iter().filter(|pod| !deleting(pod)) {
            let place = format!("{}/{} on node {}", namespace(pod), name(pod), name(node));
            match pod::phase(pod) {
                "Failed" => {
                    let wait = self.wait_after_failure(daemon, node);
                    if !wait.is_zero() {
                        again = Some(wait);
                        continue;
                    }
                    let message = format!("Found failed daemon pod {place}, will try to kill it");
                    self.pods.recorder.event(&daemon.set, "Warning", "FailedDaemonPod", &message);
                    surplus.push(pod.clone());
                }
                "Succeeded" => {
                    let message = format!("Found succeeded daemon pod {place}, will try to delete it");
                    self.pods.recorder.event(&daemon.set, "Normal", "SucceededDaemonPod", &message);
                    surplus.push(pod.clone());
                }
                _ => running.push(pod.clone()),
            }
        }
        (again, running)
    }

    fn wait_after_failure(&mut self, daemon: &Daemon, node: &Value) -> Duration {
        let now = self.api.clock().now();
        let key = (super::object::uid(&daemon.set).to_owned(), name(node).to_owned());
        let known = self.failed.get(&key).copied();
        let waited =
            |(since, _): (jiff::Timestamp, Duration)| Duration::try_from(now.duration_since(since)).unwrap_or_default();
        match known {
            Some((since, wait)) if waited((since, wait)) < wait => wait - waited((since, wait)),
            _ => {
                let wait = known.map_or(FAILED_POD_BACKOFF, |(_, wait)| (wait * 2).min(Duration::from_secs(900)));
                self.failed.insert(key, (now, wait));
                Duration::ZERO
            }
        }
    }

    /// One pod a node, or two while an update surges: `podsShouldBeOnNode`.
    fn prune(
        &self,
        daemon: &Daemon,
        node: &Value,
        running: Vec<Object>,
        run: bool,
        missing: &mut Vec<String>,
        surplus: &mut Vec<Object>,
    ) {
        if !daemon.surges() {
            surplus.extend(running.into_iter().skip(1));
            return;
        }
        if running.len() <= 1 {
            if running.is_empty() && run {
                missing.push(name(node).to_owned());
            }
            return;
        }
        let (new, old): (Vec<Object>, Vec<Object>) = running.into_iter().partition(|pod| daemon.is_updated(pod));
        surplus.extend(new.iter().skip(1).chain(old.iter().skip(1)).cloned());
        if let (Some(new), Some(old)) = (new.first(), old.first())
            && (!pod::is_ready(old) || daemon.is_available(new, &self.api))
        {
            surplus.push(old.clone());
        }
    }

    /// Creates and deletes pods: `syncNodes`.
    fn sync_nodes(&self, daemon: &Daemon, missing: &[String], surplus: &[Object]) -> Result<(), Error> {
        let mut failure = Ok(());
        for node in missing {
            match self.pods.create_pod(&daemon.set, new_pod(daemon, node)) {
                Err(Error::Status(status)) if has_cause(&status, NAMESPACE_TERMINATING) => {}
                Err(error) => {
                    // Others would most likely be refused as well.
                    failure = Err(error);
                    break;
                }
                Ok(_) => {}
            }
        }
        for pod in surplus {
            failure = failure.and(self.pods.delete(&daemon.set, pod));
        }
        failure
    }

    /// `updateDaemonSetStatus`. Returns when to look again.
    fn write_status(&self, daemon: &Daemon) -> Result<Option<Duration>, Error> {
        let (mut desired, mut current, mut misscheduled, mut ready, mut updated, mut available) = (0, 0, 0, 0, 0, 0);
        for node in &daemon.nodes {
            let pods = daemon.on(name(node));
            if !should_run(node, &daemon.set).0 {
                misscheduled += i64::from(!pods.is_empty());
                continue;
            }
            desired += 1;
            let Some(pod) = pods.first() else { continue };
            current += 1;
            ready += i64::from(pod::is_ready(pod));
            available += i64::from(daemon.is_available(pod, &self.api));
            updated += i64::from(daemon.is_updated(pod));
        }
        let before = at(&daemon.set, "status");
        let status = json!({
            "currentNumberScheduled": current, "desiredNumberScheduled": desired, "numberMisscheduled": misscheduled,
            "numberReady": ready, "updatedNumberScheduled": updated, "numberAvailable": available,
            "numberUnavailable": desired - available, "observedGeneration": at(&daemon.set, "metadata.generation"),
            "collisionCount": before["collisionCount"], "conditions": before["conditions"],
        });
        let required = ["currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"];
        let status = without_zeros(status, &required);
        if before != &status {
            let mut copy = Value::clone(&daemon.set);
            copy["status"] = status;
            self.api.update_status(RESOURCE, copy)?;
        }
        let min_ready = count(&daemon.set, "spec.minReadySeconds");
        Ok((min_ready > 0 && ready != available).then(|| Duration::from_secs(min_ready.unsigned_abs())))
    }

    fn clean_up(&self, daemon: &Daemon, history: &History) -> Result<(), Error> {
        let alive: Vec<&Value> = daemon.pods.values().flatten().filter_map(|pod| labels(pod).get(HASH_LABEL)).collect();
        let is_used = |revision: &Value| labels(revision).get(HASH_LABEL).is_some_and(|hash| alive.contains(&hash));
        history::clean_up(&self.api, &daemon.set, history, is_used)
    }
}

/// A pod for a node: `CreatePodTemplate`, and the affinity that brings it there.
fn new_pod(daemon: &Daemon, node: &str) -> Value {
    let mut pod = pod_from_template(&daemon.set, at(&daemon.set, "spec.template"));
    let own = map_mut(&mut pod, "metadata.labels");
    own.insert(HASH_LABEL.to_owned(), json!(daemon.hash));
    if let Some(generation) = annotation(&daemon.set, TEMPLATE_GENERATION) {
        own.insert(GENERATION_LABEL.to_owned(), json!(generation));
    }
    nodes::tolerate_everything(&mut pod["spec"]);
    nodes::pin(&mut pod["spec"], node);
    pod
}

impl Controller for DaemonSetController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&[RESOURCE, "pods", "nodes", "controllerrevisions.apps"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        let object = &event.object;
        match resource {
            RESOURCE => vec![Key::of(object)],
            "nodes" => {
                let same =
                    |path: &str| event.previous.as_ref().is_some_and(|before| at(before, path) == at(object, path));
                if event.kind == EventType::Modified && same("metadata.labels") && same("spec") {
                    return Vec::new();
                }
                self.api.list(RESOURCE, None).iter().map(|set| Key::of(set)).collect()
            }
            _ => owners(&self.api, event, RESOURCE, "DaemonSet"),
        }
    }

    /// `syncDaemonSet`.
    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(set) = self.api.get(RESOURCE, &key.namespace, &key.name) else {
            return Ok(None);
        };
        if at(&set, "spec.selector") == &json!({}) {
            let message = "This daemon set is selecting all pods. A non-empty selector is required.";
            self.pods.recorder.event(&set, "Warning", "SelectingAll", message);
            return Ok(None);
        }
        if deleting(&set) {
            return Ok(None);
        }
        let history = history::sync(&self.api, &set, HASH_LABEL)?;
        let hash = labels(&history.current)[HASH_LABEL].as_str().unwrap_or_default().to_owned();
        let daemon = self.daemon(&set, hash.clone())?;
        let managed = self.manage(&daemon);
        // Pods that were created or deleted just now are seen by what follows.
        let daemon = self.daemon(&set, hash)?;
        let rolled = match &managed {
            Ok(_) if text(&set, "spec.updateStrategy.type") == "RollingUpdate" => self.roll(&daemon),
            _ => Ok(()),
        };
        let daemon = self.daemon(&set, daemon.hash)?;
        let cleaned = self.clean_up(&daemon, &history);
        let later = self.write_status(&daemon)?;
        let again = managed?;
        rolled?;
        cleaned?;
        Ok([again, later].into_iter().flatten().min())
    }
}
