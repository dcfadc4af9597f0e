//! Resources of the group `apps`.

use super::{Resource, SCALE, STATUS, Subresource, VERBS, strategy::Plain};

fn resource(
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short_names: &'static [&'static str],
    subresources: &'static [Subresource],
) -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind,
        plural,
        singular,
        short_names,
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources,
        strategy: &Plain,
    }
}

pub(super) fn resources() -> Vec<Resource> {
    vec![
        resource(
            "Deployment",
            "deployments",
            "deployment",
            &["deploy"],
            &[STATUS, SCALE],
        ),
        resource(
            "ReplicaSet",
            "replicasets",
            "replicaset",
            &["rs"],
            &[STATUS, SCALE],
        ),
        resource(
            "ControllerRevision",
            "controllerrevisions",
            "controllerrevision",
            &[],
            &[],
        ),
    ]
}
