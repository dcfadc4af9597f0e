//! How a Pod ends: its containers in good order, its status, its deletion (kubelet.go: SyncTerminatingPod, SyncTerminatedPod).

use std::sync::Arc;

use tokio::sync::mpsc;

use super::conditions::Sandbox;
use super::container_state::Role;
use super::pod_worker::{Message, Worker};
use super::{locked, termination};
use crate::apiserver::DeleteOptions;

impl Worker {
    /// Notes that all is over, and tells it.
    pub fn end(&self) {
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

    /// Ends all containers at once.
    pub fn kill_all(&self) {
        for (_, container) in self.running() {
            container.kill();
        }
    }

    /// Ends all containers in good order, the sidecars last, and notes how they ended.
    pub async fn stop_all(&self, grace: i64) {
        let pod = self.pod();
        for sidecars in [false, true] {
            let mut stopping = Vec::new();
            for (at, running) in self.running() {
                let (role, path, spec) =
                    self.with(at, |container| (container.role, container.path(), container.spec.clone()));
                if (role == Role::Sidecar) != sidecars {
                    continue;
                }
                self.kubelet.container_event(
                    &pod,
                    &path,
                    "Normal",
                    "Killing",
                    &format!("Stopping container {}", spec["name"].as_str().unwrap_or_default()),
                );
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
    pub async fn terminate(&self, inbox: &mut mpsc::UnboundedReceiver<Message>) {
        let pod = self.pod();
        let over = locked(&self.shared.state).ended;
        if !over {
            let waiting: Vec<usize> = {
                let state = locked(&self.shared.state);
                state
                    .containers
                    .iter()
                    .enumerate()
                    .filter(|(_, container)| container.run.is_none())
                    .map(|(at, _)| at)
                    .collect()
            };
            for at in waiting {
                self.with(at, |container| {
                    container.waiting = None;
                    container.retry_at = None;
                });
            }
            self.write(true);
            let grace =
                pod["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or_else(|| termination::grace_of(&pod));
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
        let (namespace, name) = (
            pod["metadata"]["namespace"].as_str().unwrap_or_default(),
            pod["metadata"]["name"].as_str().unwrap_or_default(),
        );
        let options =
            DeleteOptions { grace_period_seconds: Some(0), uid: Some(self.shared.uid.clone()), ..Default::default() };
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
        for container in
            state.containers.iter_mut().filter(|container| container.run.is_none() && container.role == Role::Regular)
        {
            container.lost(now);
        }
    }
}
