//! Services (kubernetes: pkg/registry/core/service, pkg/apis/core/v1/defaults.go).

use apimachinery::{field::FieldError, names, status::Status};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Context, Resource, STATUS, Strategy, VERBS,
    fields::{default, items, items_mut, remove, text},
    metadata_validation,
    printer::{age, format_labels, name},
    service_allocation as allocation, service_validation as validation,
};

struct Services;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "Service",
        plural: "services",
        singular: "service",
        short_names: &["svc"],
        categories: &["all"],
        namespaced: true,
        verbs: VERBS,
        subresources: &[STATUS],
        strategy: &Services,
    }
}

impl Strategy for Services {
    fn set_defaults(&self, service: &mut Value) {
        let spec = &mut service["spec"];
        default(spec, "sessionAffinity", "None");
        if spec["sessionAffinity"] == "None" {
            remove(spec, "sessionAffinityConfig");
        } else if spec["sessionAffinity"] == "ClientIP" && spec["sessionAffinityConfig"].is_null() {
            spec["sessionAffinityConfig"] = json!({"clientIP": {"timeoutSeconds": 10800}});
        }
        default(spec, "type", "ClusterIP");
        for port in items_mut(spec, "ports") {
            default(port, "protocol", "TCP");
            if port["targetPort"].is_null() || port["targetPort"] == 0 || port["targetPort"] == "" {
                port["targetPort"] = port["port"].clone();
            }
        }
        let kind = text(&spec["type"]).to_owned();
        if allocation::externally_accessible(spec) {
            default(spec, "externalTrafficPolicy", "Cluster");
        }
        if ["NodePort", "LoadBalancer", "ClusterIP"].contains(&kind.as_str()) {
            default(spec, "internalTrafficPolicy", "Cluster");
        }
        if kind == "LoadBalancer" {
            default(spec, "allocateLoadBalancerNodePorts", true);
        }
    }

    fn prepare_for_create(&self, context: &Context<'_>, service: &mut Value) -> Result<(), Status> {
        service["status"] = json!({"loadBalancer": {}});
        let spec = &mut service["spec"];
        if spec["clusterIPs"].is_null() && !text(&spec["clusterIP"]).is_empty() {
            spec["clusterIPs"] = json!([spec["clusterIP"]]);
        }
        // What is wrong is said before anything is allocated for it.
        let errors = self.validate(context, service);
        if !errors.is_empty() {
            return Err(allocation::invalid(service, &errors));
        }
        allocation::allocate(context, service, None)
    }

    fn validate(&self, _context: &Context<'_>, service: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate(service, names::is_dns1123_label);
        errors.extend(validation::validate(service));
        errors
    }

    fn prepare_for_update(&self, context: &Context<'_>, new: &mut Value, old: &Value) -> Result<(), Status> {
        allocation::normalize_cluster_ips(&mut new["spec"], &old["spec"]);
        allocation::keep_allocated(&mut new["spec"], &old["spec"]);
        allocation::drop_type_dependent_fields(&mut new["spec"], &old["spec"]);
        if new["spec"]["type"] != "LoadBalancer" {
            new["status"]["loadBalancer"] = json!({});
        }
        let errors = self.validate_update(context, new, old);
        if !errors.is_empty() {
            return Err(allocation::invalid(new, &errors));
        }
        allocation::allocate(context, new, Some(old))
    }

    fn validate_update(&self, context: &Context<'_>, new: &Value, old: &Value) -> Vec<FieldError> {
        let mut errors = metadata_validation::validate_update(new, old);
        errors.extend(validation::validate_update(new, old));
        errors.extend(self.validate(context, new));
        errors
    }

    fn has_status(&self) -> bool {
        true
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }

    fn selectable_fields(&self, service: &Value) -> Vec<(&'static str, String)> {
        let spec = &service["spec"];
        vec![("spec.clusterIP", text(&spec["clusterIP"]).to_owned()), ("spec.type", text(&spec["type"]).to_owned())]
    }

    fn warnings(&self, service: &Value) -> Vec<String> {
        let spec = &service["spec"];
        let headless = spec["clusterIPs"][0] == "None";
        let mut warnings = Vec::new();
        if headless && spec["sessionAffinity"] != "None" {
            warnings.push("spec.SessionAffinity is ignored for headless services".to_owned());
        }
        if items(spec, "externalIPs").next().is_some() && !headless && spec["type"] != "ExternalName" {
            warnings
                .push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned());
        }
        if spec["type"] != "ExternalName" && !text(&spec["externalName"]).is_empty() {
            warnings.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
        }
        warnings
    }

    fn cells(&self, service: &Value, now: Timestamp) -> Vec<Value> {
        let spec = &service["spec"];
        let internal = match text(&spec["clusterIPs"][0]) {
            "" => "<none>",
            ip => ip,
        };
        vec![
            name(service),
            spec["type"].clone(),
            json!(internal),
            json!(external_ip(service)),
            json!(ports(spec)),
            age(service, now),
            json!(format_labels(&spec["selector"])),
        ]
    }
}

fn external_ip(service: &Value) -> String {
    let spec = &service["spec"];
    let own: Vec<&str> = items(spec, "externalIPs").map(text).collect();
    let balanced: Vec<&str> = items(&service["status"]["loadBalancer"], "ingress")
        .map(|ingress| if text(&ingress["ip"]).is_empty() { text(&ingress["hostname"]) } else { text(&ingress["ip"]) })
        .collect();
    let joined = |list: &[&str], empty: &str| {
        if list.is_empty() { empty.to_owned() } else { list.join(",") }
    };
    match text(&spec["type"]) {
        "ClusterIP" | "NodePort" => joined(&own, "<none>"),
        "LoadBalancer" => joined(&[balanced, own].concat(), "<pending>"),
        "ExternalName" => text(&spec["externalName"]).to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

fn ports(spec: &Value) -> String {
    let one = |port: &Value| {
        let (number, protocol) = (&port["port"], text(&port["protocol"]));
        match port["nodePort"].as_i64().unwrap_or(0) {
            0 => format!("{number}/{protocol}"),
            node_port => format!("{number}:{node_port}/{protocol}"),
        }
    };
    let all: Vec<String> = items(spec, "ports").map(one).collect();
    if all.is_empty() { "<none>".to_owned() } else { all.join(",") }
}
