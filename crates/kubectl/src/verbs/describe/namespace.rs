//! Namespaces (kubectl: pkg/describe/describe.go `describeNamespace`).

use super::Describing;
use super::writer::{Writer, list, or, str_of};
use crate::error::{Error, Result};
use crate::request::Call;
use crate::text::display;
use apimachinery::meta;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, namespace: &Value) -> Result<()> {
    let quotas = inside(d, namespace, "resourcequotas").await?;
    let limits = inside(d, namespace, "limitranges").await?;
    w.line(0, format_args!("Name:\t{}", meta::name(namespace)));
    w.labels_and_annotations(namespace);
    w.line(0, format_args!("Status:\t{}", str_of(&namespace["status"]["phase"])));
    let conditions = list(&namespace["status"]["conditions"]);
    if !conditions.is_empty() {
        w.line(0, format_args!("Conditions:"));
        w.line(1, format_args!("Type\tStatus\tLastTransitionTime\tReason\tMessage"));
        w.line(1, format_args!("----\t------\t------------------\t------\t-------"));
    }
    for c in conditions {
        let [kind, status, reason, message] = ["type", "status", "reason", "message"].map(|field| str_of(&c[field]));
        let time = w.time(&c["lastTransitionTime"]);
        w.line(1, format_args!("{kind}\t{status}\t{time}\t{reason}\t{message}"));
    }
    if let Some(quotas) = quotas {
        w.line(0, format_args!(""));
        describe_quotas(w, quotas);
    }
    if let Some(limits) = limits {
        w.line(0, format_args!(""));
        describe_limits(w, &limits);
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

fn describe_quotas(w: &mut Writer, mut quotas: Vec<Value>) {
    if quotas.is_empty() {
        w.line(0, format_args!("No resource quota."));
        return;
    }
    quotas.sort_by_cached_key(|quota| meta::name(quota).to_string());
    w.line(0, format_args!("Resource Quotas"));
    for quota in &quotas {
        w.line(1, format_args!("Name:\t{}", meta::name(quota)));
        let mut scopes: Vec<&str> = list(&quota["spec"]["scopes"]).iter().map(str_of).collect();
        scopes.sort_unstable();
        if !scopes.is_empty() {
            w.line(1, format_args!("Scopes:\t{}", scopes.join(", ")));
        }
        for help in scopes.into_iter().filter_map(scope_help) {
            w.line(1, format_args!("* {help}"));
        }
        w.line(1, format_args!("Resource\tUsed\tHard"));
        w.line(1, format_args!("--------\t---\t---"));
        for (resource, hard) in quota["status"]["hard"].as_object().into_iter().flatten() {
            let used = or(&quota["status"]["used"][resource], "0");
            w.line(1, format_args!("{resource}\t{used}\t{}", display(hard)));
        }
    }
}

fn scope_help(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "Terminating" => {
            "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
        }
        "NotTerminating" => {
            "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
        }
        "BestEffort" => {
            "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
        }
        "NotBestEffort" => {
            "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
        }
        _ => return None,
    })
}

fn describe_limits(w: &mut Writer, ranges: &[Value]) {
    if ranges.is_empty() {
        w.line(0, format_args!("No LimitRange resource."));
        return;
    }
    w.line(
        0,
        format_args!(
            "Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
        ),
    );
    w.line(0, format_args!(" ----\t--------\t---\t---\t---------------\t-------------\t-----------------------"));
    const COLUMNS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in ranges.iter().flat_map(|range| list(&range["spec"]["limits"])) {
        // Upstream goes through a map, in no order; ours is the names'.
        let names: BTreeSet<&String> =
            COLUMNS.iter().flat_map(|column| item[*column].as_object()).flat_map(|map| map.keys()).collect();
        for name in names {
            let cells = COLUMNS.map(|column| or(&item[column][name], "-")).join("\t");
            w.line(0, format_args!(" {}\t{name}\t{cells}", str_of(&item["type"])));
        }
    }
}
