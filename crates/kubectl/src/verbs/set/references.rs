//! What `valueFrom` of an environment variable refers to (kubectl: pkg/cmd/set/env/env_resolve.go).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::Call;
use crate::text::quote;
use apimachinery::names::is_qualified_name;
use apimachinery::quantity::Quantity;
use base64::Engine;
use serde_json::Value;
use std::collections::BTreeMap;

/// The config maps and secrets read so far, by path.
#[derive(Default)]
pub(super) struct Store(BTreeMap<String, Value>);

impl Store {
    /// The value that the reference stands for, in `container` of `object`.
    pub(super) async fn value(
        &mut self,
        cx: &Context,
        from: &Value,
        object: &Value,
        container: &Value,
    ) -> Result<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        for (field, resource, what) in
            [("secretKeyRef", "secrets", "secret"), ("configMapKeyRef", "configmaps", "config map")]
        {
            let Some(reference) = from.get(field) else { continue };
            let (name, key) = (text(&reference["name"]), text(&reference["key"]));
            let source = self.read(cx, resource, &name).await?;
            let value = source["data"][&key].as_str();
            let value = value.ok_or_else(|| Error::msg(format!("key {key} not found in {what} {name}")))?;
            if resource == "configmaps" {
                return Ok(value.to_string());
            }
            let bytes = base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        if let Some(reference) = from.get("fieldRef") {
            return field(object, &text(&reference["fieldPath"]));
        }
        match from.get("resourceFieldRef") {
            Some(reference) => resource(container, reference),
            None => Err(Error::msg("invalid valueFrom")),
        }
    }

    async fn read(&mut self, cx: &Context, resource: &str, name: &str) -> Result<&Value> {
        let path = format!("/api/v1/namespaces/{}/{resource}/{name}", cx.namespace().await?.0);
        if !self.0.contains_key(&path) {
            let object = cx.requests().await?.json(Call::get(path.clone())).await?;
            self.0.insert(path.clone(), object);
        }
        Ok(&self.0[&path])
    }
}

/// `extractFieldPathAsString`.
fn field(object: &Value, path: &str) -> Result<String> {
    let metadata = &object["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['"))
        && !map.is_empty()
    {
        let (pairs, checked) = match map {
            "metadata.annotations" => (&metadata["annotations"], key.to_lowercase()),
            "metadata.labels" => (&metadata["labels"], key.to_string()),
            _ => return Err(Error::msg(format!("fieldPath {} does not support subscript", quote(map)))),
        };
        let faults = is_qualified_name(&checked);
        if !faults.is_empty() {
            return Err(Error::msg(format!("invalid key subscript in {path}: {}", faults.join(";"))));
        }
        return Ok(text(&pairs[key]));
    }
    let lines = |pairs: &Value| {
        let pairs = pairs.as_object().into_iter().flatten();
        pairs.map(|(key, value)| format!("{key}={}", quote(&text(value)))).collect::<Vec<_>>().join("\n")
    };
    match path {
        "metadata.annotations" => Ok(lines(&metadata["annotations"])),
        "metadata.labels" => Ok(lines(&metadata["labels"])),
        "metadata.name" => Ok(text(&metadata["name"])),
        "metadata.namespace" => Ok(text(&metadata["namespace"])),
        "metadata.uid" => Ok(text(&metadata["uid"])),
        _ => Err(Error::msg(format!("unsupported fieldPath: {path}"))),
    }
}

/// `extractContainerResourceValue`: in units of the divisor, rounded up.
fn resource(container: &Value, reference: &Value) -> Result<String> {
    let wanted = reference["resource"].as_str().unwrap_or_default();
    let unsupported = || Error::msg(format!("Unsupported container resource : {wanted}"));
    let (list, name) = wanted.split_once('.').ok_or_else(unsupported)?;
    let known = ["cpu", "memory", "ephemeral-storage"].contains(&name) || name.starts_with("hugepages-");
    if !["limits", "requests"].contains(&list) || !known {
        return Err(unsupported());
    }
    let quantity = |value: &Value| Quantity::from_json(value).ok().filter(|quantity| !quantity.is_zero());
    let amount = quantity(&container["resources"][list][name]);
    let divisor = quantity(&reference["divisor"]);
    let units = |quantity: Option<Quantity>, missing: i64| match (quantity, name) {
        (Some(quantity), "cpu") => quantity.milli_value(),
        (Some(quantity), _) => quantity.value(),
        (None, "cpu") => missing * 1000,
        (None, _) => missing,
    };
    let (amount, divisor) = (units(amount, 0), units(divisor, 1).max(1));
    Ok((amount / divisor + i64::from(amount % divisor != 0)).to_string())
}

/// The reference in words (`GetEnvVarRefString`).
pub(super) fn describe(from: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    for (field, what) in [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")] {
        if let Some(reference) = from.get(field) {
            return format!("{what} {}, key {}", text(&reference["name"]), text(&reference["key"]));
        }
    }
    if let Some(reference) = from.get("fieldRef") {
        return format!("field path {}", text(&reference["fieldPath"]));
    }
    let Some(reference) = from.get("resourceFieldRef") else { return "invalid valueFrom".into() };
    let container = match text(&reference["containerName"]) {
        name if name.is_empty() => name,
        name => format!("{name}/"),
    };
    format!("resource field {container}{}", text(&reference["resource"]))
}
