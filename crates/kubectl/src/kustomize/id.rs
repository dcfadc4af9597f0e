//! Which object is which: group, version, kind, name, namespace (kyaml: resid).

use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

static CLUSTER_SCOPED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("data/cluster-scoped.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// The namespace of what has none.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// Group, version and kind; an empty part of a selector means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Gvk {
    pub group: String,
    pub version: String,
    pub kind: String,
}

impl Gvk {
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }
    /// What an object says that it is.
    pub fn of(object: &Value) -> Self {
        Gvk::new(&scalar(&object["apiVersion"]), &scalar(&object["kind"]))
    }
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
    /// It is known to live outside of namespaces; unknown kinds are taken to live in them.
    pub fn is_cluster_scoped(&self) -> bool {
        CLUSTER_SCOPED.contains(format!("{} {}", self.api_version(), self.kind).as_str())
    }
    pub fn is_selected(&self, selector: &Gvk) -> bool {
        let fits = |have: &str, want: &str| want.is_empty() || have == want;
        fits(&self.group, &selector.group) && fits(&self.version, &selector.version) && fits(&self.kind, &selector.kind)
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &'static str, part: &str| if part.is_empty() { text.to_string() } else { part.to_string() };
        let (kind, version) = (or("[noKind]", &self.kind), or("[noVer]", &self.version));
        write!(f, "{kind}.{version}.{}", or("[noGrp]", &self.group))
    }
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ResId {
    #[serde(flatten)]
    pub gvk: Gvk,
    pub name: String,
    pub namespace: String,
}

impl ResId {
    pub fn new(gvk: Gvk, name: &str, namespace: &str) -> Self {
        ResId { gvk, name: name.into(), namespace: namespace.into() }
    }
    pub fn effective_namespace(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.gvk.is_cluster_scoped() => NO_NAMESPACE,
            "" => "default",
            other => other,
        }
    }
    pub fn is_same_namespace(&self, other: &ResId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }
    /// The same object: an absent namespace is `default`.
    pub fn equals(&self, other: &ResId) -> bool {
        self.gvk == other.gvk && self.name == other.name && self.is_same_namespace(other)
    }
    pub fn is_selected_by(&self, selector: &ResId) -> bool {
        (selector.name.is_empty() || selector.name == self.name)
            && (selector.namespace.is_empty() || selector.is_same_namespace(self))
            && self.gvk.is_selected(&selector.gvk)
    }
    /// Go's `%#v`.
    pub fn go_syntax(&self) -> String {
        let Gvk { group, version, kind } = &self.gvk;
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{group:?}, Version:{version:?}, Kind:{kind:?}, isClusterScoped:{}}}, Name:{:?}, Namespace:{:?}}}",
            self.gvk.is_cluster_scoped(),
            self.name,
            self.namespace
        )
    }
}

impl fmt::Display for ResId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { "[noName]" } else { &self.name };
        let namespace = if self.namespace.is_empty() { "[noNs]" } else { &self.namespace };
        write!(f, "{}/{name}.{namespace}", self.gvk)
    }
}

/// A scalar as it stands in YAML; empty for anything else.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(bool) => bool.to_string(),
        _ => String::new(),
    }
}
