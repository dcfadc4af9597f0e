//! What the pods of a node ask of it (kubectl: pkg/describe/describe.go `describeNodeResource`; component-helpers:
//! resource/helpers.go `PodRequests`, `PodLimits`).

use super::writer::{Writer, list};
use apimachinery::meta;
use apimachinery::quantity::Quantity;
use serde_json::Value;
use std::collections::BTreeMap;

/// Amounts by resource name.
type Amounts = BTreeMap<String, Quantity>;

pub(super) fn describe(w: &mut Writer, node: &Value, pods: &[Value]) {
    let status = &node["status"];
    let mut allocatable = amounts(&status["allocatable"]);
    if allocatable.is_empty() {
        allocatable = amounts(&status["capacity"]);
    }
    w.line(0, format_args!("Non-terminated Pods:\t({} in total)", pods.len()));
    w.line(1, format_args!("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge"));
    w.line(1, format_args!("---------\t----\t\t------------\t----------\t---------------\t-------------\t---"));
    let (mut all_requests, mut all_limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let (requests, limits) = (of_pod(pod, "requests"), of_pod(pod, "limits"));
        let cells = [("cpu", &requests), ("cpu", &limits), ("memory", &requests), ("memory", &limits)];
        let cells = cells.map(|(name, of)| share(name, of, &allocatable)).join("\t");
        let age = w.since(&pod["metadata"]["creationTimestamp"]);
        w.line(1, format_args!("{}\t{}\t\t{cells}\t{age}", meta::namespace(pod), meta::name(pod)));
        add(&mut all_requests, &requests);
        add(&mut all_limits, &limits);
    }
    w.line(0, format_args!("Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)"));
    w.line(1, format_args!("Resource\tRequests\tLimits"));
    w.line(1, format_args!("--------\t--------\t------"));
    const STANDARD: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
    let huge = allocatable.keys().map(String::as_str).filter(|name| name.starts_with("hugepages-"));
    for name in STANDARD.into_iter().chain(huge) {
        let (requests, limits) = (share(name, &all_requests, &allocatable), share(name, &all_limits, &allocatable));
        w.line(1, format_args!("{name}\t{requests}\t{limits}"));
    }
    let extended =
        |name: &&String| !STANDARD.contains(&name.as_str()) && !name.starts_with("hugepages-") && *name != "pods";
    for name in allocatable.keys().filter(extended) {
        let amount = |of: &Amounts| of.get(name).cloned().unwrap_or_default();
        w.line(1, format_args!("{name}\t{}\t{}", amount(&all_requests), amount(&all_limits)));
    }
}

/// `100m (5%)`: an amount, and how much of the node's that is.
fn share(name: &str, of: &Amounts, allocatable: &Amounts) -> String {
    let count = |amounts: &Amounts| {
        amounts.get(name).map_or(0, |amount| if name == "cpu" { amount.milli_value() } else { amount.value() })
    };
    let (part, whole) = (count(of), count(allocatable));
    let percent = if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 100.0).trunc() };
    format!("{} ({percent:.0}%)", of.get(name).cloned().unwrap_or_default())
}

fn amounts(value: &Value) -> Amounts {
    let parse = |(name, amount): (&String, &Value)| Some((name.clone(), Quantity::from_json(amount).ok()?));
    value.as_object().into_iter().flatten().filter_map(parse).collect()
}

fn add(to: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        match to.get_mut(name) {
            Some(sum) => *sum += amount,
            None => {
                to.insert(name.clone(), amount.clone());
            }
        }
    }
}

fn at_least(to: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        if to.get(name).is_none_or(|have| have < amount) {
            to.insert(name.clone(), amount.clone());
        }
    }
}

/// What a pod needs at most at any time: its containers together, or an init container with the sidecars before it; what
/// the pod says as a whole counts instead, and overhead comes on top.
fn of_pod(pod: &Value, part: &str) -> Amounts {
    let spec = &pod["spec"];
    let (mut total, mut sidecars, mut starting) = (Amounts::new(), Amounts::new(), Amounts::new());
    for container in list(&spec["containers"]) {
        add(&mut total, &amounts(&container["resources"][part]));
    }
    for container in list(&spec["initContainers"]) {
        let own = amounts(&container["resources"][part]);
        let mut then = sidecars.clone();
        add(&mut then, &own);
        if container["restartPolicy"] == "Always" {
            add(&mut total, &own);
            sidecars.clone_from(&then);
        }
        at_least(&mut starting, &then);
    }
    at_least(&mut total, &starting);
    let whole = amounts(&spec["resources"][part]);
    total.extend(
        whole.into_iter().filter(|(name, _)| name == "cpu" || name == "memory" || name.starts_with("hugepages-")),
    );
    let mut overhead = amounts(&spec["overhead"]);
    if part == "limits" {
        // Where there is no limit, overhead makes none.
        overhead.retain(|name, _| total.contains_key(name));
    }
    add(&mut total, &overhead);
    total
}
