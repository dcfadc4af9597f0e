//! Endpoints (kubectl: pkg/describe/describe.go `describeEndpoints`).

use super::writer::{Writer, int_of, joined, list, or, str_of};
use super::{Describing, events};
use crate::error::Result;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, endpoints: &Value) -> Result<()> {
    let events = events::of(d, endpoints).await;
    w.name_and_namespace(endpoints);
    w.labels_and_annotations(endpoints);
    w.line(0, format_args!("Subsets:"));
    for subset in list(&endpoints["subsets"]) {
        for (title, field) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")] {
            let addresses = list(&subset[field]).iter().map(|address| address["ip"].clone()).collect();
            let addresses = joined(&Value::Array(addresses), ",");
            w.line(1, format_args!("{title}:\t{}", if addresses.is_empty() { "<none>" } else { &addresses }));
        }
        let ports = list(&subset["ports"]);
        if !ports.is_empty() {
            w.line(1, format_args!("Ports:"));
            w.line(2, format_args!("Name\tPort\tProtocol"));
            w.line(2, format_args!("----\t----\t--------"));
        }
        for port in ports {
            let (name, protocol) = (or(&port["name"], "<unset>"), str_of(&port["protocol"]));
            w.line(2, format_args!("{name}\t{}\t{protocol}", int_of(&port["port"])));
        }
        w.line(0, format_args!(""));
    }
    events::describe(w, events);
    Ok(())
}
