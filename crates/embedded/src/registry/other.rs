//! Resources of the smaller groups.

use super::{Resource, VERBS, strategy::Plain};

pub(super) fn resources() -> Vec<Resource> {
    vec![
        Resource {
            group: "discovery.k8s.io",
            version: "v1",
            kind: "EndpointSlice",
            plural: "endpointslices",
            singular: "endpointslice",
            short_names: &[],
            categories: &[],
            namespaced: true,
            verbs: VERBS,
            subresources: &[],
            strategy: &Plain,
        },
        Resource {
            group: "coordination.k8s.io",
            version: "v1",
            kind: "Lease",
            plural: "leases",
            singular: "lease",
            short_names: &[],
            categories: &[],
            namespaced: true,
            verbs: VERBS,
            subresources: &[],
            strategy: &Plain,
        },
    ]
}
