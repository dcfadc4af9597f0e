//! Validation of pods and pod templates (kubernetes: pkg/apis/core/validation/validation.go).

use std::collections::BTreeSet;

use apimachinery::{
    field::{FieldError, Path},
    names,
    quantity::Quantity,
};
use serde_json::Value;

use super::{
    fields::{items, text},
    metadata_validation,
};

/// `ValidatePodCreate`.
pub(super) fn validate_pod(pod: &Value) -> Vec<FieldError> {
    let mut errors = metadata_validation::validate(pod, names::is_dns1123_subdomain);
    errors.extend(validate_spec(&pod["spec"], &Path::new("spec")));
    errors
}

/// `ValidatePodUpdate`: of the spec only a few fields may change.
pub(super) fn validate_pod_update(new: &Value, old: &Value) -> Vec<FieldError> {
    let path = Path::new("spec");
    let mut errors = metadata_validation::validate_update(new, old);
    errors.extend(validate_pod(new));
    for list in ["containers", "initContainers"] {
        if items(&new["spec"], list).count() != items(&old["spec"], list).count() {
            errors.push(FieldError::forbidden(&path.child(list), "pod updates may not add or remove containers"));
            return errors;
        }
    }
    let mut munged = new["spec"].clone();
    for list in ["containers", "initContainers"] {
        let images: Vec<Value> = items(&old["spec"], list).map(|container| container["image"].clone()).collect();
        for (container, image) in super::fields::items_mut(&mut munged, list).zip(images) {
            container["image"] = image;
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        match &old["spec"][field] {
            Value::Null => super::fields::remove(&mut munged, field),
            value => munged[field] = value.clone(),
        }
    }
    let kept = |list: &str| items(&new["spec"], list).cloned().collect::<Vec<_>>();
    let tolerations = kept("tolerations");
    if items(&old["spec"], "tolerations").any(|toleration| !tolerations.contains(toleration)) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        errors.push(FieldError::forbidden(&path.child("tolerations"), detail));
    }
    if munged != old["spec"] {
        let detail = "pod updates may not change fields other than `spec.containers[*].image`,\
                      `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
                      existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
                      previously negative)\n";
        errors.push(FieldError::forbidden(&path, format!("{detail}{}", changed(&old["spec"], &munged, &path))));
    }
    errors
}

/// The fields that differ, a line each.
fn changed(old: &Value, new: &Value, path: &Path) -> String {
    let keys: BTreeSet<&String> =
        [old, new].into_iter().filter_map(Value::as_object).flat_map(|map| map.keys()).collect();
    let differing = keys.into_iter().filter(|key| old[key.as_str()] != new[key.as_str()]);
    differing.map(|key| format!("{}: {} -> {}\n", path.child(key), old[key.as_str()], new[key.as_str()])).collect()
}

/// `ValidatePodSpec`, with the parts that everybody uses.
pub(super) fn validate_spec(spec: &Value, path: &Path) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let volumes = validate_volumes(spec, path, &mut errors);
    let mut seen = BTreeSet::new();
    if items(spec, "containers").next().is_none() {
        errors.push(FieldError::required(&path.child("containers"), ""));
    }
    for list in ["containers", "initContainers"] {
        for (index, container) in items(spec, list).enumerate() {
            let path = path.child(list).index(index);
            validate_container(container, &volumes, &path, &mut errors);
            if !seen.insert(text(&container["name"])) {
                errors.push(FieldError::duplicate(&path.child("name"), text(&container["name"])));
            }
        }
    }
    one_of(spec, "restartPolicy", &["Always", "OnFailure", "Never"], path, &mut errors);
    one_of(spec, "dnsPolicy", &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], path, &mut errors);
    errors.extend(metadata_validation::labels(&spec["nodeSelector"], &path.child("nodeSelector")));
    type Check = fn(&str) -> Vec<String>;
    let checks: [(&str, Check); 4] = [
        ("serviceAccountName", names::is_dns1123_subdomain),
        ("nodeName", names::is_dns1123_subdomain),
        ("hostname", names::is_dns1123_label),
        ("subdomain", names::is_dns1123_label),
    ];
    for (field, check) in checks {
        let value = text(&spec[field]);
        if !value.is_empty() {
            errors.extend(check(value).into_iter().map(|m| FieldError::invalid(&path.child(field), value, m)));
        }
    }
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_i64() {
        let messages = names::is_in_range(seconds, 1, i32::MAX.into());
        errors.extend(
            messages.into_iter().map(|m| FieldError::invalid(&path.child("activeDeadlineSeconds"), seconds, m)),
        );
    }
    errors
}

