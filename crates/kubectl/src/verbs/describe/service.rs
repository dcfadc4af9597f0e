//! Services (kubectl: pkg/describe/describe.go `describeService`).

use super::writer::{Writer, int_of, joined, list, or, pairs, str_of};
use super::{Describing, events};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, service: &Value) -> Result<()> {
    let (name, namespace) = (str_of(&service["metadata"]["name"]), str_of(&service["metadata"]["namespace"]));
    let slices = Call::get(format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"))
        .query("labelSelector", format!("kubernetes.io/service-name={name}"));
    // Upstream shows the service without endpoints when the slices cannot be read.
    let slices = d.list(slices).await.unwrap_or_default();
    let events = events::of(d, service).await;
    let spec = &service["spec"];
    w.name_and_namespace(service);
    w.labels_and_annotations(service);
    let selector: Vec<String> = pairs(&spec["selector"]).map(|(key, value)| format!("{key}={value}")).collect();
    let selector = if selector.is_empty() { "<none>".to_string() } else { selector.join(",") };
    w.line(0, format_args!("Selector:\t{selector}"));
    w.line(0, format_args!("Type:\t{}", str_of(&spec["type"])));
    w.some(0, "IP Family Policy", &spec["ipFamilyPolicy"]);
    w.line(0, format_args!("IP Families:\t{}", joined_or_none(&spec["ipFamilies"])));
    w.line(0, format_args!("IP:\t{}", str_of(&spec["clusterIP"])));
    w.line(0, format_args!("IPs:\t{}", joined_or_none(&spec["clusterIPs"])));
    if !list(&spec["externalIPs"]).is_empty() {
        w.line(0, format_args!("External IPs:\t{}", joined(&spec["externalIPs"], ",")));
    }
    w.some(0, "Desired LoadBalancer IP", &spec["loadBalancerIP"]);
    w.some(0, "External Name", &spec["externalName"]);
    let ingress = list(&service["status"]["loadBalancer"]["ingress"]);
    if !ingress.is_empty() {
        let shown: Vec<String> = ingress.iter().map(ingress_point).collect();
        w.line(0, format_args!("LoadBalancer Ingress:\t{}", shown.join(", ")));
    }
    for port in list(&spec["ports"]) {
        let (name, protocol) = (or(&port["name"], "<unset>"), str_of(&port["protocol"]));
        w.line(0, format_args!("Port:\t{name}\t{}/{protocol}", int_of(&port["port"])));
        w.line(0, format_args!("TargetPort:\t{}/{protocol}", display(&port["targetPort"])));
        w.some(0, "AppProtocol", &port["appProtocol"]);
        if int_of(&port["nodePort"]) != 0 {
            w.line(0, format_args!("NodePort:\t{name}\t{}/{protocol}", int_of(&port["nodePort"])));
        }
        w.line(0, format_args!("Endpoints:\t{}", endpoints(&slices, str_of(&port["name"]))));
    }
    w.line(0, format_args!("Session Affinity:\t{}", str_of(&spec["sessionAffinity"])));
    w.some(0, "External Traffic Policy", &spec["externalTrafficPolicy"]);
    w.some(0, "Internal Traffic Policy", &spec["internalTrafficPolicy"]);
    if int_of(&spec["healthCheckNodePort"]) != 0 {
        w.line(0, format_args!("HealthCheck NodePort:\t{}", int_of(&spec["healthCheckNodePort"])));
    }
    if !list(&spec["loadBalancerSourceRanges"]).is_empty() {
        w.line(0, format_args!("LoadBalancer Source Ranges:\t{}", joined(&spec["loadBalancerSourceRanges"], ",")));
    }
    w.some(0, "Traffic Distribution", &spec["trafficDistribution"]);
    events::describe(w, events);
    Ok(())
}

fn joined_or_none(value: &Value) -> String {
    if list(value).is_empty() { "<none>".into() } else { joined(value, ",") }
}

fn ingress_point(point: &Value) -> String {
    match (str_of(&point["ip"]), point["ipMode"].as_str()) {
        ("", _) => str_of(&point["hostname"]).to_string(),
        (ip, Some(mode)) => format!("{ip} ({mode})"),
        (ip, None) => ip.to_string(),
    }
}

/// The first three ready endpoints behind a port, and how many more there are (`formatEndpointSlices`).
fn endpoints(slices: &[Value], port_name: &str) -> String {
    const SHOWN: usize = 3;
    if slices.is_empty() {
        return "<none>".into();
    }
    let (mut shown, mut more, mut count) = (Vec::new(), false, 0);
    for slice in slices {
        let ports = list(&slice["ports"]);
        // Headless services may have no ports at all.
        let ports: Vec<Option<i64>> = if ports.is_empty() {
            vec![None]
        } else {
            ports
                .iter()
                .filter(|port| str_of(&port["name"]) == port_name)
                .map(|port| Some(int_of(&port["port"])))
                .collect()
        };
        for port in ports {
            for endpoint in list(&slice["endpoints"]) {
                more |= shown.len() == SHOWN;
                if endpoint["conditions"]["ready"] == false {
                    continue;
                }
                if !more {
                    let address = str_of(&endpoint["addresses"][0]);
                    shown.push(match port {
                        None => address.to_string(),
                        Some(port) if address.contains(':') => format!("[{address}]:{port}"),
                        Some(port) => format!("{address}:{port}"),
                    });
                }
                count += 1;
            }
        }
    }
    let text = shown.join(",");
    if more { format!("{text} + {} more...", count as i64 - SHOWN as i64) } else { text }
}
