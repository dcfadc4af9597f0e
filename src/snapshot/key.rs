//! What identifies an object while it has the same name: group, kind, namespace, name. Not the version: `apps/v1` and
//! `apps/v1beta1` show the same object. Whether it is the *same* object over time is its uid's business.

use serde_json::Value;
use std::fmt;

/// Group, kind, namespace and name of an object. Shown as `Kind/name`, as in messages to a learner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Kind, as in manifests: `Deployment`.
    pub kind: String,
    /// Namespace; `None` for what has none (Node, Namespace, PersistentVolume, ClusterRole, …).
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
    /// API group, without version: `apps`; empty for the core group.
    pub group: String,
}

impl ObjectKey {
    /// The key of an object as the API server shows it; `None` where kind or name is missing.
    pub fn of(object: &Value) -> Option<Self> {
        let text = |v: &Value| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned);
        let metadata = &object["metadata"];
        let version = object["apiVersion"].as_str().unwrap_or("v1");
        Some(Self {
            kind: text(&object["kind"])?,
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"])?,
            group: version.rsplit_once('/').map(|(group, _)| group.to_owned()).unwrap_or_default(),
        })
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}
