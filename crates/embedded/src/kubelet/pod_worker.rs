//! One task a Pod: brings it to life, keeps it alive, ends it (pod_workers.go, kubelet.go: SyncPod).

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

use super::conditions::Sandbox;
use super::container_state::{ContainerState, End, Role};
use super::probes::{Kind, Outcome};
use super::status::View;
use super::volumes::Volumes;
use super::{Kubelet, locked, termination};
use crate::runtime::container::Container;
use crate::storage::Object;

/// How often volumes made from ConfigMaps and Secrets are written again (kubelet: syncFrequency, and what its caches add).
const REFRESH: Duration = Duration::from_secs(60);

/// What the worker of a Pod and the agent of its node both see.
pub struct Shared {
    /// The Pod's uid.
    pub uid: String,
    /// The Pod, as it was last seen, and its containers.
    pub state: Mutex<PodState>,
}

/// What is known of a Pod.
pub struct PodState {
    /// The Pod as it was last seen.
    pub pod: Object,
    /// Its containers, init containers first.
    pub containers: Vec<ContainerState>,
    sandbox: Sandbox,
    address: Option<IpAddr>,
    start_time: String,
    ended: bool,
    cause: Option<(String, String)>,
}

enum Message {
    Update(Object),
    Removed,
}

/// The dispatcher's end of a worker.
pub struct Handle(mpsc::UnboundedSender<Message>);

impl Handle {
    /// The Pod was written.
    pub fn update(&self, pod: Object) {
        // A worker that has ended needs no news.
        let _ = self.0.send(Message::Update(pod));
    }

    /// The Pod is no longer there.
    pub fn removed(&self) {
        let _ = self.0.send(Message::Removed);
    }
}

/// The end of a run, once it is noticed.
pub(super) struct Ended {
    pub id: String,
    pub end: End,
}

/// The worker of one Pod.
pub(super) struct Worker {
    pub kubelet: Arc<Kubelet>,
    pub shared: Arc<Shared>,
    pub volumes: Volumes,
    pub ended_to: mpsc::UnboundedSender<Ended>,
    pub probed_to: mpsc::UnboundedSender<Outcome>,
    mount_retry: Duration,
    refreshed: Timestamp,
}

fn containers_of(pod: &Value) -> Vec<ContainerState> {
    let list = |field: &str| pod["spec"][field].as_array().cloned().unwrap_or_default();
    let init = list("initContainers").into_iter().map(|spec| {
        let role = if spec["restartPolicy"] == "Always" { Role::Sidecar } else { Role::Init };
        ContainerState::new(&spec, role)
    });
    let regular = list("containers").into_iter().map(|spec| ContainerState::new(&spec, Role::Regular));
    let ephemeral = list("ephemeralContainers").into_iter().map(|spec| ContainerState::new(&spec, Role::Ephemeral));
    init.chain(regular).chain(ephemeral).collect()
}

/// A worker for a Pod that was bound to this node, and the handle to it.
pub fn new(kubelet: &Arc<Kubelet>, pod: Object) -> (Handle, impl Future<Output = ()> + Send + use<>) {
    let (to, inbox) = mpsc::unbounded_channel();
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default().to_owned();
    let shared = Arc::new(Shared {
        uid: text("uid"),
        state: Mutex::new(PodState {
            containers: containers_of(&pod),
            sandbox: Sandbox::None,
            address: None,
            start_time: kubelet.api.clock().rfc3339(),
            ended: false,
            cause: None,
            pod: pod.clone(),
        }),
    });
    let key = format!("{}/{}", text("namespace"), text("name"));
    locked(&kubelet.pods).insert(key.clone(), Arc::clone(&shared));
    let kubelet = Arc::clone(kubelet);
    let work = async move {
        let (ended_to, ended) = mpsc::unbounded_channel();
        let (probed_to, probed) = mpsc::unbounded_channel();
        let refreshed = kubelet.api.clock().now();
        let worker = Worker {
            kubelet: Arc::clone(&kubelet),
            shared: Arc::clone(&shared),
            volumes: Volumes::default(),
            ended_to,
            probed_to,
            mount_retry: Duration::from_millis(500),
            refreshed,
        };
        worker.work(inbox, ended, probed).await;
        kubelet.network.remove_pod(&shared.uid);
        let mut pods = locked(&kubelet.pods);
        // Another Pod may have taken the name.
        if pods.get(&key).is_some_and(|newest| newest.uid == shared.uid) {
            pods.remove(&key);
        }
    };
    (Handle(to), work)
}

