//! StorageClasses (kubectl: pkg/describe/describe.go `describeStorageClass`).

use super::writer::{Writer, format_labels, joined, list, str_of};
use super::{Describing, events};
use crate::error::Result;
use apimachinery::meta;
use serde_json::Value;

/// What makes a class the default; the second is the old spelling.
const DEFAULT: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

pub(super) async fn describe(d: &Describing<'_>, w: &mut Writer, class: &Value) -> Result<()> {
    let events = events::of(d, class).await;
    let default = DEFAULT.iter().any(|name| meta::annotation(class, name) == Some("true"));
    w.line(0, format_args!("Name:\t{}", meta::name(class)));
    w.line(0, format_args!("IsDefaultClass:\t{}", if default { "Yes" } else { "No" }));
    w.line(0, format_args!("Annotations:\t{}", format_labels(&class["metadata"]["annotations"])));
    w.line(0, format_args!("Provisioner:\t{}", str_of(&class["provisioner"])));
    w.line(0, format_args!("Parameters:\t{}", format_labels(&class["parameters"])));
    w.flag(0, "AllowVolumeExpansion", &class["allowVolumeExpansion"]);
    let options = list(&class["mountOptions"]);
    w.line(0, format_args!("MountOptions:{}", if options.is_empty() { "\t<none>" } else { "" }));
    for option in options {
        w.line(1, format_args!("{}", str_of(option)));
    }
    w.if_set(0, "ReclaimPolicy", &class["reclaimPolicy"]);
    w.if_set(0, "VolumeBindingMode", &class["volumeBindingMode"]);
    if class["allowedTopologies"].is_array() {
        topologies(w, list(&class["allowedTopologies"]));
    }
    events::describe(w, events);
    Ok(())
}

fn topologies(w: &mut Writer, terms: &[Value]) {
    w.line(0, format_args!("AllowedTopologies:\t{}", if terms.is_empty() { "<none>" } else { "" }));
    for (index, term) in terms.iter().enumerate() {
        let expression = |one: &Value| {
            let start = format!("{} in", str_of(&one["key"]));
            if list(&one["values"]).is_empty() { start } else { format!("{start} [{}]", joined(&one["values"], ", ")) }
        };
        let expressions: Vec<String> = list(&term["matchLabelExpressions"]).iter().map(expression).collect();
        w.column(1, "", &format!("Term {index}"), &expressions);
    }
}
