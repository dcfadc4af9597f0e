//! What a worker does for its Pod when it looks: volumes, sandbox, containers in their order (kubelet.go: SyncPod; kuberuntime_manager.go).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::conditions::Sandbox;
use super::container_state::{ContainerState, Role};
use super::pod_worker::Worker;
use super::{locked, termination};
use crate::runtime::container::Container;

/// How often volumes made from ConfigMaps and Secrets are written again (kubelet: syncFrequency, and what its caches add).
const REFRESH: Duration = Duration::from_secs(60);

impl Worker {
    /// Does what is to be done now, and says when to look again.
    pub async fn sync(&mut self) -> Option<Timestamp> {
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
            let (role, running, ended) =
                self.with(at, |container| (container.role, container.is_running(), container.end().is_some()));
            match role {
                Role::Init => {
                    let has_begun = locked(&self.shared.state)
                        .containers
                        .iter()
                        .any(|container| container.role == Role::Regular && container.run.is_some());
                    if has_begun || self.with(at, |container| container.succeeded()) {
                        continue;
                    }
                    if !running && (!ended || self.with(at, |container| container.should_restart(&policy))) {
                        self.try_start(at).await;
                    }
                    if self.with(at, |container| {
                        container.end().is_some_and(|end| end.code != 0) && !container.should_restart(&policy)
                    }) {
                        return;
                    }
                    // The next waits for the end of this one.
                    return;
                }
                Role::Sidecar => {
                    if !running {
                        self.try_start(at).await;
                    }
                    if !self.with(at, |container| container.started && container.is_running())
                        && self.with(at, |container| container.restarts == 0)
                    {
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
        let failed_init = state
            .containers
            .iter()
            .any(|container| container.role == Role::Init && over(container) && !container.succeeded());
        failed_init || state.containers.iter().filter(|container| container.role == Role::Regular).all(over)
    }

    /// Containers that run now: place and container.
    pub fn running(&self) -> Vec<(usize, Arc<Container>)> {
        let state = locked(&self.shared.state);
        state
            .containers
            .iter()
            .enumerate()
            .filter_map(|(at, container)| container.running().map(|running| (at, Arc::clone(running))))
            .collect()
    }
}
