//! Defaults of a pod's spec, wherever it stands: in a Pod or in the template of a workload.
//!
//! Upstream: kubernetes pkg/apis/core/v1/defaults.go.

use serde_json::{Value, json};

use super::fields::{default, items_mut, text};

/// `SetDefaults_PodSpec` and the defaults of everything below it.
pub(super) fn set_defaults(spec: &mut Value) {
    if text(&spec["serviceAccountName"]).is_empty() && !text(&spec["serviceAccount"]).is_empty() {
        spec["serviceAccountName"] = spec["serviceAccount"].clone();
    }
    if !text(&spec["serviceAccountName"]).is_empty() {
        spec["serviceAccount"] = spec["serviceAccountName"].clone();
    }
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "restartPolicy", "Always");
    default(spec, "securityContext", json!({}));
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "schedulerName", "default-scheduler");
    let host_network = spec["hostNetwork"] == true;
    for list in ["containers", "initContainers"] {
        for container in items_mut(spec, list) {
            set_container_defaults(container, host_network);
        }
    }
    for container in items_mut(spec, "ephemeralContainers") {
        set_container_defaults(container, false);
    }
    for volume in items_mut(spec, "volumes") {
        set_volume_defaults(volume);
    }
}

fn set_container_defaults(container: &mut Value, host_network: bool) {
    let policy = if tag_of(text(&container["image"])) == Some("latest") { "Always" } else { "IfNotPresent" };
    default(container, "imagePullPolicy", policy);
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    for port in items_mut(container, "ports") {
        default(port, "protocol", "TCP");
        if host_network {
            let number = port["containerPort"].clone();
            default(port, "hostPort", number);
        }
    }
    for variable in items_mut(container, "env") {
        let reference = &mut variable["valueFrom"]["fieldRef"];
        if reference.is_object() {
            default(reference, "apiVersion", "v1");
        }
        forget_null(variable, "valueFrom");
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container[name].is_object() {
            set_probe_defaults(&mut container[name]);
        }
    }
    for hook in ["postStart", "preStop"] {
        if container["lifecycle"][hook]["httpGet"].is_object() {
            set_http_get_defaults(&mut container["lifecycle"][hook]["httpGet"]);
        }
    }
    forget_null(container, "lifecycle");
}

/// Looking at a field through `IndexMut` leaves nulls behind.
fn forget_null(object: &mut Value, field: &str) {
    fn empty(value: &Value) -> bool {
        value.is_null() || value.as_object().is_some_and(|map| map.values().all(empty))
    }
    match object.get(field) {
        Some(value) if empty(value) => super::fields::remove(object, field),
        Some(_) => {
            if let Some(map) = object[field].as_object_mut() {
                map.retain(|_, value| !value.is_null());
            }
        }
        None => {}
    }
}

fn set_probe_defaults(probe: &mut Value) {
    for (field, value) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        default(probe, field, value);
    }
    if let Some(action) = probe.get_mut("httpGet") {
        set_http_get_defaults(action);
    }
    if let Some(action) = probe.get_mut("grpc") {
        default(action, "service", "");
    }
}

fn set_http_get_defaults(action: &mut Value) {
    default(action, "path", "/");
    default(action, "scheme", "HTTP");
}

fn set_volume_defaults(volume: &mut Value) {
    if volume.as_object().is_some_and(|fields| fields.keys().all(|field| field == "name")) {
        volume["emptyDir"] = json!({});
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = volume.get_mut(source) {
            default(source, "defaultMode", 420);
        }
    }
    if let Some(source) = volume.get_mut("downwardAPI") {
        set_field_reference_defaults(source);
    }
    if let Some(path) = volume.get_mut("hostPath") {
        default(path, "type", "");
    }
    if let Some(projected) = volume.get_mut("projected") {
        for source in items_mut(projected, "sources") {
            if let Some(token) = source.get_mut("serviceAccountToken") {
                default(token, "expirationSeconds", 3600);
            }
            if let Some(fields) = source.get_mut("downwardAPI") {
                set_field_reference_defaults(fields);
            }
        }
    }
}

fn set_field_reference_defaults(source: &mut Value) {
    for item in items_mut(source, "items") {
        if let Some(reference) = item.get_mut("fieldRef") {
            default(reference, "apiVersion", "v1");
        }
    }
}

/// The tag of an image: `latest` when neither tag nor digest is given, `None` with a digest alone.
fn tag_of(image: &str) -> Option<&str> {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => Some(tag),
        None if digest => None,
        None => Some("latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_latest_is_always_pulled() {
        for (image, tag) in [
            ("nginx", Some("latest")),
            ("nginx:1.27", Some("1.27")),
            ("localhost:5000/nginx", Some("latest")),
            ("localhost:5000/nginx:latest", Some("latest")),
            ("nginx@sha256:00", None),
        ] {
            assert_eq!(tag_of(image), tag, "{image}");
        }
    }
}
