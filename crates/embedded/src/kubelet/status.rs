//! The status of a Pod: phase, conditions, addresses, resources (kubelet_pods.go: getPhase, generateAPIPodStatus).

use serde_json::{Map, Value, json};

use super::conditions::{Sandbox, conditions};
use super::container_state::{ContainerState, Role};

/// The phase that containers amount to. `ended`: the Pod is over, and nothing is started again.
pub fn phase(containers: &[ContainerState], restart_policy: &str, ended: bool) -> &'static str {
    let mut initialized = true;
    for container in containers.iter().filter(|container| container.role == Role::Init) {
        match container.end() {
            Some(end) if end.code == 0 && container.waiting.is_none() => {}
            Some(end) if end.code != 0 && (ended || !container.should_restart(restart_policy)) => return "Failed",
            _ => initialized = false,
        }
    }
    let sidecars_pending = containers.iter().any(|container| {
        container.role == Role::Sidecar && !(container.started && container.is_running()) && container.run.is_none()
    });
    let regular: Vec<&ContainerState> = containers.iter().filter(|container| container.role == Role::Regular).collect();
    let any_started = regular.iter().any(|container| container.run.is_some());
    if !any_started && ((!initialized || sidecars_pending) && !ended) {
        return "Pending";
    }
    let running = regular.iter().filter(|container| container.is_running()).count();
    let never_started = regular.iter().filter(|container| container.run.is_none()).count();
    if never_started > 0 {
        return if ended { "Failed" } else { "Pending" };
    }
    if running > 0 {
        return "Running";
    }
    let succeeded = regular.iter().all(|container| container.succeeded());
    if ended {
        return if succeeded { "Succeeded" } else { "Failed" };
    }
    // A container that could not even be started, and may be tried again, never ran.
    let again = regular.iter().any(|container| container.should_restart(restart_policy));
    match (again, succeeded) {
        (true, _) => "Running",
        (false, true) => "Succeeded",
        (false, false) => "Failed",
    }
}

/// The class of a Pod by its requests and limits (pkg/apis/core/v1/helper/qos).
pub fn qos_class(pod: &Value) -> &'static str {
    let spec = &pod["spec"];
    let all: Vec<&Value> = ["initContainers", "containers"]
        .iter()
        .flat_map(|list| spec[*list].as_array().into_iter().flatten())
        .map(|container| &container["resources"])
        .collect();
    let resources: Vec<&Value> = if spec["resources"].is_object() { vec![&spec["resources"]] } else { all };
    let set = |resource: &Value, kind: &str, name: &str| resource[kind][name].is_string();
    let any = resources.iter().any(|resource| {
        ["cpu", "memory"].iter().any(|name| set(resource, "requests", name) || set(resource, "limits", name))
    });
    if !any {
        return "BestEffort";
    }
    let guaranteed = resources.iter().all(|resource| {
        ["cpu", "memory"].iter().all(|name| {
            let (limit, request) = (&resource["limits"][*name], &resource["requests"][*name]);
            limit.is_string() && (request.is_null() || request == limit)
        })
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}

/// Sums of what containers ask for, where all of it is a single container's; else those of the Pod.
fn resources(pod: &Value) -> Map<String, Value> {
    let containers: Vec<&Value> = pod["spec"]["containers"].as_array().into_iter().flatten().collect();
    let mut sums = Map::new();
    for kind in ["limits", "requests"] {
        let mut total = Map::new();
        for name in ["cpu", "memory", "ephemeral-storage"] {
            let set: Vec<&str> =
                containers.iter().filter_map(|container| container["resources"][kind][name].as_str()).collect();
            // A limit that one container lacks is no limit of the Pod.
            let counts = if kind == "limits" { set.len() == containers.len() } else { !set.is_empty() };
            if counts && let Some(sum) = add(&set) {
                total.insert(name.to_owned(), json!(sum));
            }
        }
        if !total.is_empty() {
            sums.insert(kind.to_owned(), Value::Object(total));
        }
    }
    sums
}

fn add(quantities: &[&str]) -> Option<String> {
    if let [one] = quantities {
        return Some((*one).to_owned());
    }
    let split = |text: &str| {
        let at = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
        Some((text[..at].parse::<i64>().ok()?, text[at..].to_owned()))
    };
    let parts: Vec<(i64, String)> = quantities.iter().map(|text| split(text)).collect::<Option<_>>()?;
    let unit = parts.first()?.1.clone();
    parts
        .iter()
        .all(|(_, other)| *other == unit)
        .then(|| format!("{}{unit}", parts.iter().map(|(number, _)| number).sum::<i64>()))
}

/// All that a Pod's status is made from.
pub struct View<'a> {
    /// The Pod as it is stored.
    pub pod: &'a Value,
    /// Its containers.
    pub containers: &'a [ContainerState],
    /// Its sandbox.
    pub sandbox: Sandbox,
    /// Its address, once it may be shown.
    pub ip: Option<&'a str>,
    /// The node's address.
    pub host_ip: &'a str,
    /// When the kubelet took it.
    pub start_time: &'a str,
    /// All its containers have ended for good, and the sandbox with them.
    pub ended: bool,
    /// A reason and a message that stand above those of containers: `DeadlineExceeded`, `Evicted`.
    pub cause: Option<(&'a str, &'a str)>,
    /// Now.
    pub now: &'a str,
}