impl Worker {
    /// The Pod as it was last seen.
    pub fn pod(&self) -> Object {
        locked(&self.shared.state).pod.clone()
    }

    fn now(&self) -> Timestamp {
        self.kubelet.api.clock().now()
    }

    /// Looks at, or changes, one container.
    pub fn with<T>(&self, at: usize, look: impl FnOnce(&mut ContainerState) -> T) -> T {
        look(&mut locked(&self.shared.state).containers[at])
    }

    fn policy(&self) -> String {
        self.pod()["spec"]["restartPolicy"].as_str().unwrap_or("Always").to_owned()
    }

    async fn work(mut self, mut inbox: mpsc::UnboundedReceiver<Message>, mut ended: mpsc::UnboundedReceiver<Ended>, mut probed: mpsc::UnboundedReceiver<Outcome>) {
        if !self.is_deleted() {
            self.write(false);
        }
        loop {
            if self.is_deleted() {
                self.terminate(&mut inbox).await;
                return;
            }
            let again = self.sync().await;
            let clock = *self.kubelet.api.clock();
            let left = again.map(|at| Duration::try_from(at.duration_since(clock.now())).unwrap_or_default());
            tokio::select! {
                biased;
                message = inbox.recv() => match message {
                    Some(Message::Update(pod)) => self.update(pod),
                    Some(Message::Removed) | None => {
                        self.kill_all();
                        return;
                    }
                },
                Some(end) = ended.recv() => {
                    self.finish(end);
                    self.write(true);
                }
                Some(outcome) = probed.recv() => self.probed(outcome),
                () = clock.sleep(left.unwrap_or_default()), if left.is_some() => {}
            }
        }
    }

    fn is_deleted(&self) -> bool {
        self.pod()["metadata"]["deletionTimestamp"].is_string()
    }

    fn update(&self, pod: Object) {
        let mut state = locked(&self.shared.state);
        let new = containers_of(&pod);
        for fresh in new {
            match state.containers.iter_mut().find(|known| known.name() == fresh.name()) {
                // Of a container that is there, only the image may change, and resources: the next run has them.
                Some(known) => known.spec = fresh.spec,
                None => state.containers.push(fresh),
            }
        }
        state.pod = pod;
    }

