//! What all controllers share: watches that turn events into keys, a queue, and a worker.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use tokio::task::JoinSet;

use super::queue::WorkQueue;
use crate::{
    apiserver::{Api, Since, Status},
    storage::{Event, Watch},
};

/// Why a reconciliation failed. The key is tried again later.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The API refused a write.
    #[error(transparent)]
    Status(#[from] Status),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// The namespace (empty for what belongs to the cluster) and the name of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// A key.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The key of an object.
    pub fn of(object: &serde_json::Value) -> Self {
        Self::new(super::object::namespace(object), super::object::name(object))
    }
}

/// A control loop.
///
/// It reads the API itself, never a cache, so it is never behind its own writes: what upstream's expectations guard against
/// cannot happen here.
pub trait Controller: Send + 'static {
    /// What the queue holds.
    type Key: Ord + Clone + Send + Sync;

    /// The resources whose events concern it.
    fn watches(&self) -> &'static [&'static str];

    /// The keys to look at after an event of a resource.
    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Self::Key>;

    /// Makes the world be as the object of this key wants it; asks to be called again after the time that it returns.
    fn reconcile(&mut self, key: &Self::Key) -> Result<Option<Duration>, Error>;
}

/// Starts a controller.
pub fn spawn(controller: impl Controller, api: &Api, tasks: &mut JoinSet<()>) {
    tasks.spawn(run(controller, api.clone()));
}

async fn run<C: Controller>(mut controller: C, api: Api) {
    let mut queue = WorkQueue::new(*api.clock());
    let mut watches: Vec<Resource> = controller.watches().iter().map(|name| Resource::new(name)).collect();
    loop {
        tokio::select! {
            biased;
            (resource, event) = poll_fn(|context| poll_watches(&mut watches, &api, context)) => {
                for key in controller.keys(resource, &event) {
                    queue.add(key);
                }
            }
            () = queue.wait() => {
                if let Some(key) = queue.pop() {
                    match controller.reconcile(&key) {
                        Ok(again) => {
                            queue.forget(&key);
                            if let Some(delay) = again {
                                queue.add_after(key, delay);
                            }
                        }
                        Err(_) => queue.add_rate_limited(key),
                    }
                }
                // Others see each step of a rollout, as they would with a network in between.
                tokio::task::yield_now().await;
            }
        }
    }
}

/// A watched resource. The watch is opened when it is first polled, and again when history was too short for it.
struct Resource {
    name: &'static str,
    watch: Option<Watch>,
}

impl Resource {
    fn new(name: &'static str) -> Self {
        Self { name, watch: None }
    }
}

/// The next event of any resource; the first resource that has one comes first.
fn poll_watches(resources: &mut [Resource], api: &Api, context: &mut Context<'_>) -> Poll<(&'static str, Event)> {
    for resource in resources {
        loop {
            let Some(watch) = &mut resource.watch else {
                match api.watch(resource.name, None, Since::InitialEvents) {
                    Ok(watch) => resource.watch = Some(watch),
                    // A resource that this cluster does not have has no events.
                    Err(_) => break,
                }
                continue;
            };
            match Pin::new(watch).poll_next(context) {
                Poll::Ready(Some(event)) => return Poll::Ready((resource.name, event)),
                Poll::Ready(None) => resource.watch = None,
                Poll::Pending => break,
            }
        }
    }
    Poll::Pending
}
