//! Endpoints (kubernetes: pkg/registry/core/endpoint).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, Strategy, VERBS,
    fields::{default, items, items_mut, text},
    printer::{age, first_three, name},
};

struct Endpoints;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Endpoints",
        plural: "endpoints",
        singular: "endpoints",
        short_names: &["ep"],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &Endpoints,
    }
}

impl Strategy for Endpoints {
    fn set_defaults(&self, endpoints: &mut Value) {
        for subset in items_mut(endpoints, "subsets") {
            items_mut(subset, "ports").for_each(|port| default(port, "protocol", "TCP"));
        }
    }

    fn cells(&self, endpoints: &Value, now: Timestamp) -> Vec<Value> {
        let mut list = Vec::new();
        for subset in items(endpoints, "subsets") {
            let addresses = || items(subset, "addresses").map(|address| text(&address["ip"]));
            if items(subset, "ports").next().is_none() {
                list.extend(addresses().map(str::to_owned));
            }
            for port in items(subset, "ports") {
                list.extend(addresses().map(|ip| format!("{ip}:{}", port["port"])));
            }
        }
        let empty = if items(endpoints, "subsets").next().is_none() { "<none>" } else { "" };
        vec![name(endpoints), json!(first_three(&list, empty)), age(endpoints, now)]
    }

    /// Since v1.33 every answer that has Endpoints in it says so (the deprecation of the whole resource).
    fn deprecation(&self) -> Option<&'static str> {
        Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
    }
}
