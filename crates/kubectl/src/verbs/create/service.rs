//! `kubectl create service` (kubectl: pkg/cmd/create/create_service.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use crate::text::quote;
use apimachinery::names;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "service",
    use_line: "service",
    bare_use_line: false,
    aliases: &["svc"],
    short: "Create a service using a specified subcommand",
    long: "Create a service of a type.",
    subcommands: &[&CLUSTER_IP, &EXTERNAL_NAME, &LOAD_BALANCER, &NODE_PORT],
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = generated::flags();
    flags.push(Flag::string_slice("tcp", "Port pairs can be specified as '<port>:<targetPort>'."));
    flags
}

static CLUSTER_IP: Command = Command {
    name: "clusterip",
    use_line: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    short: "Create a ClusterIP service",
    long: "Create a ClusterIP service with the specified name.",
    example: "# A service on port 5678 of pods that listen on 8080
kubectl create service clusterip my-cs --tcp=5678:8080

# Without an address of its own
kubectl create service clusterip my-cs --clusterip=\"None\"",
    flags: || {
        let mut flags = flags();
        flags.push(Flag::string(
            "clusterip",
            "",
            "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing).",
        ));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, "ClusterIP"))),
    ..Command::NEW
};

static NODE_PORT: Command = Command {
    name: "nodeport",
    use_line: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a NodePort service",
    long: "Create a NodePort service with the specified name.",
    example: "# A service on a port of every node
kubectl create service nodeport my-ns --tcp=5678:8080",
    flags: || {
        let mut flags = flags();
        flags.push(Flag::int("node-port", "0", "Port used to expose the service on each node in a cluster."));
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, "NodePort"))),
    ..Command::NEW
};

static LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    use_line: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a LoadBalancer service",
    long: "Create a LoadBalancer service with the specified name.",
    example: "# A service with an external load balancer
kubectl create service loadbalancer my-lbs --tcp=5678:8080",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, "LoadBalancer"))),
    ..Command::NEW
};

static EXTERNAL_NAME: Command = Command {
    name: "externalname",
    use_line: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    short: "Create an ExternalName service",
    long: "Create an ExternalName service with the specified name.\n\n It stands for a DNS name outside of the cluster.",
    example: "# A service that stands for bar.com
kubectl create service externalname my-ns --external-name bar.com",
    flags: || {
        let mut flags = flags();
        flags.push(Flag::string("external-name", "", "External name of service").required());
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx, "ExternalName"))),
    ..Command::NEW
};

async fn run(cx: &Context, kind: &str) -> Result<()> {
    let name = generated::name(cx)?;
    let text = |flag: &str| if cx.flags.has(flag) { cx.flags.str(flag) } else { "" };
    let (tcp, cluster_ip, external_name) = (cx.flags.strings("tcp"), text("clusterip"), text("external-name"));
    if cluster_ip != "None" && tcp.is_empty() && kind != "ExternalName" {
        return Err(Error::msg("at least one tcp port specifier must be provided"));
    }
    if kind == "ExternalName" && !names::is_dns1123_subdomain(external_name).is_empty() {
        return Err(Error::msg(format!("invalid service external name {external_name}")));
    }
    let node_port = if cx.flags.has("node-port") { cx.flags.int("node-port") } else { 0 };
    let mut spec = json!({"type": kind, "selector": {"app": name}});
    if !tcp.is_empty() {
        let ports = tcp.iter().map(|text| port(text, node_port)).collect::<Result<Vec<_>>>()?;
        spec["ports"] = Value::Array(ports);
    }
    if !cluster_ip.is_empty() {
        spec["clusterIP"] = json!(cluster_ip);
    }
    if !external_name.is_empty() {
        spec["externalName"] = json!(external_name);
    }
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": spec,
        "status": {"loadBalancer": {}},
    });
    generated::create(cx, &format!("failed to create {kind} service:"), service).await
}

/// `PORT` or `PORT:TARGET`; the target may be a name.
fn port(text: &str, node_port: i64) -> Result<Value> {
    let (port, target) = match text.split(':').collect::<Vec<_>>()[..] {
        [port] => (port, None),
        [port, target, ..] => (port, Some(target)),
        [] => ("", None),
    };
    let number: u16 = port.parse().map_err(|_| {
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let why = if digits { "value out of range" } else { "invalid syntax" };
        Error::msg(format!("strconv.ParseUint: parsing {}: {why}", quote(port)))
    })?;
    let target = match target.map(|target| (target, target.parse::<i64>())) {
        None => json!(number),
        Some((_, Ok(target))) => refuse(names::is_valid_port_num(target), json!(target))?,
        Some((target, Err(_))) => refuse(names::is_valid_port_name(target), json!(target))?,
    };
    let mut entry = json!({"name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target});
    if node_port != 0 {
        entry["nodePort"] = json!(node_port);
    }
    Ok(entry)
}

fn refuse(faults: Vec<String>, value: Value) -> Result<Value> {
    if faults.is_empty() { Ok(value) } else { Err(Error::msg(faults.join(","))) }
}
