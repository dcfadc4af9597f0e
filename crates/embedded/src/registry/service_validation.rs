//! Validation of Services (kubernetes: pkg/apis/core/validation/validation.go).

use std::{collections::BTreeSet, net::IpAddr};

use apimachinery::{
    field::{FieldError, Path},
    names,
};
use serde_json::{Value, json};

use super::{
    fields::{items, text},
    metadata_validation,
};

/// `validateService`.
pub(super) fn validate(service: &Value) -> Vec<FieldError> {
    let spec = &service["spec"];
    let path = Path::new("spec");
    let mut errors = Vec::new();
    let kind = text(&spec["type"]);
    let headless = spec["clusterIPs"][0] == "None";
    if items(spec, "ports").next().is_none() && !headless && kind != "ExternalName" {
        errors.push(FieldError::required(&path.child("ports"), ""));
    }
    if headless && ["LoadBalancer", "NodePort"].contains(&kind) {
        let detail = format!("may not be set to 'None' for {kind} services");
        errors.push(FieldError::invalid(&path.child("clusterIPs").index(0), "None", detail));
    }
    if kind == "ExternalName" {
        validate_external_name(spec, &path, &mut errors);
    }
    validate_ports(spec, &path, &mut errors);
    errors.extend(metadata_validation::labels(&spec["selector"], &path.child("selector")));
    let affinity = text(&spec["sessionAffinity"]);
    if !["ClientIP", "None"].contains(&affinity) {
        errors.push(FieldError::not_supported(&path.child("sessionAffinity"), affinity, &["ClientIP", "None"]));
    }
    if kind != "ExternalName" {
        validate_cluster_ips(spec, &path, &mut errors);
    }
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.contains(&kind) {
        errors.push(FieldError::not_supported(&path.child("type"), kind, &kinds));
    }
    if kind == "ClusterIP" {
        for (index, port) in items(spec, "ports").enumerate() {
            if port["nodePort"].as_i64().unwrap_or(0) != 0 {
                let path = path.child("ports").index(index).child("nodePort");
                errors.push(FieldError::forbidden(&path, "may not be used when `type` is 'ClusterIP'"));
            }
        }
    }
    validate_duplicates(spec, &path, &mut errors);
    if spec["allocateLoadBalancerNodePorts"].is_boolean() && kind != "LoadBalancer" {
        let detail = "may only be used when `type` is 'LoadBalancer'";
        errors.push(FieldError::forbidden(&path.child("allocateLoadBalancerNodePorts"), detail));
    }
    validate_traffic_policies(spec, &path, &mut errors);
    errors
}

fn validate_external_name(spec: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if !spec[field].is_null() {
            errors.push(FieldError::forbidden(&path.child(field), "may not be set for ExternalName services"));
        }
    }
    let name = text(&spec["externalName"]).trim_end_matches('.');
    let path = path.child("externalName");
    if name.is_empty() {
        errors.push(FieldError::required(&path, ""));
    } else {
        errors.extend(names::is_dns1123_subdomain(name).into_iter().map(|m| FieldError::invalid(&path, name, m)));
    }
}

fn validate_ports(spec: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let several = items(spec, "ports").count() > 1;
    let mut seen = BTreeSet::new();
    for (index, port) in items(spec, "ports").enumerate() {
        let path = path.child("ports").index(index);
        let name = text(&port["name"]);
        if several && name.is_empty() {
            errors.push(FieldError::required(&path.child("name"), ""));
        } else if !name.is_empty() {
            let messages = names::is_dns1123_label(name);
            errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("name"), name, m)));
            if !seen.insert(name) {
                errors.push(FieldError::duplicate(&path.child("name"), name));
            }
        }
        let number = port["port"].as_i64().unwrap_or(0);
        let messages = names::is_valid_port_num(number);
        errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("port"), number, m)));
        let protocol = text(&port["protocol"]);
        if !["SCTP", "TCP", "UDP"].contains(&protocol) {
            errors.push(FieldError::not_supported(&path.child("protocol"), protocol, &["SCTP", "TCP", "UDP"]));
        }
        let target = &port["targetPort"];
        let messages = match target.as_str() {
            Some(name) => names::is_valid_port_name(name),
            None => names::is_valid_port_num(target.as_i64().unwrap_or(0)),
        };
        errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("targetPort"), target.clone(), m)));
    }
}

