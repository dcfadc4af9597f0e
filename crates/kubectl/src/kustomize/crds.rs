//! Fields of custom resources that hold names, labels or annotations, as OpenAPI definitions say (kustomize:
//! api/internal/accumulator/loadconfigfromcrds.go).

use super::Result;
use super::config::{BackReferences, Config};
use super::fieldspec::{FieldSpec, merge_one};
use super::id::Gvk;
use serde_json::Value;

/// The fields of a file's definitions.
pub(super) fn read(text: &str, path: &str) -> Result<Config> {
    let definitions = crate::resource::parse_yaml(text)
        .map_err(|error| format!("unable to parse open API definition from '{path}': yaml: {error}"))?;
    let mut config = Config::default();
    for (name, definition) in definitions.as_object().into_iter().flatten() {
        let properties = &definition["Schema"]["properties"];
        if !["kind", "apiVersion", "metadata"].iter().all(|field| properties.get(field).is_some()) {
            continue;
        }
        let kind = Gvk { kind: name.rsplit('.').next().unwrap_or_default().into(), ..Gvk::default() };
        let mut found = Config::default();
        load(&mut found, &kind, &definitions, name, &mut Vec::new())?;
        config.merge(&found)?;
    }
    Ok(config)
}

fn load(config: &mut Config, kind: &Gvk, definitions: &Value, name: &str, path: &mut Vec<String>) -> Result<()> {
    // A definition that leads to itself would have no end.
    if path.len() > 50 {
        return Ok(());
    }
    for (field, property) in definitions[name]["Schema"]["properties"].as_object().into_iter().flatten() {
        path.push(field.clone());
        let spec = |more: &[&str]| {
            let path: Vec<&str> = path.iter().map(String::as_str).chain(more.iter().copied()).collect();
            FieldSpec { gvk: kind.clone(), path: path.join("/"), create: false }
        };
        let has = |extension: &str| property[extension].is_string();
        if has("x-kubernetes-annotation") {
            merge_one(&mut config.common_annotations, spec(&[]))?;
        }
        if has("x-kubernetes-label-selector") {
            merge_one(&mut config.common_labels, spec(&[]))?;
        }
        if has("x-kubernetes-identity") {
            merge_one(&mut config.name_prefix, spec(&[]))?;
        }
        if let (Some(version), Some(target)) = (
            property["x-kubernetes-object-ref-api-version"].as_str(),
            property["x-kubernetes-object-ref-kind"].as_str(),
        ) {
            let name = property["x-kubernetes-object-ref-name-key"].as_str().unwrap_or("name");
            let gvk = Gvk { version: version.into(), kind: target.into(), ..Gvk::default() };
            let more = Config {
                name_reference: vec![BackReferences { gvk, referrers: vec![spec(&[name])] }],
                ..Config::default()
            };
            config.merge(&more)?;
        }
        if let Some(reference) = property["$ref"].as_str() {
            load(config, kind, definitions, reference, path)?;
        }
        path.pop();
    }
    Ok(())
}
