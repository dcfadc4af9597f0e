//! IPAddresses (kubectl: pkg/describe/describe.go `describeIPAddressV1`).

use super::writer::{Writer, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, address: &Value) -> Result<()> {
    let events = events::of(d, address).await;
    w.line(0, format_args!("Name:\t{}", meta::name(address)));
    w.labels_and_annotations(address);
    let parent = &address["spec"]["parentRef"];
    if parent.is_object() {
        w.line(0, format_args!("Parent Reference:"));
        for (title, field) in
            [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")]
        {
            w.line(1, format_args!("{title}:\t{}", str_of(&parent[field])));
        }
    }
    events::describe(w, events);
    Ok(())
}
