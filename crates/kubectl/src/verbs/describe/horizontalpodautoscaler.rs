//! HorizontalPodAutoscalers (kubectl: pkg/describe/describe.go `describeHorizontalPodAutoscalerV2`, `…V1`).

use super::writer::{Writer, int_of, list, or, str_of};
use super::{Describing, events};
use crate::error::Result;
use crate::request::Call;
use crate::text::{display, quote};
use serde_json::Value;

/// The autoscaler in v2, or in v1 of a server that has no other.
pub(super) async fn read(d: &Describing<'_>, namespace: &str, name: &str) -> Result<Value> {
    let path =
        |version: &str| format!("/apis/autoscaling/{version}/namespaces/{namespace}/horizontalpodautoscalers/{name}");
    let requests = d.cx.requests().await?;
    match requests.json(Call::get(path("v2"))).await {
        Ok(scaler) => Ok(scaler),
        Err(_) => requests.json(Call::get(path("v1"))).await,
    }
}

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, scaler: &Value) -> Result<()> {
    let (spec, status) = (&scaler["spec"], &scaler["status"]);
    let (events, second) = (events::of(d, scaler).await, scaler["apiVersion"] == "autoscaling/v2");
    let (kind, target) = (str_of(&spec["scaleTargetRef"]["kind"]), str_of(&spec["scaleTargetRef"]["name"]));
    w.name_and_namespace(scaler);
    w.labels_and_annotations(scaler);
    w.created(scaler);
    w.line(0, format_args!("Reference:\t{kind}/{target}"));
    if second {
        w.line(0, format_args!("Metrics:\t( current / target )"));
        for (index, of) in list(&spec["metrics"]).iter().enumerate() {
            metric(w, of, &status["currentMetrics"][index]);
        }
    } else if let Some(wanted) = spec["targetCPUUtilizationPercentage"].as_i64() {
        let current = status["currentCPUUtilizationPercentage"].as_i64();
        let current = current.map_or("<unknown>".into(), |current| current.to_string());
        w.line(0, format_args!("Target CPU utilization:\t{wanted}%"));
        w.line(0, format_args!("Current CPU utilization:\t{current}%"));
    }
    w.or_unset(0, "Min replicas", &spec["minReplicas"]);
    w.line(0, format_args!("Max replicas:\t{}", int_of(&spec["maxReplicas"])));
    if spec["behavior"].is_object() {
        w.line(0, format_args!("Behavior:"));
        scaling(w, "Scale Up", &spec["behavior"]["scaleUp"]);
        scaling(w, "Scale Down", &spec["behavior"]["scaleDown"]);
    }
    let (current, desired) = (int_of(&status["currentReplicas"]), int_of(&status["desiredReplicas"]));
    w.line(0, format_args!("{kind} pods:\t{current} current / {desired} desired"));
    let conditions = list(&status["conditions"]);
    if !conditions.is_empty() {
        w.line(0, format_args!("Conditions:"));
        w.line(1, format_args!("Type\tStatus\tReason\tMessage"));
        w.line(1, format_args!("----\t------\t------\t-------"));
    }
    for c in conditions {
        let [kind, status, reason, message] = ["type", "status", "reason", "message"].map(|field| str_of(&c[field]));
        w.line(1, format_args!("{kind}\t{status}\t{reason}\t{message}"));
    }
    events::describe(w, events);
    Ok(())
}

/// One metric: what is asked for, and the status of it.
fn metric(w: &mut Writer, of: &Value, status: &Value) {
    let kind = str_of(&of["type"]);
    let (field, title) = match kind {
        "External" => ("external", quote(str_of(&of["external"]["metric"]["name"]))),
        "Pods" => ("pods", format!("{} on pods", quote(str_of(&of["pods"]["metric"]["name"])))),
        "Object" => {
            let (name, on) = (str_of(&of["object"]["metric"]["name"]), &of["object"]["describedObject"]);
            ("object", format!("\"{name}\" on {}/{}", str_of(&on["kind"]), str_of(&on["name"])))
        }
        "Resource" => ("resource", format!("resource {} on pods", str_of(&of["resource"]["name"]))),
        "ContainerResource" => {
            let (name, container) =
                (str_of(&of["containerResource"]["name"]), str_of(&of["containerResource"]["container"]));
            ("containerResource", format!("resource {name} of container \"{container}\" on pods"))
        }
        _ => {
            w.line(1, format_args!("<unknown metric type {}>", quote(kind)));
            return;
        }
    };
    let (target, has, current) = (&of[field]["target"], status[field].is_object(), &status[field]["current"]);
    let now = |field: &str| if has { display(&current[field]) } else { "<unknown>".into() };
    let average = target["averageValue"].is_string();
    let (what, current, target) = match kind {
        "External" if average => {
            let current = if current["averageValue"].is_null() { "<unknown>".into() } else { now("averageValue") };
            (" (target average value)", current, display(&target["averageValue"]))
        }
        "Object" if target["type"] == "AverageValue" => {
            (" (target average value)", now("averageValue"), display(&target["averageValue"]))
        }
        "External" | "Object" => (" (target value)", now("value"), display(&target["value"])),
        "Pods" => ("", now("averageValue"), display(&target["averageValue"])),
        _ if average => ("", now("averageValue"), display(&target["averageValue"])),
        _ => {
            let current = current["averageUtilization"]
                .as_i64()
                .map_or("<unknown>".into(), |percent| format!("{percent}% ({})", display(&current["averageValue"])));
            let target = target["averageUtilization"].as_i64().map_or("<auto>".into(), |percent| format!("{percent}%"));
            // A write of its own, indented.
            ("  (as a percentage of request)", current, target)
        }
    };
    w.line(1, format_args!("{title}{what}:\t{current} / {target}"));
}

/// How fast it may go in a direction.
fn scaling(w: &mut Writer, direction: &str, rules: &Value) {
    if !rules.is_object() {
        return;
    }
    w.line(1, format_args!("{direction}:"));
    if let Some(seconds) = rules["stabilizationWindowSeconds"].as_i64() {
        w.line(2, format_args!("Stabilization Window: {seconds} seconds"));
    }
    let policies = list(&rules["policies"]);
    if !policies.is_empty() {
        w.line(2, format_args!("Select Policy: {}", or(&rules["selectPolicy"], "Max")));
        w.line(2, format_args!("Policies:"));
    }
    for policy in policies {
        let (kind, value, period) =
            (str_of(&policy["type"]), int_of(&policy["value"]), int_of(&policy["periodSeconds"]));
        w.line(3, format_args!("- Type: {kind}\tValue: {value}\tPeriod: {period} seconds"));
    }
}