fn validate_cluster_ips(spec: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let (one, list) = (text(&spec["clusterIP"]), &spec["clusterIPs"]);
    let path = path.child("clusterIPs");
    if one.is_empty() {
        if !list.is_null() {
            errors.push(FieldError::invalid(&path, list.clone(), "must be empty when `clusterIP` is not specified"));
        }
    } else if list.is_null() {
        errors.push(FieldError::required(&path, ""));
    } else if list[0] != one {
        errors.push(FieldError::invalid(&path, list.clone(), "first value must match `clusterIP`"));
    }
    for (index, ip) in items(spec, "clusterIPs").map(text).enumerate().filter(|(index, ip)| *index > 0 || *ip != "None")
    {
        if ip.parse::<IpAddr>().is_err() {
            let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            errors.push(FieldError::invalid(&path.index(index), ip, detail));
        }
    }
}

fn validate_duplicates(spec: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let path = path.child("ports");
    let mut node_ports = BTreeSet::new();
    for (index, port) in items(spec, "ports").enumerate() {
        let number = port["nodePort"].as_i64().unwrap_or(0);
        if number != 0 && !node_ports.insert((text(&port["protocol"]), number)) {
            errors.push(FieldError::duplicate(&path.index(index).child("nodePort"), number));
        }
    }
    let mut ports = BTreeSet::new();
    for (index, port) in items(spec, "ports").enumerate() {
        let (protocol, number) = (text(&port["protocol"]), port["port"].as_i64().unwrap_or(0));
        if !ports.insert((protocol, number)) {
            let key = json!({"protocol": protocol, "port": number});
            errors.push(FieldError::duplicate(&path.index(index), key));
        }
    }
}

fn validate_traffic_policies(spec: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let external = text(&spec["externalTrafficPolicy"]);
    let field = path.child("externalTrafficPolicy");
    if !super::service_allocation::externally_accessible(spec) {
        if !external.is_empty() {
            let detail = "may only be set for externally-accessible services";
            errors.push(FieldError::invalid(&field, external, detail));
        }
    } else if !["Cluster", "Local"].contains(&external) {
        errors.push(FieldError::not_supported(&field, external, &["Cluster", "Local"]));
    }
    let internal = &spec["internalTrafficPolicy"];
    if !internal.is_null() && internal != "Cluster" && internal != "Local" {
        let field = path.child("internalTrafficPolicy");
        errors.push(FieldError::not_supported(&field, internal.clone(), &["Cluster", "Local"]));
    }
}

/// `validateUpgradeDowngradeClusterIPs`: an address stays, as long as there is one.
pub(super) fn validate_update(new: &Value, old: &Value) -> Vec<FieldError> {
    let (new, old) = (&new["spec"], &old["spec"]);
    let headless = |spec: &Value| spec["clusterIPs"][0] == "None";
    if new["type"] == "ExternalName" || old["type"] == "ExternalName" || (headless(new) && headless(old)) {
        return Vec::new();
    }
    let path = Path::new("spec").child("clusterIPs").index(0);
    match (old["clusterIPs"].get(0), new["clusterIPs"].get(0)) {
        (Some(_), None) => vec![FieldError::invalid(&path, json!([]), "primary clusterIP can not be unset")],
        (Some(old), Some(first)) if old != first => {
            vec![FieldError::invalid(&path, new["clusterIPs"].clone(), "may not change once set")]
        }
        _ => Vec::new(),
    }
}
