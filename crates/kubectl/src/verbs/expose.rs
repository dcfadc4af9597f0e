//! `kubectl expose` (kubectl: pkg/cmd/expose/expose.go).

use super::last_applied::save_typed_config;
use super::overrides;
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::{Builder, Errors, Helper, Info};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    name: "expose",
    use_line: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    long: "Expose a resource as a new Kubernetes service.\n\n The selector of the named deployment, service, replica set, replication controller or pod becomes the selector of a new service on the given port. A deployment or replica set can only be exposed if its selector has nothing but matchLabels. Without --port and with one port in the exposed resource, that one is used. Without --labels the new service has the labels of the exposed resource.\n\n Possible resources include (case insensitive): pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)",
    example: "# A service on port 80 for a deployment whose containers listen on port 8000
kubectl expose deployment nginx --port=80 --target-port=8000

# For what a file names
kubectl expose -f nginx-controller.yaml --port=80 --target-port=8000

# For a pod, under another name
kubectl expose pod valid-pod --port=444 --name=frontend",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("identifying the resource to expose a service");
    flags.extend(common::output());
    flags.extend(overrides::flags());
    flags.extend([
        common::dry_run(),
        common::field_manager("kubectl-expose"),
        common::save_config(),
        Flag::string("cluster-ip", "", "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service."),
        Flag::string("external-ip", "", "Additional external IP address (not managed by Kubernetes) to accept for the service. If this IP is routed to a node, the service can be accessed by this IP in addition to its generated service IP."),
        Flag::string("labels", "", "Labels to apply to the service created by this call.").short('l'),
        Flag::string("load-balancer-ip", "", "IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and used (cloud-provider specific)."),
        Flag::string("name", "", "The name for the newly created object."),
        Flag::string("port", "", "The port that the service should serve on. Copied from the resource being exposed, if unspecified"),
        Flag::string("protocol", "", "The network protocol for the service to be created. Default is 'TCP'."),
        Flag::string("selector", "", "A label selector to use for this service. Only equality-based selector requirements are supported. If empty (the default) infer the selector from the resource being exposed."),
        Flag::string("session-affinity", "", "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'"),
        Flag::string("target-port", "", "Name or number for the port on the container that the service should direct traffic to. Optional."),
        Flag::string("type", "", "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'."),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("exposed{}", dry_run.suffix())).printer(cx).await?;
    let (namespace, enforce) = cx.namespace().await?;
    let found = Builder::new()
        .continue_on_error()
        .namespace(&namespace, enforce)
        .filenames(&cx.flags)
        .args(false, &cx.args)
        .flatten()
        .find(cx)
        .await?;
    let mut errors = Errors::default();
    for info in found.items {
        let exposed = match info {
            Ok(info) => expose(cx, &info, dry_run).await,
            Err(error) => Err(error),
        };
        errors.keep(exposed.and_then(|service| Ok(write!(cx.out, "{}", printer.print(service)?)?)))?;
    }
    errors.finish()
}

/// Makes the Service for an object.
async fn expose(cx: &Context, info: &Info, dry_run: DryRun) -> Result<Value> {
    let (namespace, enforce) = cx.namespace().await?;
    let mut service = overrides::apply(cx, "v1", "Service", service(cx, info)?)?;
    if dry_run == DryRun::Client {
        if enforce {
            service["metadata"]["namespace"] = Value::String(namespace);
        }
        return Ok(service);
    }
    save_typed_config(cx.flags.bool("save-config"), &mut service);
    let mapping = cx.mapper().await?.kind("", "v1", "Service").await?;
    let mapping = mapping.ok_or_else(|| Error::msg("no matches for kind \"Service\" in version \"v1\""))?;
    let helper =
        Helper::new(&cx.requests().await?, &mapping).dry_run(dry_run).field_manager(cx.flags.str("field-manager"));
    helper.create(&namespace, &service).await
}

