//! Starting one container: back-off, image, creation, start, hook, probes (kuberuntime_container.go: startContainer).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::container_state::{End, Role, Run};
use super::create::PodContext;
use super::image_manager::Waiting;
use super::pod_worker::{Ended, Worker};
use super::{lifecycle, probes, termination};
use crate::runtime::command::StartError;
use crate::runtime::container::Container;

/// Exit code that containerd reports for what could not be started.
const CANNOT_START: i32 = 128;

/// What containerd says of a command that cannot be started, around runc's own words.
fn start_error(error: &StartError) -> String {
    format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {error}: unknown"
    )
}

/// A delay as the kubelet prints it: `10s`, `1m20s`, `5m0s`.
fn delay_text(delay: Duration) -> String {
    let seconds = delay.as_secs();
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

impl Worker {
    /// Tries to start a container; what keeps it from running is noted in it.
    pub async fn try_start(&self, at: usize) {
        let clock = *self.kubelet.api.clock();
        let now = clock.now();
        if self.with(at, |container| container.retry_at.is_some_and(|retry| now < retry)) {
            return;
        }
        let (path, spec) = self.with(at, |container| (container.path(), container.spec.clone()));
        let pod = self.pod();
        if let Some(end) = self.with(at, |container| container.end().map(|end| end.at)) {
            // The end is seen for a moment before anything is done about it.
            let pause = end + self.kubelet.timing.notice * 2;
            if now < pause && self.with(at, |container| !container.killed) {
                self.with(at, |container| container.retry_at = Some(pause));
                return;
            }
            if let Some((until, delay)) = self.with(at, |container| container.back_off(now)) {
                self.announce_back_off(at, until, delay);
                return;
            }
            self.with(at, |container| container.restarts_now(now));
        }
        let event =
            |kind: &str, reason: &str, message: &str| self.kubelet.container_event(&pod, &path, kind, reason, message);
        let mut pulls = self.with(at, |container| container.pulls.clone());
        let pulled = self.kubelet.ensure_image(&pod, &path, &spec, &mut pulls).await;
        let next_pull = pulls.until();
        self.with(at, |container| container.pulls = pulls);
        let image = match pulled {
            Ok(image) => image,
            Err(waiting) => {
                event("Warning", "Failed", &format!("Error: {}", waiting.reason));
                let soon = clock.now() + self.kubelet.timing.notice * 2;
                let later = clock.now() + self.kubelet.timing.retry;
                let retry = match (waiting.reason.as_str(), next_pull) {
                    ("ErrImagePull", _) => soon,
                    ("ImagePullBackOff", Some(next)) => later.min(next),
                    _ => later,
                };
                self.wait_with(at, waiting, retry);
                return;
            }
        };
        let names = (image.reference.full(), image.id());
        let context = PodContext { pod: &pod, address: self.address(), volumes: &self.volumes };
        let container = match self.kubelet.create(&context, &spec, image) {
            Ok(container) => container,
            Err((reason, message)) => {
                event("Warning", "Failed", &format!("Error: {message}"));
                self.wait_with(at, Waiting { reason: reason.into(), message }, clock.now() + self.kubelet.timing.retry);
                return;
            }
        };
        clock.sleep(self.kubelet.timing.start).await;
        event("Normal", "Created", "Container created");
        let started = container.start();
        let started_at = started.is_ok().then(|| clock.now());
        let run = Run {
            id: container.setup.id.clone(),
            container: Some(Arc::clone(&container)),
            image: names,
            started_at,
            end: None,
        };
        self.with(at, |state| state.begin(run));
        if let Err(error) = started {
            let message = start_error(&error);
            event("Warning", "Failed", &format!("Error: {message}"));
            container.log.close();
            let end = End {
                at: clock.now(),
                code: CANNOT_START,
                reason: "StartError".into(),
                message: Some(message.clone()),
            };
            let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
            self.with(at, |state| {
                state.finish(end);
                if state.should_restart(policy) {
                    state.waiting = Some(Waiting { reason: "RunContainerError".into(), message });
                }
            });
            return;
        }
        event("Normal", "Started", "Container started");
        self.tell_end_of(at, &container);
        let hook = &spec["lifecycle"]["postStart"];
        if hook.is_object()
            && let Err(message) = lifecycle::run(&container, &pod, &spec, hook).await
        {
            event("Warning", "FailedPostStartHook", "PostStartHook failed");
            event("Normal", "Killing", "FailedPostStartHook");
            let grace = termination::grace_of(&pod);
            termination::stop(&self.kubelet, &pod, &path, &spec, &container, grace).await;
            let end = termination::end_of(&container, &spec, container.wait().await, clock.now());
            self.with(at, |state| {
                state.finish(end);
                state.waiting = Some(Waiting { reason: "PostStartHookError".into(), message });
            });
            return;
        }
        if self.with(at, |state| state.role) != Role::Init {
            let probing = probes::start(&container, &spec, &self.probed_to);
            self.with(at, |state| state.probing = probing);
        }
    }

    fn wait_with(&self, at: usize, waiting: Waiting, retry: Timestamp) {
        self.with(at, |container| {
            container.waiting = Some(waiting);
            container.retry_at = Some(retry);
        });
    }

    fn announce_back_off(&self, at: usize, until: Timestamp, delay: Duration) {
        let pod = self.pod();
        let whole_name = lifecycle::whole_name(&pod);
        let (path, name) = self.with(at, |container| (container.path(), container.name().to_owned()));
        self.kubelet.container_event(
            &pod,
            &path,
            "Warning",
            "BackOff",
            &format!("Back-off restarting failed container {name} in pod {whole_name}"),
        );
        let message = format!("back-off {} restarting failed container={name} pod={whole_name}", delay_text(delay));
        let later = self.kubelet.api.clock().now() + self.kubelet.timing.retry;
        self.wait_with(at, Waiting { reason: "CrashLoopBackOff".into(), message }, until.min(later));
    }

    /// Tells the worker when the container has ended, a moment later.
    fn tell_end_of(&self, at: usize, container: &Arc<Container>) {
        let (container, to) = (Arc::clone(container), self.ended_to.clone());
        let spec = self.with(at, |state| state.spec.clone());
        let notice = self.kubelet.timing.notice;
        tokio::spawn(async move {
            let clock = container.setup.clock;
            let code = container.wait().await;
            let end = termination::end_of(&container, &spec, code, clock.now());
            clock.sleep(notice).await;
            // A worker that has ended knows already.
            let _ = to.send(Ended { id: container.setup.id.clone(), end });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_printed_as_go_does() {
        let texts: Vec<String> = [10, 80, 300].map(|seconds| delay_text(Duration::from_secs(seconds))).into();
        assert_eq!(texts, ["10s", "1m20s", "5m0s"]);
    }
}
