//! `--custom`: a part of a container, merged over what a profile made (kubectl: pkg/cmd/debug/debug.go
//! `applyCustomProfile`).

use crate::command::Context;
use crate::error::{Error, Result};
use apimachinery::patch;
use apimachinery::schema::PatchSchema;
use k8s_openapi::api::core::v1::Container;
use serde_json::{Value, json};
use std::path::Path;

/// The container of the file that `--custom` names, if it does.
pub(super) async fn read(cx: &Context) -> Result<Option<Value>> {
    let path = cx.flags.str("custom");
    if path.is_empty() {
        return Ok(None);
    }
    let bytes = cx.env.files.read(Path::new(path)).await.map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file or directory".into(),
            std::io::ErrorKind::PermissionDenied => "permission denied".into(),
            _ => error.to_string(),
        };
        Error::msg(format!("must pass a container spec json file for custom profile: open {path}: {reason}"))
    })?;
    let invalid =
        |error: &dyn std::fmt::Display| Error::msg(format!("{path} does not contain a valid container spec: {error}"));
    let text = String::from_utf8_lossy(&bytes);
    let parsed: Value = match serde_json::from_str(&text) {
        Ok(parsed) => parsed,
        Err(_) => serde_yaml::from_str(&text).map_err(|error| invalid(&error))?,
    };
    // fields that no container has are left out, as typed decoding does
    let container: Container = serde_json::from_value(parsed).map_err(|error| invalid(&error))?;
    let mut container = serde_json::to_value(container).map_err(|error| invalid(&error))?;
    if container["name"] == ""
        && let Some(fields) = container.as_object_mut()
    {
        fields.remove("name");
    }
    Ok(Some(container))
}

/// What is the command line's to say is not the file's.
pub(super) fn validate(custom: &Value) -> Result<()> {
    let given = |field: &str| match &custom[field] {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    if ["name", "command", "image", "lifecycle", "volumeDevices"].into_iter().any(given) {
        return Err(Error::msg(
            "name, command, image, lifecycle and volume devices are not modifiable via custom profile",
        ));
    }
    Ok(())
}

/// Merges the container over the one of this name in a list of the pod.
pub(super) fn apply(custom: &Value, pod: &mut Value, list: &str, container: &str) -> Result<()> {
    let mut change = custom.clone();
    change["name"] = json!(container);
    let change = json!({"spec": {list: [change]}});
    // pods are built in
    let Some(schema) = PatchSchema::for_kind("v1", "Pod") else { return Ok(()) };
    *pod = patch::strategic(pod, &change, &schema).map_err(|error| Error::msg(error.to_string()))?;
    Ok(())
}
