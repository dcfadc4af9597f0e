//! What no object tells has to be tried: a connection, a variable inside a container. The runner tries before the
//! step's first command and after it settled; a claim asks for what was seen.

use crate::snapshot::ObjectKey;

/// From where a connection is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// From a Pod.
    Inside,
    /// From outside the cluster, through what exposes the Service: a node port, a load balancer.
    Outside,
}

/// Something to try.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// Does a connection to the Service succeed?
    Reaches {
        /// The Service, by its name (no namespace: the lesson's own); `None` is the one Service of the lesson.
        service: Option<ObjectKey>,
        /// From where.
        from: Origin,
    },
}

/// The key of a Service as questions name it: whoever asks knows its name only.
pub(super) fn service(name: &str) -> ObjectKey {
    ObjectKey { kind: "Service".into(), namespace: None, name: name.into(), group: String::new() }
}

/// What was seen: before the step, and after it settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The answer before the step's first command.
    pub before: bool,
    /// The answer after the step settled.
    pub after: bool,
}

/// Holds the answers to questions.
pub trait Probe {
    /// What was seen; `None` where it was not tried, and the objects have to decide.
    fn seen(&self, question: &Question) -> Option<Seen>;
}

/// Nothing was tried.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProbes;

impl Probe for NoProbes {
    fn seen(&self, _: &Question) -> Option<Seen> {
        None
    }
}