    /// Writes the status. Nothing is written where nothing has changed.
    pub fn write(&self, show_address: bool) {
        let mut state = locked(&self.shared.state);
        let now = self.kubelet.api.clock().rfc3339();
        let host_ip = self.kubelet.address.to_string();
        let text = |field: &str| state.pod["metadata"][field].as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text("namespace"), text("name"));
        let ip = state.address.filter(|_| show_address).map(|address| address.to_string());
        let written = self.kubelet.api.modify_status("pods", &namespace, &name, |pod| {
            if pod["metadata"]["uid"].as_str() != Some(&self.shared.uid) {
                return;
            }
            let view = View {
                pod,
                containers: &state.containers,
                sandbox: state.sandbox,
                ip: ip.as_deref(),
                host_ip: &host_ip,
                start_time: &state.start_time,
                ended: state.ended,
                cause: state.cause.as_ref().map(|(reason, message)| (reason.as_str(), message.as_str())),
                now: &now,
            };
            let status = view.status();
            pod["status"] = status;
        });
        // A Pod that is gone has no status.
        if let Ok(pod) = written
            && pod["metadata"]["uid"].as_str() == Some(&self.shared.uid)
        {
            state.pod = pod;
        }
    }

    fn finish(&self, ended: Ended) {
        let mut state = locked(&self.shared.state);
        if let Some(container) = state.containers.iter_mut().find(|container| container.run.as_ref().is_some_and(|run| run.id == ended.id && run.end.is_none())) {
            container.finish(ended.end);
        }
    }

    fn probed(&self, outcome: Outcome) {
        let found = locked(&self.shared.state).containers.iter().position(|container| container.running().is_some_and(|running| running.setup.id == outcome.container_id));
        let Some(at) = found else { return };
        let (pod, path) = (self.pod(), self.with(at, |container| container.path()));
        if let Some(failure) = &outcome.failure {
            self.kubelet.container_event(&pod, &path, "Warning", "Unhealthy", &format!("{} probe failed: {failure}", outcome.kind.title()));
        }
        match (outcome.kind, outcome.verdict) {
            (_, None) => return,
            (Kind::Readiness, Some(ready)) => self.with(at, |container| container.ready = ready && container.started),
            (Kind::Startup, Some(true)) => self.with(at, |container| {
                container.started = true;
                container.ready = !container.spec["readinessProbe"].is_object();
            }),
            (Kind::Liveness, Some(true)) => return,
            (kind, Some(false)) => {
                let (name, running) = self.with(at, |container| {
                    container.killed = true;
                    (container.name().to_owned(), container.running().cloned())
                });
                let message = format!("Container {name} failed {} probe, will be restarted", kind.title().to_lowercase());
                self.kubelet.container_event(&pod, &path, "Normal", "Killing", &message);
                if let Some(running) = running {
                    let spec = self.with(at, |container| container.spec.clone());
                    let grace = spec[kind.field()]["terminationGracePeriodSeconds"].as_i64();
                    let kubelet = Arc::clone(&self.kubelet);
                    tokio::spawn(async move {
                        termination::stop(&kubelet, &pod, &path, &spec, &running, grace.unwrap_or_else(|| termination::grace_of(&pod))).await;
                    });
                }
                return;
            }
        }
        self.write(true);
    }

    /// Does what is to be done now, and says when to look again.
    async fn sync(&mut self) -> Option<Timestamp> {
        if locked(&self.shared.state).ended {
            return None;
        }
        let deadline = self.deadline();
        if deadline.is_some_and(|deadline| deadline <= self.now()) {
            let message = "Pod was active on the node longer than the specified deadline";
            self.kubelet.recorder.event(&self.pod(), "Normal", "DeadlineExceeded", message);
            locked(&self.shared.state).cause = Some(("DeadlineExceeded".into(), message.into()));
            self.stop_all(termination::grace_of(&self.pod())).await;
            self.end();
            return None;
        }
        if let Err(retry) = self.prepare().await {
            return Some(retry);
        }
        self.start_containers().await;
        self.write(true);
        if self.is_over() {
            self.kubelet.api.clock().sleep(self.kubelet.timing.notice).await;
            self.stop_all(termination::grace_of(&self.pod())).await;
            self.end();
            return None;
        }
        let retries = locked(&self.shared.state).containers.iter().filter_map(|container| container.retry_at).min();
        let refresh = self.refresh();
        [retries, deadline, refresh].into_iter().flatten().min()
    }

    fn deadline(&self) -> Option<Timestamp> {
        let state = locked(&self.shared.state);
        let seconds = state.pod["spec"]["activeDeadlineSeconds"].as_u64()?;
        let started: Timestamp = state.start_time.parse().ok()?;
        Some(started + Duration::from_secs(seconds))
    }

    /// Writes volumes again whose sources may have changed; when to do so next.
    fn refresh(&mut self) -> Option<Timestamp> {
        if !self.volumes.may_change() {
            return None;
        }
        let now = self.now();
        if now >= self.refreshed + REFRESH {
            let pod = self.pod();
            let ip = locked(&self.shared.state).address.map(|address| address.to_string()).unwrap_or_default();
            self.volumes.refresh(&self.kubelet, &pod, &ip);
            self.refreshed = now;
        }
        Some(self.refreshed + REFRESH)
    }

    /// Volumes and the sandbox. `Err`: they could not be had, and when to try again.
    async fn prepare(&mut self) -> Result<(), Timestamp> {
        if locked(&self.shared.state).sandbox == Sandbox::Ready {
            return Ok(());
        }
        let pod = self.pod();
        let clock = *self.kubelet.api.clock();
        clock.sleep(self.kubelet.timing.volumes).await;
        if let Err(error) = self.volumes.set_up(&self.kubelet, &pod, "") {
            let message = format!("MountVolume.SetUp failed for volume {:?} : {}", error.volume, error.why);
            self.kubelet.recorder.event(&pod, "Warning", "FailedMount", &message);
            self.write(false);
            let retry = self.mount_retry;
            // nestedpendingoperations: from 500 ms, doubled, to 2m2s.
            self.mount_retry = (retry * 2).min(Duration::from_secs(122));
            return Err(self.now() + if error.unsupported { Duration::from_secs(122) } else { retry });
        }
        clock.sleep(self.kubelet.timing.sandbox).await;
        let address = match pod["spec"]["hostNetwork"] == true {
            true => self.kubelet.address,
            false => self.kubelet.network.add_pod(self.kubelet.number, &self.shared.uid),
        };
        {
            let mut state = locked(&self.shared.state);
            state.address = Some(address);
            state.sandbox = Sandbox::Ready;
        }
        self.refreshed = clock.now();
        // What tells of the Pod's address could not be written before.
        self.volumes.refresh(&self.kubelet, &pod, &address.to_string());
        self.write(false);
        Ok(())
    }

    /// The Pod's address, once it has a sandbox.
    pub fn address(&self) -> IpAddr {
        locked(&self.shared.state).address.unwrap_or(self.kubelet.address)
    }

    /// Starts what should run and does not, in order: init containers one after the other, then the rest.
    async fn start_containers(&mut self) {
        let count = locked(&self.shared.state).containers.len();
        let policy = self.policy();
        for at in 0..count {
            let (role, running, ended) = self.with(at, |container| (container.role, container.is_running(), container.end().is_some()));
            match role {
                Role::Init => {
                    let has_begun = locked(&self.shared.state).containers.iter().any(|container| container.role == Role::Regular && container.run.is_some());
                    if has_begun || self.with(at, |container| container.succeeded()) {
                        continue;
                    }
                    if !running && (!ended || self.with(at, |container| container.should_restart(&policy))) {
                        self.try_start(at).await;
                    }
                    if self.with(at, |container| container.end().is_some_and(|end| end.code != 0) && !container.should_restart(&policy)) {
                        return;
                    }
                    // The next waits for the end of this one.
                    return;
                }
                Role::Sidecar => {
                    if !running {
                        self.try_start(at).await;
                    }
                    if !self.with(at, |container| container.started && container.is_running()) && self.with(at, |container| container.restarts == 0) {
                        return;
                    }
                }
                Role::Regular | Role::Ephemeral => {
                    if !running && (!ended || self.with(at, |container| container.should_restart(&policy))) {
                        self.try_start(at).await;
                    }
                }
            }
        }
    }

    /// Whether all containers have ended and none is started again.
    fn is_over(&self) -> bool {
        let policy = self.policy();
        let state = locked(&self.shared.state);
        let over = |container: &ContainerState| container.end().is_some() && !container.should_restart(&policy);
        let failed_init = state.containers.iter().any(|container| container.role == Role::Init && over(container) && !container.succeeded());
        failed_init || state.containers.iter().filter(|container| container.role == Role::Regular).all(over)
    }

    /// Containers that run now: place and container.
    pub fn running(&self) -> Vec<(usize, Arc<Container>)> {
        let state = locked(&self.shared.state);
        state.containers.iter().enumerate().filter_map(|(at, container)| container.running().map(|running| (at, Arc::clone(running)))).collect()
    }

    /// Notes that all is over, and tells it.
    fn end(&self) {
        {
            let mut state = locked(&self.shared.state);
            state.sandbox = Sandbox::Gone;
            state.ended = true;
            for container in &mut state.containers {
                container.retry_at = None;
            }
        }
        self.kubelet.network.remove_pod(&self.shared.uid);
        self.write(true);
    }

    fn kill_all(&self) {
        for (_, container) in self.running() {
            container.kill();
        }
    }

    /// Ends all containers in good order, the sidecars last, and notes how they ended.
    async fn stop_all(&self, grace: i64) {
        let pod = self.pod();
        for sidecars in [false, true] {
            let mut stopping = Vec::new();
            for (at, running) in self.running() {
                let (role, path, spec) = self.with(at, |container| (container.role, container.path(), container.spec.clone()));
                if (role == Role::Sidecar) != sidecars {
                    continue;
                }
                self.kubelet.container_event(&pod, &path, "Normal", "Killing", &format!("Stopping container {}", spec["name"].as_str().unwrap_or_default()));
                let kubelet = Arc::clone(&self.kubelet);
                let pod = pod.clone();
                stopping.push(async move {
                    termination::stop(&kubelet, &pod, &path, &spec, &running, grace).await;
                    (at, running)
                });
            }
            for (at, container) in futures::future::join_all(stopping).await {
                let code = container.wait().await;
                let end = termination::end_of(&container, &self.with(at, |state| state.spec.clone()), code, self.now());
                self.with(at, |state| {
                    if state.is_running() {
                        state.finish(end);
                    }
                });
            }
        }
    }

    /// Ends a Pod that is being deleted, and deletes it.
    async fn terminate(&self, inbox: &mut mpsc::UnboundedReceiver<Message>) {
        let pod = self.pod();
        let over = locked(&self.shared.state).ended;
        if !over {
            let waiting: Vec<usize> = {
                let state = locked(&self.shared.state);
                state.containers.iter().enumerate().filter(|(_, container)| container.run.is_none()).map(|(at, _)| at).collect()
            };
            for at in waiting {
                self.with(at, |container| {
                    container.waiting = None;
                    container.retry_at = None;
                });
            }
            self.write(true);
            let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or_else(|| termination::grace_of(&pod));
            let mut stopping = std::pin::pin!(self.stop_all(grace));
            loop {
                tokio::select! {
                    biased;
                    message = inbox.recv() => match message {
                        Some(Message::Update(pod)) => self.update(pod),
                        Some(Message::Removed) | None => {
                            self.kill_all();
                            return;
                        }
                    },
                    () = &mut stopping => break,
                }
            }
            self.kubelet.api.clock().sleep(self.kubelet.timing.notice).await;
            self.mark_lost();
            self.end();
        }
        let (namespace, name) = (pod["metadata"]["namespace"].as_str().unwrap_or_default(), pod["metadata"]["name"].as_str().unwrap_or_default());
        let options = crate::apiserver::DeleteOptions { grace_period_seconds: Some(0), uid: Some(self.shared.uid.clone()), ..Default::default() };
        // Somebody else may have been faster; finalizers may keep it: then it stays until they are gone.
        let _ = self.kubelet.api.delete("pods", namespace, name, &options);
        while let Some(message) = inbox.recv().await {
            match message {
                Message::Update(pod) => self.update(pod),
                Message::Removed => return,
            }
        }
    }

    /// Containers that never ran are told as lost when the Pod ends (kubelet_pods.go: ContainerStatusUnknown).
    fn mark_lost(&self) {
        let now = self.now();
        let mut state = locked(&self.shared.state);
        for container in state.containers.iter_mut().filter(|container| container.run.is_none() && container.role == Role::Regular) {
            container.lost(now);
        }
    }
}
