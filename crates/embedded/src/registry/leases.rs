//! Leases (kubernetes: pkg/registry/coordination/lease).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, Strategy, VERBS,
    fields::text,
    printer::{age, name},
};

struct Leases;

pub(super) fn resource() -> Resource {
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
        strategy: &Leases,
    }
}

impl Strategy for Leases {
    fn cells(&self, lease: &Value, now: Timestamp) -> Vec<Value> {
        vec![name(lease), json!(text(&lease["spec"]["holderIdentity"])), age(lease, now)]
    }
}
