//! Namespaces (kubectl: pkg/describe/describe.go `describeNamespace`).

use super::writer::{Writer, str_of};
use super::{Describing, limitrange, resourcequota};
use crate::error::{Error, Result};
use crate::request::Call;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, namespace: &Value) -> Result<()> {
    let quotas = inside(d, namespace, "resourcequotas").await?;
    let limits = inside(d, namespace, "limitranges").await?;
    w.line(0, format_args!("Name:\t{}", meta::name(namespace)));
    w.labels_and_annotations(namespace);
    w.line(0, format_args!("Status:\t{}", str_of(&namespace["status"]["phase"])));
    w.conditions_with_times(&namespace["status"]["conditions"]);
    if let Some(quotas) = quotas {
        w.line(0, format_args!(""));
        resourcequota::describe_all(w, quotas);
    }
    if let Some(limits) = limits {
        w.line(0, format_args!(""));
        limitrange::describe_all(w, &limits);
    }
    Ok(())
}

/// The objects of a type in the namespace; `None` if the server has no such type.
async fn inside(d: &Describing<'_>, namespace: &Value, resource: &str) -> Result<Option<Vec<Value>>> {
    match d.list(Call::get(format!("/api/v1/namespaces/{}/{resource}", meta::name(namespace)))).await {
        Ok(items) => Ok(Some(items)),
        Err(error) if Error::is_not_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
