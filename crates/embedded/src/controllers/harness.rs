//! What all controllers share: watches that turn events into keys, a queue, and a worker.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
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
    Status(Box<Status>),
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

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

/// Names of resources, for [`Controller::watches`].
pub fn resources(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
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
    fn watches(&self) -> Vec<String>;

    /// The keys to look at after an event of a resource.
    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Self::Key>;

    /// How long to wait before keys of such an event are looked at, so that several changes are seen as one.
    fn batch_period(&self, _resource: &str, _event: &Event) -> Duration {
        Duration::ZERO
    }

    /// Makes the world be as the object of this key wants it; asks to be called again after the time that it returns.
    fn reconcile(&mut self, key: &Self::Key) -> Result<Option<Duration>, Error>;
}

/// Starts a controller.
pub fn spawn(controller: impl Controller, api: &Api, tasks: &mut JoinSet<()>) {
    tasks.spawn(run(controller, api.clone()));
}

async fn run<C: Controller>(mut controller: C, api: Api) {
    let mut queue = WorkQueue::new(*api.clock());
    let mut watches = Watches::new(&api, controller.watches());
    loop {
        tokio::select! {
            biased;
            (resource, event) = watches.next() => {
                let delay = controller.batch_period(&resource, &event);
                for key in controller.keys(&resource, &event) {
                    if delay.is_zero() {
                        queue.add(key);
                    } else {
                        queue.add_after(key, delay);
                    }
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

/// Watches of several resources, which never end.
pub struct Watches {
    api: Api,
    resources: Vec<(Arc<str>, Option<Watch>)>,
}

impl Watches {
    /// Watches resources, beginning with what is there. One that the cluster does not have has no events.
    pub fn new(api: &Api, resources: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let resources = resources.into_iter().map(|name| (Arc::from(name.as_ref()), None)).collect();
        Self { api: api.clone(), resources }
    }

    /// The next event, and the resource that it is of. Of several that wait, the first resource's comes first.
    pub async fn next(&mut self) -> (Arc<str>, Event) {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<(Arc<str>, Event)> {
        for (name, watch) in &mut self.resources {
            loop {
                let Some(open) = watch else {
                    match self.api.watch(name, None, Since::InitialEvents) {
                        Ok(open) => *watch = Some(open),
                        Err(_) => break,
                    }
                    continue;
                };
                match Pin::new(open).poll_next(context) {
                    Poll::Ready(Some(event)) => return Poll::Ready((name.clone(), event)),
                    // History was too short: begin anew.
                    Poll::Ready(None) => *watch = None,
                    Poll::Pending => break,
                }
            }
        }
        Poll::Pending
    }
}
