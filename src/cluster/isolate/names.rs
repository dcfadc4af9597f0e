//! Namespaces by two names: the one that a lesson uses, and the one that they really have.

use serde_json::{Value, json};
use std::borrow::Cow;

/// What the lesson calls its own namespace.
pub(super) const DEFAULT: &str = "default";

/// Namespaces that every cluster has beside `default`; a lesson sees them as they are.
pub(super) const SYSTEM: &[&str] = &["kube-node-lease", "kube-public", "kube-system"];

/// Label of all that a run makes, with the value [`MANAGER`].
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// See [`MANAGED_BY`].
pub const MANAGER: &str = "kubectl-lesson";
/// Label with the real name of the lesson's namespace, on all that the run made.
pub const RUN: &str = "kubectl-lesson/run";
/// Annotation: when `cleanup` may remove it, RFC 3339.
pub const EXPIRES: &str = "kubectl-lesson/expires";

/// Annotation: `host:pid` of the process that made it.
pub const OWNER: &str = "kubectl-lesson/owner";

/// Between a namespace's name and that of the lesson that made it.
const OF: &str = "-of-";

/// The names of one lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The namespace that the lesson sees as `default`. No answer of the cluster contains this text by chance.
    real: String,
    /// What ends the real name of a namespace that the lesson made: `-of-` and the above.
    suffix: String,
    expires: String,
    owner: String,
}

impl Names {
    /// For a namespace of this name that expires then (RFC 3339), made by this process (`host:pid`).
    pub fn new(real: impl Into<String>, expires: impl Into<String>, owner: impl Into<String>) -> Self {
        let real = real.into();
        Names { suffix: format!("{OF}{real}"), real, expires: expires.into(), owner: owner.into() }
    }

    /// The real name of the namespace that is seen as `default`.
    pub fn real(&self) -> &str {
        &self.real
    }

    pub(super) fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The real name of a namespace as the lesson calls it.
    pub fn to_real<'a>(&'a self, shown: &'a str) -> Cow<'a, str> {
        if shown == DEFAULT {
            Cow::Borrowed(&self.real)
        } else if shown.is_empty() || SYSTEM.contains(&shown) {
            Cow::Borrowed(shown)
        } else {
            Cow::Owned(format!("{shown}{}", self.suffix))
        }
    }

    /// What the lesson calls a namespace; `None`: it does not see it.
    pub fn to_shown<'a>(&self, real: &'a str) -> Option<&'a str> {
        if real == self.real {
            Some(DEFAULT)
        } else if SYSTEM.contains(&real) {
            Some(real)
        } else {
            real.strip_suffix(&self.suffix)
        }
    }

    /// Whether this run made the object.
    pub fn owns(&self, object: &Value) -> bool {
        object["metadata"]["labels"][RUN] == self.real.as_str()
    }

    /// Marks an object that is about to be created as this run's.
    pub fn mark(&self, object: &mut Value) {
        let metadata = &mut object["metadata"];
        for (map, name, value) in [
            ("labels", MANAGED_BY, MANAGER),
            ("labels", RUN, &self.real),
            ("annotations", EXPIRES, &self.expires),
            ("annotations", OWNER, &self.owner),
        ] {
            if !metadata[map].is_object() {
                metadata[map] = json!({});
            }
            metadata[map][name] = json!(value);
        }
    }

    /// Takes the marks away again.
    pub(super) fn unmark(object: &mut Value) {
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        for (map, ours) in [("labels", &[MANAGED_BY, RUN][..]), ("annotations", &[EXPIRES, OWNER])] {
            let Some(entries) = metadata.get_mut(map).and_then(Value::as_object_mut) else {
                continue;
            };
            entries.retain(|name, value| !ours.contains(&name.as_str()) || (name == MANAGED_BY && value != MANAGER));
            if entries.is_empty() {
                metadata.remove(map);
            }
        }
    }
}
