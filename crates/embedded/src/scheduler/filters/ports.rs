//! NodePorts: a port of the host can be taken once.

use serde_json::Value;

use super::{Cycle, Rejection};
use crate::{
    controllers::object::{items, text},
    scheduler::snapshot::NodeInfo,
};

/// Rejects a node on which a port that the pod wants is taken.
pub fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Rejection> {
    let wanted = host_ports(cycle.pod);
    let taken: Vec<HostPort> = node.pods.iter().flat_map(|pod| host_ports(pod)).collect();
    if wanted.iter().any(|port| taken.iter().any(|other| port.collides_with(other))) {
        return Err(Rejection::resolvable("node(s) didn't have free ports for the requested pod ports"));
    }
    Ok(())
}

struct HostPort {
    ip: String,
    protocol: String,
    port: i64,
}

impl HostPort {
    fn collides_with(&self, other: &Self) -> bool {
        let same_ip = self.ip == other.ip || self.ip == "0.0.0.0" || other.ip == "0.0.0.0";
        self.port == other.port && self.protocol == other.protocol && same_ip
    }
}

fn host_ports(pod: &Value) -> Vec<HostPort> {
    let or = |text: &str, default: &str| {
        if text.is_empty() { default.to_owned() } else { text.to_owned() }
    };
    let sidecars = items(pod, "spec.initContainers").iter().filter(|container| container["restartPolicy"] == "Always");
    items(pod, "spec.containers")
        .iter()
        .chain(sidecars)
        .flat_map(|container| items(container, "ports"))
        .filter_map(|port| {
            let number = port["hostPort"].as_i64().filter(|number| *number > 0)?;
            Some(HostPort {
                ip: or(text(port, "hostIP"), "0.0.0.0"),
                protocol: or(text(port, "protocol"), "TCP"),
                port: number,
            })
        })
        .collect()
}
