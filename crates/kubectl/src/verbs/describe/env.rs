//! A container's environment (kubectl: pkg/describe/describe.go `describeContainerEnvVars`, `describeContainerEnvFrom`).

use super::writer::{Writer, bool_of, list, str_of};
use apimachinery::quantity::Quantity;
use serde_json::Value;

/// `Environment Variables from:`, if there are sources.
pub(super) fn sources(w: &mut Writer, container: &Value) {
    let sources = list(&container["envFrom"]);
    if !sources.is_empty() {
        w.line(2, format_args!("Environment Variables from:"));
    }
    for source in sources {
        let (from, of) = match (&source["configMapRef"], &source["secretRef"]) {
            (of @ Value::Object(_), _) => ("ConfigMap", of),
            (_, of @ Value::Object(_)) => ("Secret", of),
            _ => ("", &Value::Null),
        };
        let with = match str_of(&source["prefix"]) {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        w.line(3, format_args!("{}\t{from}{with}\tOptional: {}", str_of(&of["name"]), bool_of(&of["optional"])));
    }
}

/// `Environment:`; fields of the pod have values only where there is one.
pub(super) fn variables(w: &mut Writer, container: &Value, pod: Option<&Value>) {
    let variables = list(&container["env"]);
    let none = if variables.is_empty() { "\t<none>" } else { "" };
    w.line(2, format_args!("Environment:{none}"));
    for variable in variables {
        let (name, from) = (str_of(&variable["name"]), &variable["valueFrom"]);
        let key =
            |of: &Value| (str_of(&of["key"]).to_string(), str_of(&of["name"]).to_string(), bool_of(&of["optional"]));
        let (field, resource) = (&from["fieldRef"], &from["resourceFieldRef"]);
        if from.is_null() {
            for (index, line) in str_of(&variable["value"]).split('\n').enumerate() {
                if index == 0 {
                    w.line(3, format_args!("{name}:\t{line}"));
                } else {
                    w.line(3, format_args!("\t{line}"));
                }
            }
        } else if field.is_object() {
            let (path, version) = (str_of(&field["fieldPath"]), str_of(&field["apiVersion"]));
            let value = pod.map(|pod| field_value(pod, path)).unwrap_or_default();
            w.line(3, format_args!("{name}:\t{value} ({version}:{path})"));
        } else if resource.is_object() {
            let path = str_of(&resource["resource"]);
            let mut value = resource_value(container, path, &resource["divisor"]).unwrap_or_default();
            if value == "0" && (path == "limits.cpu" || path == "limits.memory") {
                value = "node allocatable".into();
            }
            w.line(3, format_args!("{name}:\t{value} ({path})"));
        } else if from["secretKeyRef"].is_object() {
            let (key, of, optional) = key(&from["secretKeyRef"]);
            w.line(3, format_args!("{name}:\t<set to the key '{key}' in secret '{of}'>\tOptional: {optional}"));
        } else if from["configMapKeyRef"].is_object() {
            let (key, of, optional) = key(&from["configMapKeyRef"]);
            w.line(3, format_args!("{name}:\t<set to the key '{key}' of config map '{of}'>\tOptional: {optional}"));
        }
    }
}

/// Name and namespace only: upstream leaves other fields empty, since its client knows no other field labels of pods
/// (`EnvValueRetriever`).
fn field_value<'a>(pod: &'a Value, path: &str) -> &'a str {
    match path {
        "metadata.name" => str_of(&pod["metadata"]["name"]),
        "metadata.namespace" => str_of(&pod["metadata"]["namespace"]),
        _ => "",
    }
}

/// The container's own limit or request, in units of the divisor, rounded up (`ExtractContainerResourceValue`).
fn resource_value(container: &Value, path: &str, divisor: &Value) -> Option<String> {
    let (part, name) = path.split_once('.')?;
    if !["cpu", "memory", "ephemeral-storage"].contains(&name) && !name.starts_with("hugepages-") {
        return None;
    }
    let amount = Quantity::from_json(&container["resources"][part][name]).unwrap_or_default();
    let divisor = Quantity::from_json(divisor).ok().filter(|divisor| !divisor.is_zero());
    let divisor = divisor.or_else(|| Quantity::parse("1").ok())?;
    let count = |quantity: &Quantity| if name == "cpu" { quantity.milli_value() } else { quantity.value() };
    let ratio = (count(&amount) as f64 / count(&divisor) as f64).ceil();
    Some(format!("{ratio:.0}"))
}
