//! EndpointSlices, and who is behind a Service (kubectl: pkg/describe/describe.go `describeEndpointSliceV1`,
//! `formatEndpointSlices`).

use super::writer::{Writer, int_of, joined, list, or, str_of};
use super::{Describing, events};
use crate::error::Result;
use crate::request::Call;
use crate::text::display;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, slice: &Value) -> Result<()> {
    let events = events::of(d, slice).await;
    w.name_and_namespace(slice);
    w.labels_and_annotations(slice);
    w.line(0, format_args!("AddressType:\t{}", str_of(&slice["addressType"])));
    let ports = list(&slice["ports"]);
    if ports.is_empty() {
        w.line(0, format_args!("Ports: <unset>"));
    } else {
        w.line(0, format_args!("Ports:"));
        w.line(1, format_args!("Name\tPort\tProtocol"));
        w.line(1, format_args!("----\t----\t--------"));
    }
    for port in ports {
        let number = if port["port"].is_null() { "<unset>".into() } else { display(&port["port"]) };
        let (name, protocol) = (or(&port["name"], "<unset>"), str_of(&port["protocol"]));
        w.line(1, format_args!("{name}\t{number}\t{protocol}"));
    }
    let endpoints = list(&slice["endpoints"]);
    w.line(0, format_args!("{}", if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" }));
    for endpoint in endpoints {
        let addresses = joined(&endpoint["addresses"], ", ");
        w.line(1, format_args!("- Addresses:\t{}", if addresses.is_empty() { "<none>" } else { &addresses }));
        w.line(2, format_args!("Conditions:"));
        w.or_unset(3, "Ready", &endpoint["conditions"]["ready"]);
        w.or_unset(2, "Hostname", &endpoint["hostname"]);
        let target = &endpoint["targetRef"];
        if target.is_object() {
            w.line(2, format_args!("TargetRef:\t{}/{}", str_of(&target["kind"]), str_of(&target["name"])));
        }
        w.or_unset(2, "NodeName", &endpoint["nodeName"]);
        w.or_unset(2, "Zone", &endpoint["zone"]);
    }
    events::describe(w, events);
    Ok(())
}

/// The slices of a Service.
pub(super) async fn of_service(d: &Describing<'_>, namespace: &str, service: &str) -> Result<Vec<Value>> {
    let slices = Call::get(format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"))
        .query("labelSelector", format!("kubernetes.io/service-name={service}"));
    d.list(slices).await
}

/// The first three ready endpoints behind a port, and how many more there are (`formatEndpointSlices`).
pub(super) fn reached(slices: &[Value], port_name: &str) -> String {
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
