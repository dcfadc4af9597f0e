//! Nodes (kubernetes: pkg/registry/core/node).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, STATUS, Strategy, VERBS,
    fields::{items, text},
    printer::{age, name},
};

struct Nodes;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Node",
        plural: "nodes",
        singular: "node",
        short_names: &["no"],
        categories: &[],
        namespaced: false,
        verbs: VERBS,
        subresources: &[STATUS],
        strategy: &Nodes,
    }
}

impl Strategy for Nodes {
    fn has_status(&self) -> bool {
        true
    }

    fn selectable_fields(&self, node: &Value) -> Vec<(&'static str, String)> {
        vec![("spec.unschedulable", (node["spec"]["unschedulable"] == true).to_string())]
    }

    fn cells(&self, node: &Value, now: Timestamp) -> Vec<Value> {
        let info = &node["status"]["nodeInfo"];
        let known = |value: &Value| {
            if text(value).is_empty() { "<unknown>".to_owned() } else { text(value).to_owned() }
        };
        let mut kernel = known(&info["kernelVersion"]);
        let architecture = text(&info["architecture"]);
        if !architecture.is_empty() {
            kernel.push_str(&format!(" ({architecture})"));
        }
        vec![
            name(node),
            json!(state(node)),
            json!(roles(node)),
            age(node, now),
            info["kubeletVersion"].clone(),
            json!(address(node, "InternalIP")),
            json!(address(node, "ExternalIP")),
            json!(known(&info["osImage"])),
            json!(kernel),
            json!(known(&info["containerRuntimeVersion"])),
        ]
    }
}

fn state(node: &Value) -> String {
    let ready = items(&node["status"], "conditions").find(|condition| condition["type"] == "Ready");
    let mut state = match ready {
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node["spec"]["unschedulable"] == true {
        state.push_str(",SchedulingDisabled");
    }
    state
}

fn roles(node: &Value) -> String {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let role = |(key, value): (&String, &Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_owned()),
        None => (key == "kubernetes.io/role").then(|| text(value).to_owned()),
    };
    let roles: BTreeSet<String> = labels.filter_map(role).filter(|role| !role.is_empty()).collect();
    if roles.is_empty() { "<none>".to_owned() } else { roles.into_iter().collect::<Vec<_>>().join(",") }
}

fn address<'a>(node: &'a Value, kind: &str) -> &'a str {
    let found = items(&node["status"], "addresses").find(|address| address["type"] == kind);
    found.map_or("<none>", |address| text(&address["address"]))
}