/// The names of the volumes, after a look at them.
fn validate_volumes<'a>(spec: &'a Value, path: &Path, errors: &mut Vec<FieldError>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (index, volume) in items(spec, "volumes").enumerate() {
        let path = path.child("volumes").index(index);
        let name = text(&volume["name"]);
        if name.is_empty() {
            errors.push(FieldError::required(&path.child("name"), ""));
        } else {
            let messages = names::is_dns1123_label(name);
            errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("name"), name, m)));
        }
        if !names.insert(name) {
            errors.push(FieldError::duplicate(&path.child("name"), name));
        }
        let sources = volume.as_object().map_or(0, |fields| fields.keys().filter(|key| *key != "name").count());
        if sources > 1 {
            errors.push(FieldError::forbidden(&path, "may not specify more than 1 volume type"));
        }
    }
    names
}

fn validate_container(container: &Value, volumes: &BTreeSet<&str>, path: &Path, errors: &mut Vec<FieldError>) {
    let name = text(&container["name"]);
    if name.is_empty() {
        errors.push(FieldError::required(&path.child("name"), ""));
    } else {
        errors.extend(
            names::is_dns1123_label(name).into_iter().map(|m| FieldError::invalid(&path.child("name"), name, m)),
        );
    }
    let image = text(&container["image"]);
    if image.is_empty() {
        errors.push(FieldError::required(&path.child("image"), ""));
    } else if image.trim() != image {
        errors.push(FieldError::invalid(&path.child("image"), image, "must not have leading or trailing whitespace"));
    }
    validate_ports(container, path, errors);
    for (index, variable) in items(container, "env").enumerate() {
        let path = path.child("env").index(index);
        let name = text(&variable["name"]);
        if name.is_empty() {
            errors.push(FieldError::required(&path.child("name"), ""));
        } else {
            let messages = names::is_relaxed_env_var_name(name);
            errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("name"), name, m)));
        }
        if !text(&variable["value"]).is_empty() && variable["valueFrom"].is_object() {
            let detail = "may not be specified when `value` is not empty";
            errors.push(FieldError::invalid(&path.child("valueFrom"), "", detail));
        }
    }
    let mut mounted = BTreeSet::new();
    for (index, mount) in items(container, "volumeMounts").enumerate() {
        let path = path.child("volumeMounts").index(index);
        let (name, at) = (text(&mount["name"]), text(&mount["mountPath"]));
        if name.is_empty() {
            errors.push(FieldError::required(&path.child("name"), ""));
        }
        if !volumes.contains(name) {
            errors.push(FieldError::not_found(&path.child("name"), name));
        }
        if at.is_empty() {
            errors.push(FieldError::required(&path.child("mountPath"), ""));
        }
        if !mounted.insert(at) {
            errors.push(FieldError::invalid(&path.child("mountPath"), at, "must be unique"));
        }
    }
    one_of(container, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], path, errors);
    validate_resources(&container["resources"], &path.child("resources"), errors);
}

fn validate_ports(container: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (index, port) in items(container, "ports").enumerate() {
        let path = path.child("ports").index(index);
        let name = text(&port["name"]);
        if !name.is_empty() {
            let messages = names::is_valid_port_name(name);
            if messages.is_empty() && !seen.insert(name) {
                errors.push(FieldError::duplicate(&path.child("name"), name));
            }
            errors.extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("name"), name, m)));
        }
        match port["containerPort"].as_i64().unwrap_or(0) {
            0 => errors.push(FieldError::required(&path.child("containerPort"), "")),
            number => {
                let messages = names::is_valid_port_num(number);
                errors
                    .extend(messages.into_iter().map(|m| FieldError::invalid(&path.child("containerPort"), number, m)));
            }
        }
        one_of(port, "protocol", &["SCTP", "TCP", "UDP"], &path, errors);
    }
}

/// `ValidateContainerResourceRequirements`: nothing negative, no request above its limit.
fn validate_resources(resources: &Value, path: &Path, errors: &mut Vec<FieldError>) {
    for list in ["limits", "requests"] {
        for (name, value) in resources[list].as_object().into_iter().flatten() {
            if Quantity::from_json(value).is_ok_and(|quantity| quantity.sign() < 0) {
                let detail = "must be greater than or equal to 0";
                errors.push(FieldError::invalid(&path.child(list).key(name), value.clone(), detail));
            }
        }
    }
    for (name, request) in resources["requests"].as_object().into_iter().flatten() {
        let limit = &resources["limits"][name.as_str()];
        let (Ok(asked), Ok(most)) = (Quantity::from_json(request), Quantity::from_json(limit)) else {
            continue;
        };
        if !limit.is_null() && asked > most {
            let detail = format!("must be less than or equal to {name} limit of {most}");
            errors.push(FieldError::invalid(&path.child("requests"), asked.to_string(), detail));
        }
    }
}

/// A text field that has one of a few values.
fn one_of(object: &Value, field: &str, valid: &[&str], path: &Path, errors: &mut Vec<FieldError>) {
    let value = text(&object[field]);
    if value.is_empty() {
        errors.push(FieldError::required(&path.child(field), ""));
    } else if !valid.contains(&value) {
        errors.push(FieldError::not_supported(&path.child(field), value, valid));
    }
}
