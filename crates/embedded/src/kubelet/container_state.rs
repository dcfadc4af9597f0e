//! What the kubelet knows of one container of a Pod, and how its status shows it (kubelet_pods.go: convertToAPIContainerStatuses).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::image_manager::{PullBackOff, Waiting};
use super::probes::Probing;
use super::timing::{FIRST_BACK_OFF, FORGOTTEN_AFTER, MOST_BACK_OFF};
use crate::clock::rfc3339;
use crate::runtime::container::Container;

/// Which list of the Pod's spec a container stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `initContainers`, run to its end before the next.
    Init,
    /// `initContainers` with `restartPolicy: Always`.
    Sidecar,
    /// `containers`.
    Regular,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// How a run of a container ended.
#[derive(Clone, Debug)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Exit code.
    pub code: i32,
    /// `Completed`, `Error`, `StartError`, …
    pub reason: String,
    /// The termination message.
    pub message: Option<String>,
}

/// One run of a container.
#[derive(Clone)]
pub struct Run {
    /// The container itself; absent where it never started.
    pub container: Option<Arc<Container>>,
    /// 64 hexadecimal digits.
    pub id: String,
    /// The whole name of its image, and its digest.
    pub image: (String, String),
    /// When it started; `None` where it could not.
    pub started_at: Option<Timestamp>,
    /// How it ended, once it has and the kubelet noticed.
    pub end: Option<End>,
}

impl Run {
    fn terminated(&self, end: &End) -> Value {
        let mut terminated = json!({
            "exitCode": end.code, "reason": end.reason, "containerID": format!("containerd://{}", self.id),
            "startedAt": self.started_at.map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), rfc3339), "finishedAt": rfc3339(end.at),
        });
        if let Some(message) = end.message.as_ref().filter(|message| !message.is_empty()) {
            terminated["message"] = json!(message);
        }
        terminated
    }
}

/// One container of a Pod.
pub struct ContainerState {
    /// Its part of the Pod's spec.
    pub spec: Value,
    /// Which list that stands in.
    pub role: Role,
    /// The newest run.
    pub run: Option<Run>,
    /// The run before that.
    pub last: Option<Run>,
    /// How often it was started again.
    pub restarts: u32,
    /// Why it is not running, where it should be.
    pub waiting: Option<Waiting>,
    /// When to try again.
    pub retry_at: Option<Timestamp>,
    /// Failed pulls.
    pub pulls: PullBackOff,
    /// The readiness probe says so, or there is none.
    pub ready: bool,
    /// The startup probe says so, or there is none.
    pub started: bool,
    /// Probes that run.
    pub probing: Option<Probing>,
    /// The kubelet itself ended the newest run, to start it again.
    pub killed: bool,
    delay: Option<(Duration, Timestamp)>,
    lost: Option<Timestamp>,
}