impl View<'_> {
    /// The status to write.
    pub fn status(&self) -> Value {
        let (pod, old) = (self.pod, &self.pod["status"]);
        let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
        let deleted = self.ended;
        let amounts_to = if self.cause.is_some() { "Failed" } else { phase(self.containers, policy, deleted) };
        // The end of a Pod is told when its containers and its sandbox have gone, not before.
        let before = old["phase"].as_str().unwrap_or("Pending");
        let shown = match (amounts_to, before) {
            (_, "Succeeded" | "Failed") => before,
            ("Succeeded" | "Failed", _) if !self.ended => before,
            (phase, _) => phase,
        };
        let mut status = old.clone();
        if !status.is_object() {
            status = json!({});
        }
        status["phase"] = json!(shown);
        status["qosClass"] = json!(qos_class(pod));
        status["conditions"] = json!(conditions(pod, self.containers, amounts_to, self.sandbox, self.now));
        status["hostIP"] = json!(self.host_ip);
        status["hostIPs"] = json!([{"ip": self.host_ip}]);
        status["startTime"] = json!(self.start_time);
        status["observedGeneration"] = pod["metadata"]["generation"].clone();
        if let Some(ip) = self.ip {
            status["podIP"] = json!(ip);
            status["podIPs"] = json!([{"ip": ip}]);
        }
        let (reason, message) = self.cause.unwrap_or_default();
        for (field, text) in [("reason", reason), ("message", message)] {
            if !text.is_empty() {
                status[field] = json!(text);
            }
        }
        let initializing = self.containers.iter().any(|container| match container.role {
            Role::Init => !container.succeeded(),
            Role::Sidecar => container.run.is_none(),
            _ => false,
        });
        let has_init = self.containers.iter().any(|container| matches!(container.role, Role::Init | Role::Sidecar));
        for (field, roles) in [
            ("initContainerStatuses", &[Role::Init, Role::Sidecar][..]),
            ("containerStatuses", &[Role::Regular][..]),
            ("ephemeralContainerStatuses", &[Role::Ephemeral][..]),
        ] {
            let statuses: Vec<Value> = self
                .containers
                .iter()
                .filter(|container| roles.contains(&container.role))
                .map(|container| container.status(has_init && initializing))
                .collect();
            if !statuses.is_empty() {
                status[field] = json!(statuses);
            }
        }
        if self.containers.iter().any(|container| container.role == Role::Regular && container.is_running()) {
            let sums = resources(pod);
            if let Some(requests) = sums.get("requests") {
                status["allocatedResources"] = requests.clone();
            }
            status["resources"] = Value::Object(sums);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_quality() {
        let class = |resources: Value| qos_class(&json!({"spec": {"containers": [{"resources": resources}]}}));
        assert_eq!(class(json!({})), "BestEffort");
        assert_eq!(class(json!({"requests": {"cpu": "1"}})), "Burstable");
        assert_eq!(class(json!({"limits": {"cpu": "1", "memory": "1Gi"}})), "Guaranteed");
        assert_eq!(
            class(json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}})),
            "Burstable"
        );
    }
}