/// The Service for an object (`RunExpose`, `createService`).
fn service(cx: &Context, info: &Info) -> Result<Value> {
    let flags = &cx.flags;
    let object = &info.object;
    can_be_exposed(info)?;
    const LONGEST_NAME: usize = 63;
    let default_name: String = info.name.chars().take(LONGEST_NAME).collect();
    let selector = match flags.str("selector") {
        "" => {
            let failed = |why: String| {
                Error::msg(format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
            };
            selector_of(info).map_err(failed)?
        }
        given => parse_labels(given)?,
    };
    let headless = flags.str("cluster-ip") == "None";
    let mut ports: Vec<String> =
        flags.str("port").split(',').filter(|port| !port.is_empty()).map(str::to_string).collect();
    if ports.is_empty() {
        ports = ports_of(info);
        if ports.is_empty() && !headless {
            return Err(Error::msg("couldn't find port via --port flag or introspection"));
        }
    }
    if selector.is_empty() {
        return Err(Error::msg("selector must be specified"));
    }
    let labels = match flags.str("labels") {
        "" => object["metadata"]["labels"].as_object().cloned().unwrap_or_default(),
        given => parse_labels(given)?,
    };
    let name = if flags.str("name").is_empty() { default_name } else { flags.str("name").to_string() };
    let mut metadata = json!({"name": name});
    if !labels.is_empty() {
        metadata["labels"] = Value::Object(labels);
    }
    let mut spec = json!({"selector": selector});
    let ports = service_ports(flags.str("protocol"), flags.str("target-port"), &ports, &protocols_of(info))?;
    if !ports.is_empty() {
        spec["ports"] = Value::Array(ports);
    }
    let mut set = |field: &str, value: Value| spec[field] = value;
    if !flags.str("external-ip").is_empty() {
        set("externalIPs", json!([flags.str("external-ip")]));
    }
    if !flags.str("type").is_empty() {
        set("type", json!(flags.str("type")));
    }
    if flags.str("type") == "LoadBalancer" && !flags.str("load-balancer-ip").is_empty() {
        set("loadBalancerIP", json!(flags.str("load-balancer-ip")));
    }
    match flags.str("session-affinity") {
        "" => {}
        affinity @ ("None" | "ClientIP") => set("sessionAffinity", json!(affinity)),
        other => return Err(Error::msg(format!("unknown session affinity: {other}"))),
    }
    if !flags.str("cluster-ip").is_empty() {
        set("clusterIP", json!(flags.str("cluster-ip")));
    }
    Ok(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec, "status": {"loadBalancer": {}}}),
    )
}

/// kubectl: pkg/polymorphichelpers/canbeexposed.go.
fn can_be_exposed(info: &Info) -> Result<()> {
    let kind = (info.mapping.group.as_str(), info.mapping.kind.as_str());
    match kind {
        ("", "ReplicationController" | "Service" | "Pod") | ("apps", "Deployment" | "ReplicaSet") => Ok(()),
        ("", kind) => Err(Error::msg(format!("cannot expose a {kind}"))),
        (group, kind) => Err(Error::msg(format!("cannot expose a {kind}.{group}"))),
    }
}

/// kubectl: pkg/polymorphichelpers/mapbasedselectorforobject.go.
fn selector_of(info: &Info) -> Result<Map<String, Value>, String> {
    let object = &info.object;
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    match info.mapping.kind.as_str() {
        "Pod" => {
            let labels = map(&object["metadata"]["labels"]);
            if labels.is_empty() { Err("the pod has no labels and cannot be exposed".into()) } else { Ok(labels) }
        }
        "Service" if object["spec"]["selector"].is_null() => Err("the service has no pod selector set".into()),
        "Service" | "ReplicationController" => Ok(map(&object["spec"]["selector"])),
        kind => {
            let kind = kind.to_lowercase();
            let selector = &object["spec"]["selector"];
            let labels = map(&selector["matchLabels"]);
            if labels.is_empty() {
                return Err(format!("invalid {kind}: no selectors, therefore cannot be exposed"));
            }
            let expressions = selector["matchExpressions"].as_array().filter(|list| !list.is_empty());
            if let Some(expressions) = expressions {
                let shown: Vec<String> = expressions.iter().map(expression).collect();
                let shown = shown.join(" ");
                return Err(format!("couldn't convert expressions - \"[{shown}]\" to map-based selector format"));
            }
            Ok(labels)
        }
    }
}

