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
use super::probes::Outcome;
use super::status::View;
use super::volumes::Volumes;
use super::{Kubelet, locked};
use crate::storage::Object;

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
    /// Its sandbox.
    pub sandbox: Sandbox,
    /// Its address, once it has a sandbox.
    pub address: Option<IpAddr>,
    /// When the kubelet took it.
    pub start_time: String,
    /// All of it has ended for good.
    pub ended: bool,
    /// A reason and a message that stand above those of containers.
    pub cause: Option<(String, String)>,
}

/// News of the Pod.
pub(super) enum Message {
    /// It was written.
    Update(Object),
    /// It is gone.
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
    pub mount_retry: Duration,
    pub refreshed: Timestamp,
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

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.kubelet.api.clock().now()
    }

    /// Looks at, or changes, one container.
    pub fn with<T>(&self, at: usize, look: impl FnOnce(&mut ContainerState) -> T) -> T {
        look(&mut locked(&self.shared.state).containers[at])
    }

    /// The Pod's restart policy.
    pub fn policy(&self) -> String {
        self.pod()["spec"]["restartPolicy"].as_str().unwrap_or("Always").to_owned()
    }

    async fn work(
        mut self,
        mut inbox: mpsc::UnboundedReceiver<Message>,
        mut ended: mpsc::UnboundedReceiver<Ended>,
        mut probed: mpsc::UnboundedReceiver<Outcome>,
    ) {
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
                    // What the kubelet ended itself, to start it again, is started again in the same breath.
                    if !self.finish(end) {
                        self.write(true);
                    }
                }
                Some(outcome) = probed.recv() => self.probed(outcome),
                () = clock.sleep(left.unwrap_or_default()), if left.is_some() => {}
            }
        }
    }

    fn is_deleted(&self) -> bool {
        self.pod()["metadata"]["deletionTimestamp"].is_string()
    }

    /// Takes the Pod as it was written.
    pub fn update(&self, pod: Object) {
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

    /// Notes the end of a run; whether the container is started again at once.
    fn finish(&self, ended: Ended) -> bool {
        let mut state = locked(&self.shared.state);
        let is_it = |container: &&mut ContainerState| {
            container.run.as_ref().is_some_and(|run| run.id == ended.id && run.end.is_none())
        };
        let Some(container) = state.containers.iter_mut().find(is_it) else { return false };
        container.finish(ended.end);
        container.restarts_at_once()
    }
}
