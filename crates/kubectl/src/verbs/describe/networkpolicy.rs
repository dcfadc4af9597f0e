//! NetworkPolicies (kubectl: pkg/describe/describe.go `describeNetworkPolicy`).

use super::writer::{Writer, joined, list, or, str_of};
use crate::text::display;
use apimachinery::selector::format_label_selector;
use serde_json::Value;

/// One direction of traffic, and the words for it.
struct Direction {
    policy_type: &'static str,
    traffic: &'static str,
    rules: &'static str,
    peers: &'static str,
    title: &'static str,
    end: &'static str,
}

const DIRECTIONS: [Direction; 2] = [
    Direction {
        policy_type: "Ingress",
        traffic: "ingress",
        rules: "ingress",
        peers: "from",
        title: "From",
        end: "source",
    },
    Direction {
        policy_type: "Egress",
        traffic: "egress",
        rules: "egress",
        peers: "to",
        title: "To",
        end: "destination",
    },
];

pub(super) fn describe(w: &mut Writer, policy: &Value) {
    let spec = &policy["spec"];
    w.name_and_namespace(policy);
    w.line(0, format_args!("Created on:\t{}", w.plain_time(&policy["metadata"]["creationTimestamp"])));
    w.labels_and_annotations(policy);
    w.line(0, format_args!("Spec:"));
    w.text(1, format_args!("PodSelector: "));
    match format_label_selector(&spec["podSelector"]).as_str() {
        "<none>" => w.line(2, format_args!("<none> (Allowing the specific traffic to all pods in this namespace)")),
        selector => w.line(2, format_args!("{selector}")),
    }
    let types = list(&spec["policyTypes"]);
    for direction in DIRECTIONS {
        let traffic = direction.traffic;
        if types.iter().any(|one| one == direction.policy_type) {
            w.line(1, format_args!("Allowing {traffic} traffic:"));
            rules(w, &direction, list(&spec[direction.rules]));
        } else {
            w.line(1, format_args!("Not affecting {traffic} traffic"));
        }
    }
    let types = joined(&spec["policyTypes"], ", ");
    w.line(1, format_args!("Policy Types: {}", if types.is_empty() { "<none>" } else { &types }));
}

fn rules(w: &mut Writer, direction: &Direction, rules: &[Value]) {
    let &Direction { traffic, peers, title, end, .. } = direction;
    if rules.is_empty() {
        w.line(2, format_args!("<none> (Selected pods are isolated for {traffic} connectivity)"));
    }
    for (index, rule) in rules.iter().enumerate() {
        if index > 0 {
            w.line(2, format_args!("----------"));
        }
        let ports = list(&rule["ports"]);
        if ports.is_empty() {
            w.line(2, format_args!("To Port: <any> (traffic allowed to all ports)"));
        }
        for port in ports {
            let (number, protocol) = (display(&port["port"]), or(&port["protocol"], "TCP"));
            match port["endPort"].as_i64() {
                None => w.line(2, format_args!("To Port: {number}/{protocol}")),
                Some(end) => w.line(2, format_args!("To Port Range: {number}-{end}/{protocol}")),
            }
        }
        let peers = list(&rule[peers]);
        if peers.is_empty() {
            w.line(2, format_args!("{title}: <any> (traffic not restricted by {end})"));
        }
        for one in peers {
            w.line(2, format_args!("{title}:"));
            peer(w, one);
        }
    }
}

fn peer(w: &mut Writer, peer: &Value) {
    let (pods, namespaces, block) = (&peer["podSelector"], &peer["namespaceSelector"], &peer["ipBlock"]);
    if namespaces.is_object() {
        w.line(3, format_args!("NamespaceSelector: {}", format_label_selector(namespaces)));
    }
    if pods.is_object() {
        w.line(3, format_args!("PodSelector: {}", format_label_selector(pods)));
    }
    if !pods.is_object() && !namespaces.is_object() && block.is_object() {
        w.line(3, format_args!("IPBlock:"));
        w.line(4, format_args!("CIDR: {}", str_of(&block["cidr"])));
        w.line(4, format_args!("Except: {}", joined(&block["except"], ", ")));
    }
}
