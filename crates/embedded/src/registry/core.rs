//! Resources of the core group.

use super::{Resource, STATUS, Subresource, VERBS, strategy::Plain};

fn resource(
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short_names: &'static [&'static str],
    namespaced: bool,
    subresources: &'static [Subresource],
) -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind,
        plural,
        singular,
        short_names,
        categories: &[],
        namespaced,
        verbs: VERBS,
        subresources,
        strategy: &Plain,
    }
}

pub(super) fn resources() -> Vec<Resource> {
    vec![
        resource("Namespace", "namespaces", "namespace", &["ns"], false, &[STATUS]),
        resource("Node", "nodes", "node", &["no"], false, &[STATUS]),
        resource("Pod", "pods", "pod", &["po"], true, &[STATUS]),
        resource("Service", "services", "service", &["svc"], true, &[STATUS]),
        resource("Endpoints", "endpoints", "endpoints", &["ep"], true, &[]),
        resource("ConfigMap", "configmaps", "configmap", &["cm"], true, &[]),
        resource("Secret", "secrets", "secret", &[], true, &[]),
        resource(
            "ServiceAccount",
            "serviceaccounts",
            "serviceaccount",
            &["sa"],
            true,
            &[],
        ),
        resource("Event", "events", "event", &["ev"], true, &[]),
    ]
}
