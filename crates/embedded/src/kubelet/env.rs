//! The environment of a container (kubelet_pods.go: makeEnvironmentVariables; envvars.go; third_party/forked/golang/expansion).

use std::collections::BTreeMap;

use base64::Engine;
use serde_json::Value;

use crate::apiserver::Api;

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// Puts variables in for `$(NAME)`; `$$` is a dollar; what is not known stays.
pub fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
            match variables.get(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

/// The variables that tell of Services: `DEMO_SERVICE_HOST` and its kin.
fn of_services(api: &Api, namespace: &str, links: bool) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for service in api.list("services", None) {
        let (name, home) = (text(&service["metadata"], "name"), text(&service["metadata"], "namespace"));
        let address = text(&service["spec"], "clusterIP");
        let wanted = (home == "default" && name == "kubernetes") || (home == namespace && links);
        if !wanted || address.is_empty() || address == "None" {
            continue;
        }
        let prefix = name.to_uppercase().replace('-', "_");
        let mut set = |name: String, value: String| {
            variables.insert(name, value);
        };
        set(format!("{prefix}_SERVICE_HOST"), address.to_owned());
        for (at, port) in service["spec"]["ports"].as_array().into_iter().flatten().enumerate() {
            let number = port["port"].to_string();
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            let url = format!("{}://{address}:{number}", protocol.to_lowercase());
            if at == 0 {
                set(format!("{prefix}_SERVICE_PORT"), number.clone());
                set(format!("{prefix}_PORT"), url.clone());
            }
            if let Some(name) = port["name"].as_str().filter(|name| !name.is_empty()) {
                set(format!("{prefix}_SERVICE_PORT_{}", name.to_uppercase().replace('-', "_")), number.clone());
            }
            let port_prefix = format!("{prefix}_PORT_{number}_{protocol}");
            set(port_prefix.clone(), url);
            set(format!("{port_prefix}_PROTO"), protocol.to_lowercase());
            set(format!("{port_prefix}_PORT"), number);
            set(format!("{port_prefix}_ADDR"), address.to_owned());
        }
    }
    variables
}

/// The values of a ConfigMap or a Secret.
pub fn data_of(api: &Api, resource: &str, namespace: &str, name: &str) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let kind = if resource == "secrets" { "secret" } else { "configmap" };
    let object = api
        .get(resource, namespace, name)
        .map_err(|error| if error.is_not_found() { format!("{kind} {name:?} not found") } else { error.message })?;
    let mut data = BTreeMap::new();
    let encoded = |value: &Value| {
        base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()
    };
    for (key, value) in object["data"].as_object().into_iter().flatten() {
        let bytes =
            if resource == "secrets" { encoded(value) } else { value.as_str().unwrap_or_default().as_bytes().to_vec() };
        data.insert(key.clone(), bytes);
    }
    for (key, value) in object["binaryData"].as_object().into_iter().flatten() {
        data.insert(key.clone(), encoded(value));
    }
    Ok(data)
}

fn quoted_map(map: &Value) -> String {
    map.as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={:?}", value.as_str().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The value of a field of the Pod, as `fieldRef` names it. `None` where there is no such field.
pub fn field(pod: &Value, path: &str, pod_ip: &str, host_ip: &str) -> Option<String> {
    let meta = &pod["metadata"];
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let field = map.strip_prefix("metadata.").filter(|field| matches!(*field, "labels" | "annotations"))?;
        return Some(text(&meta[field], key).to_owned());
    }
    Some(match path {
        "metadata.name" => text(meta, "name").to_owned(),
        "metadata.namespace" => text(meta, "namespace").to_owned(),
        "metadata.uid" => text(meta, "uid").to_owned(),
        "metadata.labels" => quoted_map(&meta["labels"]),
        "metadata.annotations" => quoted_map(&meta["annotations"]),
        "spec.nodeName" => text(&pod["spec"], "nodeName").to_owned(),
        "spec.serviceAccountName" => text(&pod["spec"], "serviceAccountName").to_owned(),
        "status.hostIP" | "status.hostIPs" => host_ip.to_owned(),
        "status.podIP" | "status.podIPs" => pod_ip.to_owned(),
        _ => return None,
    })
}

/// The value of a quantity in base units, rounded up.
fn units(quantity: &str) -> f64 {
    const SUFFIXES: &[(&str, f64)] = &[
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
    ];
    let found =
        SUFFIXES.iter().find_map(|(suffix, factor)| quantity.strip_suffix(suffix).map(|number| (number, *factor)));
    let (number, factor) = found.unwrap_or((quantity, 1.0));
    number.parse::<f64>().unwrap_or_default() * factor
}

