//! What a lesson may change on a cluster that is not its own alone: data.

use super::names::{DEFAULT, SYSTEM};
use super::target::Target;
use http::Method;
use serde_json::{Value, json};

/// What was allowed beyond the rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Nodes may be labelled, tainted, cordoned and drained.
    pub nodes: bool,
}

/// May this request go through?
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    Allow,
    /// When the object was created by this run.
    IfOwn,
    /// With this Status.
    Refuse(Value),
}

/// Groups of questions to the API: they are posted, and change nothing.
const QUESTIONS: &[&str] = &["authentication.k8s.io", "authorization.k8s.io"];

/// Cluster-scoped resources that a lesson may create; it may change and delete its own, and they are removed at its end.
const OWN: &[(&str, &str)] = &[
    ("", "persistentvolumes"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("gateway.networking.k8s.io", "gatewayclasses"),
    ("networking.k8s.io", "ingressclasses"),
    ("node.k8s.io", "runtimeclasses"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("storage.k8s.io", "storageclasses"),
    ("storage.k8s.io", "volumeattributesclasses"),
];

/// Paths of the resources that [`OWN`] names, for who removes what a lesson created.
pub(in crate::cluster) fn own_resources() -> impl Iterator<Item = (&'static str, &'static str)> {
    OWN.iter().copied()
}

/// Whether objects of this resource bear the marks of the run that created them.
pub(super) fn is_marked(target: &Target) -> bool {
    target.is_namespace() || OWN.contains(&(target.group(), target.resource.as_str()))
}

/// Whether the request asks the API something by a POST.
pub(super) fn is_question(target: &Target) -> bool {
    QUESTIONS.contains(&target.group())
}

/// Decides by method and target alone.
pub(super) fn decide(target: &Target, permissions: &Permissions) -> Decision {
    let reads = matches!(target.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let runs = matches!(target.subresource.as_deref(), Some("exec" | "attach" | "portforward"));
    if is_question(target) || (reads && !runs) {
        return Decision::Allow;
    }
    if let Some(namespace) = &target.namespace {
        return if SYSTEM.contains(&namespace.as_str()) {
            Decision::Refuse(refuse(
                target,
                &format!("namespace {namespace} belongs to the cluster, not to the lesson"),
            ))
        } else {
            Decision::Allow
        };
    }
    if target.is_namespace() {
        return namespace(target);
    }
    if target.resource == "nodes" && target.group().is_empty() {
        return if permissions.nodes {
            Decision::Allow
        } else {
            let why = "a lesson does not change the nodes of a cluster that others use; --allow-nodes lets it, \
                       and on the embedded cluster nodes are the lesson's own";
            Decision::Refuse(refuse(target, why))
        };
    }
    if !OWN.contains(&(target.group(), target.resource.as_str())) {
        let why =
            "it would change the whole cluster, and not only for the lesson; run the lesson on the embedded cluster";
        return Decision::Refuse(refuse(target, why));
    }
    if target.name.is_none() {
        // All of them at once would take those of others too.
        return if target.method == Method::POST { Decision::Allow } else { Decision::Refuse(not_the_lessons(target)) };
    }
    Decision::IfOwn
}

/// Namespaces: the lesson's are told from others by their real names alone.
fn namespace(target: &Target) -> Decision {
    let Some(name) = target.name.as_deref() else {
        return if target.method == Method::POST { Decision::Allow } else { Decision::Refuse(not_the_lessons(target)) };
    };
    let protected = name == DEFAULT || SYSTEM.contains(&name);
    if protected && target.method == Method::DELETE {
        // apiserver: plugin/pkg/admission/namespace/lifecycle
        return Decision::Refuse(refuse(target, "this namespace may not be deleted"));
    }
    if SYSTEM.contains(&name) {
        return Decision::Refuse(not_the_lessons(target));
    }
    Decision::Allow
}

/// The refusal to change what the lesson did not create.
pub(super) fn not_the_lessons(target: &Target) -> Value {
    refuse(target, "the lesson did not create it, and changes nothing else on a cluster that others use")
}

/// `apierrors.NewForbidden`.
fn refuse(target: &Target, why: &str) -> Value {
    let group = target.group();
    let resource = if group.is_empty() { target.resource.clone() } else { format!("{}.{group}", target.resource) };
    let name = target.name.as_deref().unwrap_or_default();
    // Upstream prints an empty name too; a learner has no use for it.
    let named = if name.is_empty() { resource } else { format!("{resource} {name:?}") };
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": format!("{named} is forbidden: {why}"),
        "reason": "Forbidden",
        "details": {"name": name, "group": group, "kind": target.resource},
        "code": 403
    })
}
