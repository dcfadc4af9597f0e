//! Ingresses (kubectl: pkg/describe/describe.go `describeIngressV1`).

use super::endpointslice::{of_service, reached};
use super::writer::{Writer, int_of, joined, list, or, str_of};
use super::{Describing, events};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, ingress: &Value) -> Result<()> {
    let (spec, namespace) = (&ingress["spec"], meta::namespace(ingress));
    let events = events::of(d, ingress).await;
    w.line(0, format_args!("Name:\t{}", meta::name(ingress)));
    w.labels("Labels", &ingress["metadata"]["labels"]);
    w.line(0, format_args!("Namespace:\t{namespace}"));
    w.line(0, format_args!("Address:\t{}", addresses(&ingress["status"]["loadBalancer"])));
    let class = spec["ingressClassName"].as_str().unwrap_or("<none>");
    w.line(0, format_args!("Ingress Class:\t{class}"));
    let default = match &spec["defaultBackend"] {
        Value::Null => "<default>".to_string(),
        defined => backend(d, namespace, defined).await,
    };
    w.line(0, format_args!("Default backend:\t{default}"));
    tls(w, list(&spec["tls"]));
    w.line(0, format_args!("Rules:\n  Host\tPath\tBackends"));
    w.line(1, format_args!("----\t----\t--------"));
    let rules: Vec<&Value> = list(&spec["rules"]).iter().filter(|rule| rule["http"].is_object()).collect();
    if rules.is_empty() {
        w.line(1, format_args!("*\t*\t{default}"));
    }
    for rule in rules {
        w.line(1, format_args!("{}\t", or(&rule["host"], "*")));
        for path in list(&rule["http"]["paths"]) {
            let backend = backend(d, namespace, &path["backend"]).await;
            w.line(2, format_args!("\t{} \t{backend}", str_of(&path["path"])));
        }
    }
    w.annotations("Annotations", &ingress["metadata"]["annotations"]);
    events::describe(w, events);
    Ok(())
}

/// Where the ingress can be reached, sorted.
fn addresses(status: &Value) -> String {
    let points: BTreeSet<&str> =
        list(&status["ingress"]).iter().map(|point| or(&point["ip"], str_of(&point["hostname"]))).collect();
    points.into_iter().filter(|point| !point.is_empty()).collect::<Vec<_>>().join(",")
}

fn tls(w: &mut Writer, tls: &[Value]) {
    if !tls.is_empty() {
        w.line(0, format_args!("TLS:"));
    }
    for one in tls {
        let hosts = joined(&one["hosts"], ",");
        match str_of(&one["secretName"]) {
            "" => w.line(1, format_args!("SNI routes {hosts}")),
            secret => w.line(1, format_args!("{secret} terminates {hosts}")),
        }
    }
}

/// A backend with the endpoints behind it, or why they are not known.
async fn backend(d: &Describing<'_>, namespace: &str, backend: &Value) -> String {
    let (service, resource) = (&backend["service"], &backend["resource"]);
    if service.is_object() {
        let (name, port) = (str_of(&service["name"]), &service["port"]);
        let number = int_of(&port["number"]);
        let shown = if number != 0 { number.to_string() } else { str_of(&port["name"]).to_string() };
        return match endpoints(d, namespace, name, port).await {
            Ok(endpoints) => format!("{name}:{shown} ({endpoints})"),
            Err(error) => format!("{name}:{shown} (<error: {error}>)"),
        };
    }
    if resource.is_object() {
        let group = resource["apiGroup"].as_str().unwrap_or("<none>");
        return format!(
            "APIGroup: {group}, Kind: {}, Name: {}",
            display(&resource["kind"]),
            display(&resource["name"])
        );
    }
    String::new()
}

async fn endpoints(d: &Describing<'_>, namespace: &str, name: &str, port: &Value) -> Result<String> {
    let slices = of_service(d, namespace, name).await?;
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    let service = d.cx.requests().await?.json(Call::get(path)).await?;
    // The name of the service's port; the last that fits counts.
    let (number, port_name) = (int_of(&port["number"]), str_of(&port["name"]));
    let fits =
        |p: &&Value| (number != 0 && int_of(&p["port"]) == number) || (!port_name.is_empty() && p["name"] == port_name);
    let port = list(&service["spec"]["ports"]).iter().rfind(fits);
    Ok(reached(&slices, port.map_or("", |port| str_of(&port["name"]))))
}
