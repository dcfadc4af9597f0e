//! ServiceCIDRs (kubectl: pkg/describe/describe.go `describeServiceCIDRV1`).

use super::writer::{Writer, joined, list};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, range: &Value) -> Result<()> {
    let events = events::of(d, range).await;
    w.line(0, format_args!("Name:\t{}", meta::name(range)));
    w.labels_and_annotations(range);
    w.line(0, format_args!("CIDRs:\t{}", joined(&range["spec"]["cidrs"], ", ")));
    let conditions = &range["status"]["conditions"];
    if !list(conditions).is_empty() {
        w.line(0, format_args!("Status:"));
        w.conditions_with_times(conditions);
    }
    events::describe(w, events);
    Ok(())
}