/// The value of a `resourceFieldRef`; limits that are not set are the node's.
pub fn resource(container: &Value, reference: &Value) -> String {
    let path = text(reference, "resource");
    let (kind, name) = path.split_once('.').unwrap_or(("limits", path));
    let set = container["resources"][kind][name]
        .as_str()
        .or_else(|| container["resources"]["limits"][name].as_str().filter(|_| kind == "requests"));
    let default = match (kind, name) {
        ("limits", "cpu") => "4",
        ("limits", "memory") => "8043456Ki",
        ("limits", "ephemeral-storage") => "93478772582",
        _ => "0",
    };
    let divisor = reference["divisor"].as_str().map_or(1.0, units);
    let divisor = if divisor == 0.0 { 1.0 } else { divisor };
    format!("{}", (units(set.unwrap_or(default)) / divisor).ceil())
}

/// All variables of a container, beyond those of its image.
///
/// # Errors
/// In the kubelet's words, when a ConfigMap, a Secret or a key is missing.
pub fn variables(
    api: &Api,
    pod: &Value,
    container: &Value,
    pod_ip: &str,
    host_ip: &str,
) -> Result<BTreeMap<String, String>, String> {
    let namespace = text(&pod["metadata"], "namespace");
    let services = of_services(api, namespace, pod["spec"]["enableServiceLinks"].as_bool().unwrap_or(true));
    let mut own: BTreeMap<String, String> = BTreeMap::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        for (reference, resource) in [("configMapRef", "configmaps"), ("secretRef", "secrets")] {
            let Some(name) = source[reference]["name"].as_str() else { continue };
            match data_of(api, resource, namespace, name) {
                Ok(data) => {
                    let prefix = text(source, "prefix");
                    own.extend(
                        data.into_iter().map(|(key, value)| {
                            (format!("{prefix}{key}"), String::from_utf8_lossy(&value).into_owned())
                        }),
                    );
                }
                Err(_) if source[reference]["optional"] == true => {}
                Err(error) => return Err(error),
            }
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = text(variable, "name").to_owned();
        let from = &variable["valueFrom"];
        let value = if let Some(value) = variable["value"].as_str().filter(|value| !value.is_empty()) {
            let mut known = services.clone();
            known.extend(own.clone());
            expand(value, &known)
        } else if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
            field(pod, path, pod_ip, host_ip).ok_or_else(|| format!("unsupported fieldPath: {path}"))?
        } else if from["resourceFieldRef"].is_object() {
            resource(container, &from["resourceFieldRef"])
        } else {
            match keyed(api, namespace, from)? {
                Some(value) => value,
                None if from.is_object() => continue,
                None => String::new(),
            }
        };
        own.insert(name, value);
    }
    let mut all = services;
    all.extend(own);
    Ok(all)
}

/// The value that `configMapKeyRef` or `secretKeyRef` names; `None` where it is optional and not there, or nothing is named.
fn keyed(api: &Api, namespace: &str, from: &Value) -> Result<Option<String>, String> {
    for (reference, resource, kind) in
        [("configMapKeyRef", "configmaps", "ConfigMap"), ("secretKeyRef", "secrets", "Secret")]
    {
        let reference = &from[reference];
        let Some(name) = reference["name"].as_str() else { continue };
        let (key, optional) = (text(reference, "key"), reference["optional"] == true);
        return match data_of(api, resource, namespace, name) {
            Ok(data) => match data.get(key) {
                Some(value) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
                None if optional => Ok(None),
                None => Err(format!("couldn't find key {key} in {kind} {namespace}/{name}")),
            },
            Err(_) if optional => Ok(None),
            Err(error) => Err(error),
        };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_expanded() {
        let variables = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(expand("$(A) $$(A) $(B) $A $", &variables), "1 $(A) $(B) $A $");
    }

    #[test]
    fn resources_are_divided_and_rounded_up() {
        let container =
            json!({"resources": {"requests": {"cpu": "125m", "memory": "32Mi"}, "limits": {"cpu": "250m"}}});
        let value = |path: &str, divisor: &str| resource(&container, &json!({"resource": path, "divisor": divisor}));
        assert_eq!(value("requests.cpu", "0"), "1");
        assert_eq!(value("limits.cpu", "1m"), "250");
        assert_eq!(value("requests.memory", "1Mi"), "32");
        assert_eq!(value("requests.memory", "0"), "33554432");
    }
}
