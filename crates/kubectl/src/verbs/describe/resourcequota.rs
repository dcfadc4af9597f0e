//! ResourceQuotas, alone and all of a namespace (kubectl: pkg/describe/describe.go `describeQuota`,
//! `DescribeResourceQuotas`).

use super::writer::{Writer, list, or, str_of};
use crate::text::display;
use apimachinery::meta;
use apimachinery::quantity::Quantity;
use serde_json::Value;

pub(super) fn describe(w: &mut Writer, quota: &Value) {
    w.name_and_namespace(quota);
    scopes(w, 0, " * ", quota);
    w.line(0, format_args!("Resource\tUsed\tHard"));
    w.line(0, format_args!("--------\t----\t----"));
    for (resource, hard) in quota["status"]["hard"].as_object().into_iter().flatten() {
        let used = used(&quota["status"]["used"][resource], hard);
        w.line(0, format_args!("{resource}\t{used}\t{}", display(hard)));
    }
}

/// What is used, in the units of the limit.
fn used(used: &Value, hard: &Value) -> String {
    let (used, hard) = (Quantity::from_json(used).unwrap_or_default(), Quantity::from_json(hard).unwrap_or_default());
    if used.format() == hard.format() {
        used.to_string()
    } else {
        Quantity::new(used.value(), hard.format()).to_string()
    }
}

/// The quotas of a namespace.
pub(super) fn describe_all(w: &mut Writer, mut quotas: Vec<Value>) {
    if quotas.is_empty() {
        w.line(0, format_args!("No resource quota."));
        return;
    }
    quotas.sort_by_cached_key(|quota| meta::name(quota).to_string());
    w.line(0, format_args!("Resource Quotas"));
    for quota in &quotas {
        w.line(1, format_args!("Name:\t{}", meta::name(quota)));
        scopes(w, 1, "* ", quota);
        w.line(1, format_args!("Resource\tUsed\tHard"));
        w.line(1, format_args!("--------\t---\t---"));
        for (resource, hard) in quota["status"]["hard"].as_object().into_iter().flatten() {
            let used = or(&quota["status"]["used"][resource], "0");
            w.line(1, format_args!("{resource}\t{used}\t{}", display(hard)));
        }
    }
}

/// Which pods the quota counts, if not all, and what that means.
fn scopes(w: &mut Writer, level: usize, bullet: &str, quota: &Value) {
    let mut scopes: Vec<&str> = list(&quota["spec"]["scopes"]).iter().map(str_of).collect();
    scopes.sort_unstable();
    if !scopes.is_empty() {
        w.line(level, format_args!("Scopes:\t{}", scopes.join(", ")));
    }
    for help in scopes.into_iter().filter_map(help) {
        w.line(level, format_args!("{bullet}{help}"));
    }
}

fn help(scope: &str) -> Option<&'static str> {
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
