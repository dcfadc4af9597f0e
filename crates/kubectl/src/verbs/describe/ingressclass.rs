//! IngressClasses (kubectl: pkg/describe/describe.go `describeIngressClassV1`).

use super::writer::{Writer, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, class: &Value) -> Result<()> {
    let events = events::of(d, class).await;
    w.line(0, format_args!("Name:\t{}", meta::name(class)));
    w.labels_and_annotations(class);
    w.line(0, format_args!("Controller:\t{}", str_of(&class["spec"]["controller"])));
    let parameters = &class["spec"]["parameters"];
    if parameters.is_object() {
        w.line(0, format_args!("Parameters:"));
        w.if_set(1, "APIGroup", &parameters["apiGroup"]);
        w.line(1, format_args!("Kind:\t{}", str_of(&parameters["kind"])));
        w.line(1, format_args!("Name:\t{}", str_of(&parameters["name"])));
    }
    events::describe(w, events);
    Ok(())
}
