//! Pulling images (images/image_manager.go): policies, events, and the delays between attempts.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::timing::{FIRST_BACK_OFF, MOST_BACK_OFF};
use super::{Kubelet, locked, node};
use crate::runtime::image::{self, Image};
use crate::runtime::reference::Reference;

/// What a container waits for, as its status says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `ErrImagePull`, `CreateContainerConfigError`, …
    pub reason: String,
    /// What went wrong.
    pub message: String,
}

/// The memory of one container's failed pulls.
#[derive(Clone, Debug, Default)]
pub struct PullBackOff {
    delay: Option<Duration>,
    failed_at: Option<Timestamp>,
    last_error: String,
}

impl PullBackOff {
    /// When the next pull may be tried.
    pub fn until(&self) -> Option<Timestamp> {
        Some(self.failed_at? + self.delay?)
    }

    fn failed(&mut self, now: Timestamp, error: String) {
        self.delay = Some(self.delay.map_or(FIRST_BACK_OFF, |delay| (delay * 2).min(MOST_BACK_OFF)));
        self.failed_at = Some(now);
        self.last_error = error;
    }
}

/// A duration as Go prints it, in whole milliseconds: `1.234s`, `15ms`.
fn go_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds < 1000 {
        return format!("{milliseconds}ms");
    }
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let seconds = format!("{}.{:03}", rest / 1000, rest % 1000);
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    if minutes > 0 { format!("{minutes}m{seconds}s") } else { format!("{seconds}s") }
}

impl Kubelet {
    /// Records an event about a container of a Pod.
    pub fn container_event(&self, pod: &Value, path: &str, kind: &str, reason: &str, message: &str) {
        self.recorder.event_in(pod, path, kind, reason, message);
    }

    /// Makes sure that a container's image is on the node.
    ///
    /// # Errors
    /// What the container waits for when it is not.
    pub async fn ensure_image(
        &self,
        pod: &Value,
        path: &str,
        container: &Value,
        memory: &mut PullBackOff,
    ) -> Result<Image, Waiting> {
        let asked = container["image"].as_str().unwrap_or_default();
        let event = |kind: &str, reason: &str, message: &str| self.container_event(pod, path, kind, reason, message);
        let Some(reference) = Reference::parse(asked) else {
            let message = format!(
                "Failed to apply default image tag {asked:?}: couldn't parse image name {asked:?}: invalid reference format"
            );
            event("Warning", "InspectFailed", &message);
            return Err(Waiting { reason: "InvalidImageName".into(), message });
        };
        let name = reference.full();
        let present = locked(&self.images).contains(&name);
        let policy = container["imagePullPolicy"].as_str().unwrap_or("IfNotPresent");
        if policy == "Never" && !present {
            let message = format!("Container image {asked:?} is not present with pull policy of Never");
            event("Warning", "ErrImageNeverPull", &message);
            return Err(Waiting { reason: "ErrImageNeverPull".into(), message });
        }
        if policy != "Always" && present {
            event(
                "Normal",
                "Pulled",
                &format!("Container image {asked:?} already present on machine and can be accessed by the pod"),
            );
            return image::find(&reference)
                .map_err(|error| Waiting { reason: "ErrImagePull".into(), message: error.to_string() });
        }
        let clock = self.api.clock();
        if memory.until().is_some_and(|until| clock.now() < until) {
            let message = format!("Back-off pulling image {asked:?}");
            event("Normal", "BackOff", &message);
            return Err(Waiting {
                reason: "ImagePullBackOff".into(),
                message: format!("{message}: ErrImagePull: {}", memory.last_error),
            });
        }
        event("Normal", "Pulling", &format!("Pulling image {asked:?}"));
        let started = clock.now();
        clock.sleep(self.timing.resolve).await;
        match image::find(&reference) {
            Ok(image) => {
                if !present {
                    clock.sleep(self.timing.megabyte.mul_f64(image.description.megabytes)).await;
                }
                let took = go_duration(clock.now().duration_since(started).try_into().unwrap_or_default());
                event(
                    "Normal",
                    "Pulled",
                    &format!(
                        "Successfully pulled image {asked:?} in {took} ({took} including waiting). Image size: {} bytes.",
                        image.bytes()
                    ),
                );
                *memory = PullBackOff::default();
                self.keep(&image);
                Ok(image)
            }
            Err(error) => {
                let message =
                    format!("failed to pull and unpack image {name:?}: failed to resolve reference {name:?}: {error}");
                event("Warning", "Failed", &format!("Failed to pull image {asked:?}: {message}"));
                memory.failed(clock.now(), message.clone());
                Err(Waiting { reason: "ErrImagePull".into(), message })
            }
        }
    }

    /// Notes that an image is on the node now.
    fn keep(&self, image: &Image) {
        if !locked(&self.images).insert(image.reference.full()) {
            return;
        }
        let mut held: Vec<(u64, Value)> = locked(&self.images)
            .iter()
            .filter_map(|name| image::find(&Reference::parse(name)?).ok())
            .map(|image| {
                (image.bytes(), json!({"names": [image.id(), image.reference.full()], "sizeBytes": image.bytes()}))
            })
            .collect();
        held.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        let images: Vec<Value> = held.into_iter().take(50).map(|(_, image)| image).collect();
        node::report_images(self, &images);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_printed_as_go_does() {
        assert_eq!(go_duration(Duration::from_millis(15)), "15ms");
        assert_eq!(go_duration(Duration::from_millis(20_070)), "20.07s");
        assert_eq!(go_duration(Duration::from_secs(62)), "1m2s");
    }

    #[test]
    fn delays_double_to_five_minutes() {
        let mut memory = PullBackOff::default();
        let delays: Vec<u64> = (0..7)
            .map(|_| {
                memory.failed(Timestamp::UNIX_EPOCH, "x".into());
                memory.delay.unwrap().as_secs()
            })
            .collect();
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300]);
    }
}
