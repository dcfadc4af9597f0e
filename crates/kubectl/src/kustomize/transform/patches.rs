//! Strategic merge patches and JSON patches (kustomize: api/internal/builtins/Patch*.go).

use crate::kustomize::kustomization::Patch;
use crate::kustomize::loader::Loader;
use crate::kustomize::resmap::ResMap;
use crate::kustomize::resource::Resource;
use crate::kustomize::target::configuring;
use crate::kustomize::{Result, documents};
use crate::printers::yaml;
use crate::resource::parse_yaml;
use crate::text::quote;
use apimachinery::patch::json_patch;
use serde_json::{Value, json};

/// What a patch turned out to be.
pub(in crate::kustomize) enum Loaded {
    Strategic(Vec<Resource>),
    Json(Value),
}

/// Reads an entry of `patches`.
pub(in crate::kustomize) async fn load(loader: &Loader, patch: &Patch) -> Result<(Loaded, String)> {
    let (text, source) = read(loader, patch).await?;
    let (strategic, json) = (documents::resources(&text), operations(&text));
    let loaded = match (strategic, json) {
        (Ok(strategic), Ok(json)) if !strategic.is_empty() && json.as_array().is_some_and(|ops| !ops.is_empty()) => {
            Err(format!("illegally qualifies as both an SM and JSON patch: {source}"))
        }
        (Err(_), Err(_)) => Err(format!("unable to parse SM or JSON patch from {source}")),
        (Ok(mut patches), _) => {
            for loaded in &mut patches {
                let options = patch.options.as_ref();
                loaded.allow_name_change = options.is_some_and(|options| options.allow_name_change);
                loaded.allow_kind_change = options.is_some_and(|options| options.allow_kind_change);
            }
            Ok(Loaded::Strategic(patches))
        }
        (Err(_), Ok(json)) => Ok(Loaded::Json(json)),
    };
    Ok((loaded?, source))
}

async fn read(loader: &Loader, patch: &Patch) -> Result<(String, String)> {
    let config = || yaml::to_string(&serde_json::to_value(patch).unwrap_or_default());
    let inline = patch.patch.trim();
    match (inline, patch.path.as_str()) {
        ("", "") => Err(format!("must specify one of patch and path in\n{}", config())),
        ("", path) => match loader.text(path).await {
            Ok(text) => Ok((text, format!("[path: {}]", quote(path)))),
            Err(error) => Err(format!("failed to get the patch file from path({path}): {error}")),
        },
        (text, "") => Ok((text.to_string(), format!("[patch: {}]", quote(text)))),
        _ => Err(format!("patch and path can't be set at the same time\n{}", config())),
    }
}

/// A JSON patch, in JSON or YAML.
fn operations(text: &str) -> Result<Value> {
    if text.is_empty() {
        return Err("empty json patch operations".into());
    }
    let value = match text.starts_with('[') {
        true => serde_json::from_str(text).map_err(|error| error.to_string())?,
        false => parse_yaml(text)?,
    };
    let is_list = |value: &Value| value.as_array().is_some_and(|ops| ops.iter().all(Value::is_object));
    if value.is_null() || is_list(&value) { Ok(value) } else { Err("no list of operations".into()) }
}

/// Applies an entry of `patches`.
pub(in crate::kustomize) fn transform(map: &mut ResMap, patch: &Patch, loaded: &Loaded, source: &str) -> Result<()> {
    match (loaded, &patch.target) {
        (Loaded::Strategic(patches), Some(target)) => {
            let [patch] = patches.as_slice() else {
                if patches.is_empty() {
                    return Ok(());
                }
                return Err(format!(
                    "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {source}"
                ));
            };
            let selected = map.select(target).map_err(|error| {
                let text =
                    format!("{}:a={}:l={}", target_id(target), target.annotation_selector, target.label_selector);
                format!("unable to find patch target {} in `resources`: {error}", quote(&text))
            })?;
            for at in selected {
                let mut patch = patch.clone();
                patch.object["apiVersion"] = map.0[at].object["apiVersion"].clone();
                map.0[at].apply_patch(&patch)?;
            }
            distinct(map)
        }
        (Loaded::Strategic(patches), None) => {
            for patch in patches {
                let id = patch.current_id();
                let at = map.patch_target(&id).map_err(|error| {
                    format!("no resource matches strategic merge patch {}: {error}", quote(&id.to_string()))
                })?;
                map.0[at].apply_patch(patch)?;
            }
            Ok(())
        }
        (Loaded::Json(_), None) => Err(format!("must specify a target for JSON patch {source}")),
        (Loaded::Json(operations), Some(target)) => {
            for at in map.select(target)? {
                map.0[at].store_previous_id();
                apply_json(&mut map.0[at], operations)?;
            }
            Ok(())
        }
    }
}

