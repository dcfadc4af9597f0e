//! `--record`: which command changed an object (cli-runtime: genericclioptions/record_flags.go).

use crate::command::Context;
use crate::flags::Flag;
use serde_json::{Value, json};

/// The annotation that `rollout history` shows.
pub(super) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// The flag.
pub(super) fn flag() -> Flag {
    Flag::bool("record", "Record current kubectl command in the resource annotation. If set to false, do not record the command. If set to true, record the command. If not set, default to updating the existing annotation value only if one already exists.").deprecated("--record will be removed in the future")
}

/// Writes the command into the object, if asked to.
pub(super) fn record(cx: &Context, object: &mut Value) {
    if !cx.flags.bool("record") {
        return;
    }
    if !object["metadata"]["annotations"].is_object() {
        object["metadata"]["annotations"] = json!({});
    }
    let mut cause = cx.path.clone();
    for argument in &cx.args {
        cause.push_str(&format!(" {argument}"));
    }
    for (name, value) in cx.flags.given() {
        cause.push_str(&format!(" --{name}={value}"));
    }
    object["metadata"]["annotations"][CHANGE_CAUSE] = json!(cause);
}
