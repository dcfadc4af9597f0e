//! EndpointSlices (kubernetes: pkg/registry/discovery/endpointslice).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, Strategy, VERBS,
    fields::{default, items, items_mut, text},
    printer::{age, first_three, name},
    strategy::Generation,
};

struct EndpointSlices;

pub(super) fn resource() -> Resource {
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
        strategy: &EndpointSlices,
    }
}

impl Strategy for EndpointSlices {
    fn set_defaults(&self, slice: &mut Value) {
        for port in items_mut(slice, "ports") {
            default(port, "name", "");
            default(port, "protocol", "TCP");
        }
    }

    fn generation(&self) -> Generation {
        Generation::AllButMetadata
    }

    fn cells(&self, slice: &Value, now: Timestamp) -> Vec<Value> {
        let port = |port: &Value| match (&port["port"], text(&port["name"])) {
            (Value::Null, "") => "*".to_owned(),
            (Value::Null, name) => name.to_owned(),
            (number, _) => number.to_string(),
        };
        let ports: Vec<String> = items(slice, "ports").map(port).collect();
        let addresses = items(slice, "endpoints").flat_map(|endpoint| items(endpoint, "addresses"));
        let addresses: Vec<String> = addresses.map(|address| text(address).to_owned()).collect();
        vec![
            name(slice),
            slice["addressType"].clone(),
            json!(first_three(&ports, "<unset>")),
            json!(first_three(&addresses, "<unset>")),
            age(slice, now),
        ]
    }
}
