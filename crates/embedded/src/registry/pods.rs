//! Pods (kubernetes: pkg/registry/core/pod/strategy.go).

use apimachinery::{field::FieldError, quantity::Quantity, status::Status};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, Subresource, VERBS,
    fields::{items, text},
    pod_admission, pod_spec,
    strategy::Generation,
};

struct Pods;

const fn sub(name: &'static str, kind: &'static str, verbs: &'static [&'static str]) -> Subresource {
    Subresource { name, group: "", version: "v1", kind, verbs }
}

const SUBRESOURCES: &[Subresource] = &[
    sub("attach", "PodAttachOptions", &["create", "get"]),
    sub("binding", "Binding", &["create"]),
    Subresource { name: "eviction", group: "policy", version: "v1", kind: "Eviction", verbs: &["create"] },
    sub("exec", "PodExecOptions", &["create", "get"]),
    sub("log", "Pod", &["get"]),
    sub("portforward", "PodPortForwardOptions", &["create", "get"]),
    STATUS,
];

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Pod",
        plural: "pods",
        singular: "pod",
        short_names: &["po"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: SUBRESOURCES,
        strategy: &Pods,
    }
}

impl Strategy for Pods {
    fn set_defaults(&self, pod: &mut Value) {
        let spec = &mut pod["spec"];
        pod_spec::set_defaults(spec);
        super::fields::default(spec, "enableServiceLinks", true);
        for list in ["containers", "initContainers"] {
            for container in super::fields::items_mut(spec, list) {
                default_requests(container);
            }
        }
    }

    fn prepare_for_create(&self, context: &Context<'_>, pod: &mut Value) -> Result<(), Status> {
        pod_admission::admit(context, pod)?;
        let class = quality_of_service(&pod["spec"]);
        pod["status"] = json!({"phase": "Pending", "qosClass": class});
        if items(&pod["spec"], "schedulingGates").next().is_some() {
            pod["status"]["conditions"] = json!([{
                "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
                "lastProbeTime": null, "lastTransitionTime": context.clock.rfc3339(),
            }]);
        }
        Ok(())
    }

    fn validate(&self, _context: &Context<'_>, pod: &Value) -> Vec<FieldError> {
        super::pod_validation::validate_pod(pod)
    }

    fn validate_update(&self, _context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        super::pod_validation::validate_pod_update(new, old)
    }

    fn has_status(&self) -> bool {
        true
    }

    fn generation(&self) -> Generation {
        Generation::Spec
    }

    fn grace_period(&self, pod: &Value, requested: Option<i64>) -> Option<i64> {
        let own = pod["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(0);
        let over = ["Failed", "Succeeded"].contains(&text(&pod["status"]["phase"]));
        let scheduled = !text(&pod["spec"]["nodeName"]).is_empty();
        let period = if over || !scheduled { 0 } else { requested.unwrap_or(own) };
        Some(if period < 0 { 1 } else { period })
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }

    fn selectable_fields(&self, pod: &Value) -> Vec<(&'static str, String)> {
        let (spec, status) = (&pod["spec"], &pod["status"]);
        let host_network = spec["hostNetwork"] == true;
        vec![
            ("spec.nodeName", text(&spec["nodeName"]).to_owned()),
            ("spec.restartPolicy", text(&spec["restartPolicy"]).to_owned()),
            ("spec.schedulerName", text(&spec["schedulerName"]).to_owned()),
            ("spec.serviceAccountName", text(&spec["serviceAccountName"]).to_owned()),
            ("spec.hostNetwork", host_network.to_string()),
            ("status.phase", text(&status["phase"]).to_owned()),
            ("status.podIP", text(&status["podIPs"][0]["ip"]).to_owned()),
            ("status.nominatedNodeName", text(&status["nominatedNodeName"]).to_owned()),
        ]
    }

    fn cells(&self, pod: &Value, now: Timestamp) -> Vec<Value> {
        super::pod_printer::cells(pod, now)
    }
}

/// A limit without a request requests the same.
fn default_requests(container: &mut Value) {
    let Some(limits) = container["resources"]["limits"].as_object().cloned() else {
        return;
    };
    let requests = &mut container["resources"]["requests"];
    for (name, limit) in limits {
        super::fields::default(requests, &name, limit);
    }
}

/// `Guaranteed`, `Burstable` or `BestEffort` (kubernetes: pkg/apis/core/v1/helper/qos/qos.go).
fn quality_of_service(spec: &Value) -> &'static str {
    let positive = |value: &Value| Quantity::from_json(value).is_ok_and(|quantity| quantity.sign() > 0);
    let (mut any, mut guaranteed) = (false, true);
    for container in ["containers", "initContainers"].into_iter().flat_map(|list| items(spec, list)) {
        let (requests, limits) = (&container["resources"]["requests"], &container["resources"]["limits"]);
        for name in ["cpu", "memory"] {
            any |= positive(&requests[name]) || positive(&limits[name]);
            guaranteed &= positive(&limits[name]) && requests[name] == limits[name];
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}
