//! VolumeAttributesClasses (kubectl: pkg/describe/describe.go `describeVolumeAttributesClass`).

use super::writer::{Writer, format_labels, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, class: &Value) -> Result<()> {
    let events = events::of(d, class).await;
    w.line(0, format_args!("Name:\t{}", meta::name(class)));
    w.line(0, format_args!("Annotations:\t{}", format_labels(&class["metadata"]["annotations"])));
    w.line(0, format_args!("DriverName:\t{}", str_of(&class["driverName"])));
    w.line(0, format_args!("Parameters:\t{}", format_labels(&class["parameters"])));
    events::describe(w, events);
    Ok(())
}
