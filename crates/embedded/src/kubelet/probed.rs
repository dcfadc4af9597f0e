//! What a worker makes of the outcomes of probes (prober/worker.go, kuberuntime_manager.go: computePodActions).

use std::sync::Arc;

use super::pod_worker::Worker;
use super::probes::{Kind, Outcome};
use super::{locked, termination};

impl Worker {
    /// Takes one outcome: an event where it failed, readiness, or the end of the container.
    pub fn probed(&self, outcome: Outcome) {
        let found = locked(&self.shared.state)
            .containers
            .iter()
            .position(|container| container.running().is_some_and(|running| running.setup.id == outcome.container_id));
        let Some(at) = found else { return };
        let (pod, path) = (self.pod(), self.with(at, |container| container.path()));
        if let Some(failure) = &outcome.failure {
            self.kubelet.container_event(
                &pod,
                &path,
                "Warning",
                "Unhealthy",
                &format!("{} probe failed: {failure}", outcome.kind.title()),
            );
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
                let message =
                    format!("Container {name} failed {} probe, will be restarted", kind.title().to_lowercase());
                self.kubelet.container_event(&pod, &path, "Normal", "Killing", &message);
                if let Some(running) = running {
                    let spec = self.with(at, |container| container.spec.clone());
                    let grace = spec[kind.field()]["terminationGracePeriodSeconds"].as_i64();
                    let kubelet = Arc::clone(&self.kubelet);
                    tokio::spawn(async move {
                        termination::stop(
                            &kubelet,
                            &pod,
                            &path,
                            &spec,
                            &running,
                            grace.unwrap_or_else(|| termination::grace_of(&pod)),
                        )
                        .await;
                    });
                }
                return;
            }
        }
        self.write(true);
    }
}
