//! What kind of answer a client accepts (k8s.io/apiserver/pkg/endpoints/handlers/negotiation).

use apimachinery::status::Status;
use http::{HeaderMap, header::ACCEPT};

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The object or list itself.
    Object,
    /// `meta.k8s.io/v1` Table.
    Table,
    /// `meta.k8s.io/v1` PartialObjectMetadata, or a list of them.
    Metadata,
}

/// The first of the accepted formats that can be had.
pub(super) fn format(headers: &HeaderMap) -> Result<Format, Status> {
    let Some(accept) = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).filter(|accept| !accept.is_empty())
    else {
        return Ok(Format::Object);
    };
    accept.split(',').find_map(clause).ok_or_else(|| {
        let mut status = Status::not_acceptable(&[]);
        "406: Not Acceptable\n\nAvailable representations: application/json, application/json;stream=watch"
            .clone_into(&mut status.message);
        status
    })
}

fn clause(clause: &str) -> Option<Format> {
    let mut parts = clause.split(';').map(str::trim);
    if !["application/json", "application/*", "*/*"].contains(&parts.next()?) {
        return None;
    }
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let value = |key: &str| parameters.iter().find(|(own, _)| *own == key).map(|(_, value)| *value);
    let meta = || value("g") == Some("meta.k8s.io") && value("v") == Some("v1");
    match value("as") {
        None => Some(Format::Object),
        Some("Table") if meta() => Some(Format::Table),
        Some("PartialObjectMetadata" | "PartialObjectMetadataList") if meta() => Some(Format::Metadata),
        Some("APIGroupDiscoveryList") => Some(Format::Object),
        Some(_) => None,
    }
}

/// Whether the client accepts aggregated discovery.
pub(super) fn wants_aggregated_discovery(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let aggregated = |clause: &str| {
        let has = |text: &str| clause.split(';').any(|part| part.trim() == text);
        has("application/json") && has("g=apidiscovery.k8s.io") && has("v=v2") && has("as=APIGroupDiscoveryList")
    };
    accept.split(',').any(aggregated)
}