/// A requirement as Go's `%+v` prints it.
fn expression(requirement: &Value) -> String {
    let text = |field: &str| requirement[field].as_str().unwrap_or_default();
    let values = requirement["values"].as_array();
    let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
    format!("{{Key:{} Operator:{} Values:[{}]}}", text("key"), text("operator"), values.join(" "))
}

/// The containers of a Pod or of a Pod template, init containers that go on as sidecars left out as upstream does.
fn containers(info: &Info) -> impl Iterator<Item = &Value> {
    let spec = &info.object["spec"];
    let spec = if info.mapping.kind == "Pod" { spec } else { &spec["template"]["spec"] };
    spec["containers"].as_array().into_iter().flatten()
}

fn list<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value[field].as_array().into_iter().flatten()
}

/// The ports that an object declares with their protocols (kubectl: pkg/polymorphichelpers/portsforobject.go,
/// multiprotocolsforobject.go).
fn declared(info: &Info) -> Vec<(String, String)> {
    let (ports, field): (Vec<&Value>, _) = match info.mapping.kind.as_str() {
        "Service" => (list(&info.object["spec"], "ports").collect(), "port"),
        _ => (containers(info).flat_map(|container| list(container, "ports")).collect(), "containerPort"),
    };
    let protocol = |port: &Value| port["protocol"].as_str().unwrap_or("TCP").to_string();
    ports.into_iter().map(|port| (port[field].to_string(), protocol(port))).collect()
}

fn ports_of(info: &Info) -> Vec<String> {
    let mut ports: Vec<String> = Vec::new();
    for (port, _) in declared(info) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}

fn protocols_of(info: &Info) -> BTreeMap<String, Vec<String>> {
    let mut protocols: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (port, protocol) in declared(info) {
        protocols.entry(port).or_default().push(protocol);
    }
    protocols
}

fn service_ports(
    protocol: &str,
    target: &str,
    ports: &[String],
    protocols: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<Value>> {
    let mut out = Vec::new();
    for (index, text) in ports.iter().enumerate() {
        let port: i32 =
            text.parse().map_err(|_| Error::msg(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))?;
        let target = match target {
            "" => json!(port),
            target => target.parse::<i32>().map_or_else(|_| json!(target), |number| json!(number)),
        };
        let name = (ports.len() > 1).then(|| format!("port-{}", index + 1));
        let declared = protocols.get(text).map(Vec::as_slice).unwrap_or_default();
        let entry = |name: Option<String>, protocol: &str| {
            let mut entry = json!({"port": port, "protocol": protocol, "targetPort": target});
            if let Some(name) = name {
                entry["name"] = json!(name);
            }
            entry
        };
        match (protocol, declared) {
            ("", []) => out.push(entry(name, "TCP")),
            ("", [one]) => out.push(entry(name, one)),
            ("", several) => {
                for protocol in several {
                    let name = format!("port-{}-{}", index + 1, protocol.to_lowercase());
                    out.push(entry(Some(name), protocol));
                }
            }
            (given, _) => out.push(entry(name, given)),
        }
    }
    Ok(out)
}

fn parse_labels(text: &str) -> Result<Map<String, Value>> {
    let mut labels = Map::new();
    for label in text.split(',') {
        match label.split('=').collect::<Vec<_>>()[..] {
            ["", _] => return Err(Error::msg("unexpected empty label key")),
            [key, value] => labels.insert(key.to_string(), json!(value)),
            _ => return Err(Error::msg(format!("unexpected label spec: {label}"))),
        };
    }
    Ok(labels)
}
