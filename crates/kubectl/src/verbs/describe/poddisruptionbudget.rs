//! PodDisruptionBudgets (kubectl: pkg/describe/describe.go `describePodDisruptionBudgetV1`).

use super::writer::{Writer, int_of};
use super::{Describing, events};
use crate::error::Result;
use crate::text::display;
use apimachinery::selector::format_label_selector;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, budget: &Value) -> Result<()> {
    let (spec, status) = (&budget["spec"], &budget["status"]);
    let events = events::of(d, budget).await;
    w.name_and_namespace(budget);
    if !spec["minAvailable"].is_null() {
        w.line(0, format_args!("Min available:\t{}", display(&spec["minAvailable"])));
    } else {
        w.if_set(0, "Max unavailable", &spec["maxUnavailable"]);
    }
    let selector = if spec["selector"].is_null() { "<unset>".into() } else { format_label_selector(&spec["selector"]) };
    w.line(0, format_args!("Selector:\t{selector}"));
    w.line(0, format_args!("Status:"));
    for (title, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        w.line(2, format_args!("{title}:\t{}", int_of(&status[field])));
    }
    events::describe(w, events);
    Ok(())
}