impl ContainerState {
    /// A container that was never started.
    pub fn new(spec: &Value, role: Role) -> Self {
        Self {
            spec: spec.clone(),
            role,
            run: None,
            last: None,
            restarts: 0,
            waiting: None,
            retry_at: None,
            pulls: PullBackOff::default(),
            ready: false,
            started: false,
            probing: None,
            killed: false,
            delay: None,
            lost: None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.spec["name"].as_str().unwrap_or_default()
    }

    /// The path by which events name it.
    pub fn path(&self) -> String {
        let list = match self.role {
            Role::Init | Role::Sidecar => "initContainers",
            Role::Regular => "containers",
            Role::Ephemeral => "ephemeralContainers",
        };
        format!("spec.{list}{{{}}}", self.name())
    }

    /// It runs.
    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.end.is_none())
    }

    /// How the newest run ended.
    pub fn end(&self) -> Option<&End> {
        self.run.as_ref().and_then(|run| run.end.as_ref())
    }

    /// It ended, and well.
    pub fn succeeded(&self) -> bool {
        self.end().is_some_and(|end| end.code == 0)
    }

    /// The container that runs.
    pub fn running(&self) -> Option<&Arc<Container>> {
        self.run.as_ref().filter(|run| run.end.is_none()).and_then(|run| run.container.as_ref())
    }

    /// Whether it is started again after its end, by its own policy or the Pod's.
    pub fn should_restart(&self, pod_policy: &str) -> bool {
        let policy = match self.role {
            Role::Sidecar => "Always",
            Role::Ephemeral => "Never",
            Role::Regular => self.spec["restartPolicy"].as_str().unwrap_or(pod_policy),
            // An init container of a Pod that always restarts is done when it has succeeded.
            Role::Init if pod_policy == "Never" => "Never",
            Role::Init => "OnFailure",
        };
        match (policy, self.end()) {
            ("Always", _) | (_, None) => true,
            ("OnFailure", Some(end)) => end.code != 0,
            _ => false,
        }
    }

    /// Those that the kubelet ended itself are started again at once, the first times.
    pub fn restarts_at_once(&self) -> bool {
        self.killed && self.restarts < 2
    }

    /// When it may be started again, and the delay that this is: kuberuntime_manager.go doBackOff.
    pub fn back_off(&self, now: Timestamp) -> Option<(Timestamp, Duration)> {
        let (delay, _) = self.delay?;
        if self.restarts_at_once() {
            return None;
        }
        let until = self.end()?.at + delay;
        (now < until).then_some((until, delay))
    }

    /// Notes that it is started again now.
    pub fn restarts_now(&mut self, now: Timestamp) {
        self.delay = Some(match self.delay {
            Some((delay, since)) if now < since + FORGOTTEN_AFTER => ((delay * 2).min(MOST_BACK_OFF), now),
            _ => (FIRST_BACK_OFF, now),
        });
    }

    /// Begins a new run.
    pub fn begin(&mut self, run: Run) {
        if let Some(previous) = self.run.take() {
            self.last = Some(previous);
            self.restarts += 1;
        }
        self.run = Some(run);
        self.waiting = None;
        self.retry_at = None;
        self.killed = false;
        let probe = |name: &str| self.spec[name].is_object();
        self.started = !probe("startupProbe");
        self.ready = self.role != Role::Init && self.started && !probe("readinessProbe");
    }

    /// Notes the end of the newest run.
    pub fn finish(&mut self, end: End) {
        self.ready = self.role == Role::Init && end.code == 0;
        self.started = false;
        self.probing = None;
        if let Some(run) = &mut self.run {
            run.end = Some(end);
        }
    }

    /// Notes that it was never found: how containers that did not start look when their Pod ends.
    pub fn lost(&mut self, at: Timestamp) {
        self.waiting = None;
        self.lost = Some(at);
    }

    /// `state` and `lastState`.
    fn states(&self, initializing: bool) -> (Value, Value) {
        let ended =
            |run: &Option<Run>| match run.as_ref().and_then(|run| run.end.as_ref().map(|end| run.terminated(end))) {
                Some(terminated) => json!({"terminated": terminated}),
                None => json!({}),
            };
        if let Some(waiting) = &self.waiting {
            let mut state = json!({"waiting": {"reason": waiting.reason}});
            if !waiting.message.is_empty() {
                state["waiting"]["message"] = json!(waiting.message);
            }
            return (state, ended(&self.run));
        }
        match &self.run {
            None if self.lost.is_some() => {
                let terminated = json!({
                    "exitCode": 137, "reason": "ContainerStatusUnknown", "startedAt": null, "finishedAt": null,
                    "message": "The container could not be located when the pod was terminated",
                });
                (json!({"terminated": terminated}), json!({}))
            }
            None => {
                let reason = if initializing { "PodInitializing" } else { "ContainerCreating" };
                (json!({"waiting": {"reason": reason}}), json!({}))
            }
            Some(run) if run.end.is_some() => (ended(&self.run), ended(&self.last)),
            Some(run) => {
                let started_at = run.started_at.map(rfc3339);
                (json!({"running": {"startedAt": started_at}}), ended(&self.last))
            }
        }
    }

    /// The container's status. `initializing`: init containers of the Pod have not ended yet.
    pub fn status(&self, initializing: bool) -> Value {
        let (state, last_state) = self.states(initializing);
        let (image, image_id) = match &self.run {
            Some(run) => run.image.clone(),
            None => (self.spec["image"].as_str().unwrap_or_default().to_owned(), String::new()),
        };
        let mut status = json!({
            "name": self.name(), "image": image, "imageID": image_id, "state": state, "lastState": last_state,
            "ready": self.ready, "started": self.started && self.is_running(), "restartCount": self.restarts,
        });
        if let Some(run) = &self.run {
            status["containerID"] = json!(format!("containerd://{}", run.id));
        }
        if self.is_running() && self.waiting.is_none() {
            let resources = &self.spec["resources"];
            status["resources"] = if resources.is_object() { resources.clone() } else { json!({}) };
            if resources["requests"].is_object() {
                status["allocatedResources"] = resources["requests"].clone();
            }
        }
        let mounts: Vec<Value> = self.spec["volumeMounts"].as_array().into_iter().flatten().map(mount_status).collect();
        if !mounts.is_empty() {
            status["volumeMounts"] = json!(mounts);
        }
        status
    }
}

fn mount_status(mount: &Value) -> Value {
    let mut status = json!({"name": mount["name"], "mountPath": mount["mountPath"]});
    if mount["readOnly"] == true {
        status["readOnly"] = json!(true);
        status["recursiveReadOnly"] = json!("Disabled");
    }
    status
}
