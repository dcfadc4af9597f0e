//! PriorityClasses (kubectl: pkg/describe/describe.go `describePriorityClass`).

use super::writer::{Writer, bool_of, format_labels, int_of, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, class: &Value) -> Result<()> {
    let events = events::of(d, class).await;
    w.line(0, format_args!("Name:\t{}", meta::name(class)));
    w.line(0, format_args!("Value:\t{}", int_of(&class["value"])));
    w.line(0, format_args!("GlobalDefault:\t{}", bool_of(&class["globalDefault"])));
    w.line(0, format_args!("PreemptionPolicy:\t{}", str_of(&class["preemptionPolicy"])));
    w.line(0, format_args!("Description:\t{}", str_of(&class["description"])));
    w.line(0, format_args!("Annotations:\t{}", format_labels(&class["metadata"]["annotations"])));
    events::describe(w, events);
    Ok(())
}
