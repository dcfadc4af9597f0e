//! From `8443:https` to a local port and a port of the pod (kubectl: pkg/cmd/portforward/portforward.go,
//! pkg/util/service_port.go, pkg/util/pod_port.go; client-go: tools/portforward `parsePorts`).

use crate::error::{Error, Result};
use crate::text::quote;
use serde_json::Value;

/// A local port and the pod's port behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forwarded {
    /// Here; 0 is any.
    pub local: u16,
    /// In the pod.
    pub remote: u16,
}

/// `[LOCAL:]REMOTE`; anything else than two parts stands for both (`splitPort`).
fn split(port: &str) -> (&str, &str) {
    match port.split(':').collect::<Vec<_>>()[..] {
        [local, remote] => (local, remote),
        [first, ..] => (first, first),
        [] => ("", ""),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// A number as Go's `strconv.Atoi` reads it.
fn atoi(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn container_port(pod: &Value, wanted: &str) -> Result<i64> {
    let lists = ["containers", "initContainers"].into_iter();
    let ports = lists.flat_map(|list| items(&pod["spec"][list])).flat_map(|container| items(&container["ports"]));
    let found = ports.into_iter().find(|port| port["name"].as_str().unwrap_or_default() == wanted);
    let missing = || Error::msg(format!("Pod '{}' does not have a named port '{wanted}'", name(pod)));
    found.and_then(|port| port["containerPort"].as_i64()).ok_or_else(missing)
}

fn service_port(service: &Value, wanted: &str) -> Result<i64> {
    let found = items(&service["spec"]["ports"]).find(|port| port["name"].as_str().unwrap_or_default() == wanted);
    let missing = || Error::msg(format!("Service '{}' does not have a named port '{wanted}'", name(service)));
    found.and_then(|port| port["port"].as_i64()).ok_or_else(missing)
}

/// Where a service's port leads in a pod.
fn target(service: &Value, pod: &Value, number: i64) -> Result<i64> {
    let Some(port) = items(&service["spec"]["ports"]).find(|port| port["port"].as_i64() == Some(number)) else {
        return Err(Error::msg(format!("Service {} does not have a service port {number}", name(service))));
    };
    if service["spec"]["clusterIP"] == "None" {
        return Ok(number);
    }
    match &port["targetPort"] {
        Value::String(named) => container_port(pod, named),
        target => Ok(target.as_i64().filter(|target| *target != 0).unwrap_or(number)),
    }
}

fn joined(local: &str, remote: i64, same: bool) -> String {
    if same { remote.to_string() } else { format!("{local}:{remote}") }
}

/// The ports of a command line that names a service, as ports of the pod.
pub(super) fn of_service(wanted: &[String], service: &Value, pod: &Value) -> Result<Vec<String>> {
    refuse_udp(wanted, items(&service["spec"]["ports"]), "port", |name| service_port(service, name))?;
    let translate = |port: &String| {
        let (local, remote) = split(port);
        let mut local = local.to_string();
        let number = match atoi(remote) {
            Some(number) => number,
            None => {
                let number = service_port(service, remote)?;
                if local == remote {
                    local = number.to_string();
                }
                number
            }
        };
        let target = target(service, pod, number)?;
        Ok(joined(&local, target, local == target.to_string()))
    };
    wanted.iter().map(translate).collect()
}

/// The ports of a command line that names a pod, or what has pods, names replaced by numbers.
pub(super) fn of_pod(wanted: &[String], pod: &Value) -> Result<Vec<String>> {
    let ports = items(&pod["spec"]["containers"]).flat_map(|container| items(&container["ports"]));
    refuse_udp(wanted, ports, "containerPort", |name| container_port(pod, name))?;
    let translate = |port: &String| {
        let (local, remote) = split(port);
        if remote.is_empty() {
            return Err(Error::msg("remote port cannot be empty"));
        }
        match atoi(remote) {
            Some(_) if local == remote => Ok(remote.to_string()),
            Some(_) => Ok(format!("{local}:{remote}")),
            None => Ok(joined(local, container_port(pod, remote)?, local == remote)),
        }
    };
    wanted.iter().map(translate).collect()
}

/// `checkUDPPorts`: a port that is only there for UDP cannot be forwarded.
fn refuse_udp<'p>(
    wanted: &[String],
    ports: impl Iterator<Item = &'p Value>,
    field: &str,
    by_name: impl Fn(&str) -> Result<i64>,
) -> Result<()> {
    let (mut udp, mut tcp) = (Vec::new(), Vec::new());
    for port in ports {
        match port["protocol"].as_str() {
            Some("UDP") => udp.extend(port[field].as_i64()),
            Some("TCP") => tcp.extend(port[field].as_i64()),
            _ => {}
        }
    }
    for port in wanted {
        let (_, remote) = split(port);
        let number = match atoi(remote) {
            Some(number) => number,
            None => by_name(remote)?,
        };
        if udp.contains(&number) && !tcp.contains(&number) {
            return Err(Error::msg(format!("UDP protocol is not supported for {remote}")));
        }
    }
    Ok(())
}

/// Reads translated ports.
pub(super) fn parse(ports: &[String]) -> Result<Vec<Forwarded>> {
    let number = |which: &str, text: &str| {
        text.parse::<u16>().map_err(|error| {
            let reason = match error.kind() {
                std::num::IntErrorKind::PosOverflow => "value out of range",
                _ => "invalid syntax",
            };
            let parsing = format!("strconv.ParseUint: parsing {}: {reason}", quote(text));
            Error::msg(format!("error parsing {which} port '{text}': {parsing}"))
        })
    };
    let parse = |port: &String| {
        let (local, remote) = match port.split(':').collect::<Vec<_>>()[..] {
            [one] => (one, one),
            ["", remote] => ("0", remote),
            [local, remote] => (local, remote),
            _ => return Err(Error::msg(format!("invalid port format '{port}'"))),
        };
        let forwarded = Forwarded { local: number("local", local)?, remote: number("remote", remote)? };
        if forwarded.remote == 0 {
            return Err(Error::msg("remote port must be > 0"));
        }
        Ok(forwarded)
    };
    ports.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(String::from).collect()
    }

    #[test]
    fn service_ports_lead_to_the_pods_ports() {
        let service = json!({"metadata": {"name": "web"}, "spec": {"clusterIP": "10.0.0.1", "ports": [
            {"name": "http", "port": 80, "targetPort": "www", "protocol": "TCP"},
            {"name": "plain", "port": 81, "targetPort": 8081, "protocol": "TCP"},
            {"name": "dns", "port": 53, "protocol": "UDP"}]}});
        let pod = json!({"metadata": {"name": "web-0"}, "spec": {"containers": [
            {"ports": [{"name": "www", "containerPort": 8080, "protocol": "TCP"}]}]}});
        let of = |text: &str| of_service(&words(text), &service, &pod).map_err(|error| error.to_string());
        assert_eq!(of("80 http 9:http 81 :81").unwrap(), words("80:8080 80:8080 9:8080 81:8081 :8081"));
        assert_eq!(of("53").unwrap_err(), "UDP protocol is not supported for 53");
        assert_eq!(of("82").unwrap_err(), "Service web does not have a service port 82");
        let of = |text: &str| of_pod(&words(text), &pod).map_err(|error| error.to_string());
        assert_eq!(of("www 9:www 7 :7").unwrap(), words("8080 9:8080 7 :7"));
        assert_eq!(of("x").unwrap_err(), "Pod 'web-0' does not have a named port 'x'");
    }

    #[test]
    fn ports_are_numbers() {
        assert_eq!(parse(&words(":80")).unwrap(), [Forwarded { local: 0, remote: 80 }]);
        let error = |text: &str| parse(&words(text)).unwrap_err().to_string();
        assert_eq!(
            error("70000"),
            "error parsing local port '70000': strconv.ParseUint: parsing \"70000\": value out of range"
        );
        assert_eq!(error("0"), "remote port must be > 0");
    }
}