fn target_id(target: &crate::kustomize::kustomization::Selector) -> crate::kustomize::id::ResId {
    let gvk = crate::kustomize::id::Gvk {
        group: target.group.clone(),
        version: target.version.clone(),
        kind: target.kind.clone(),
    };
    crate::kustomize::id::ResId::new(gvk, &target.name, &target.namespace)
}

fn apply_json(resource: &mut Resource, operations: &Value) -> Result<()> {
    json_patch(&mut resource.object, operations).map_err(|error| error.to_string())
}

/// After a patch that may have renamed objects no two may be one.
fn distinct(map: &mut ResMap) -> Result<()> {
    let resources = std::mem::take(&mut map.0);
    map.append_all(resources.into_iter().filter(|resource| !resource.is_empty()))
}

/// Reads `patchesStrategicMerge`: each is a patch, or the path of one.
pub(in crate::kustomize) async fn load_strategic(loader: &Loader, paths: &[String]) -> Result<Vec<Resource>> {
    let mut all = Vec::new();
    for path in paths {
        if let Ok(patches) = documents::resources(path) {
            all.extend(patches);
            continue;
        }
        let text = loader.text(path).await?;
        all.extend(documents::resources(&text).map_err(|error| documents::in_file(error, path))?);
    }
    if all.is_empty() {
        return Err(format!("patch appears to be empty; files=[{}], Patch=", paths.join(" ")));
    }
    Ok(all)
}

/// Applies `patchesStrategicMerge`.
pub(in crate::kustomize) fn transform_strategic(map: &mut ResMap, patches: &[Resource]) -> Result<()> {
    for patch in patches {
        let at = map.patch_target(&patch.current_id())?;
        map.0[at].apply_patch(patch)?;
        distinct(map)?;
    }
    Ok(())
}

/// Applies an entry of `patchesJson6902`.
pub(in crate::kustomize) async fn transform_json(map: &mut ResMap, loader: &Loader, patch: &Patch) -> Result<()> {
    let mut config = json!({});
    for (field, text) in [("path", &patch.path), ("jsonOp", &patch.patch)] {
        if !text.is_empty() {
            config[field] = text.as_str().into();
        }
    }
    if let Some(target) = &patch.target {
        config["target"] = serde_json::to_value(target).unwrap_or_default();
    }
    let failed = |error: &str| configuring("PatchJson6902Transformer", &config, error);
    let Some(target) = &patch.target else { return Err(failed("must specify the target name")) };
    if target.name.is_empty() {
        return Err(failed("must specify the target name"));
    }
    let text = match (patch.path.as_str(), patch.patch.as_str()) {
        ("", "") => return Err(failed("empty file path and empty jsonOp")),
        ("", text) => text.to_string(),
        (path, "") => match loader.text(path).await.map_err(|error| failed(&error))? {
            text if text.is_empty() => return Err(failed(&format!("patch file '{path}' empty seems to be empty"))),
            text => text,
        },
        _ => return Err(failed("must specify a file path or jsonOp, not both")),
    };
    let operations = operations(&text).map_err(|error| failed(&format!("decoding {text}: {error}")))?;
    if operations.as_array().is_none_or(Vec::is_empty) {
        return Err(failed(&format!("patch appears to be empty; file={}, JsonOp={text}", patch.path)));
    }
    for at in map.select(target)? {
        apply_json(&mut map.0[at], &operations)?;
    }
    Ok(())
}
