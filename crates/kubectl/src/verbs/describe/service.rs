//! Services (kubectl: pkg/describe/describe.go `describeService`).

use super::endpointslice::{of_service, reached};
use super::writer::{Writer, format_labels, int_of, joined, list, or, str_of};
use super::{Describing, events};
use crate::error::Result;

use crate::text::display;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, service: &Value) -> Result<()> {
    // Upstream shows the service without endpoints when the slices cannot be read.
    let slices = of_service(d, meta::namespace(service), meta::name(service)).await.unwrap_or_default();
    let events = events::of(d, service).await;
    let spec = &service["spec"];
    w.name_and_namespace(service);
    w.labels_and_annotations(service);
    w.line(0, format_args!("Selector:\t{}", format_labels(&spec["selector"])));
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
        w.line(0, format_args!("Endpoints:\t{}", reached(&slices, str_of(&port["name"]))));
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
