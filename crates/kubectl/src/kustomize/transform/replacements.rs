//! Values that are copied from one field to others (kustomize: api/filters/replacement).

use crate::kustomize::documents::resolve;
use crate::kustomize::id::scalar;
use crate::kustomize::kustomization::{FieldOptions, Replacement, Selector, SourceSelector, TargetSelector};
use crate::kustomize::loader::Loader;
use crate::kustomize::path::{at, find, lookup, split_dots, structured};
use crate::kustomize::resmap::{Patterns, ResMap, selector_of};
use crate::kustomize::resource::Resource;
use crate::kustomize::{Result, id::ResId};
use crate::printers::yaml;
use crate::resource::parse_yaml;
use crate::text::quote;
use serde_json::Value;

const NAME: &str = "metadata.name";

/// The entries, those in files too.
pub(in crate::kustomize) async fn load(loader: &Loader, entries: &[Replacement]) -> Result<Vec<Replacement>> {
    let mut all = Vec::new();
    for entry in entries {
        if entry.path.is_empty() {
            all.push(entry.clone());
            continue;
        }
        if entry.source.is_some() || entry.targets.is_some() {
            return Err("cannot specify both path and inline replacement".into());
        }
        let text = loader.text(&entry.path).await?;
        let value = parse_yaml(&text).map_err(|error| format!("error converting YAML to JSON: yaml: {error}"))?;
        let items = match value {
            Value::Array(items) => items,
            Value::Object(_) => vec![value],
            _ => {
                let text = "unsupported replacement type encountered within replacement path: invalid";
                return Err(text.into());
            }
        };
        for item in items {
            all.push(serde_json::from_value(item).map_err(|error| error.to_string())?);
        }
    }
    Ok(all)
}

pub(in crate::kustomize) fn transform(map: &mut ResMap, replacement: &Replacement) -> Result<()> {
    let (Some(targets), true) =
        (&replacement.targets, replacement.source.is_some() || replacement.source_value.is_some())
    else {
        return Err("replacements must specify a source and at least one target".into());
    };
    let value = match (&replacement.source_value, &replacement.source) {
        (Some(_), Some(_)) => return Err("value and resource selectors are mutually exclusive".into()),
        (Some(text), _) => resolve(text),
        (None, Some(source)) => source_value(map, source)?,
        (None, None) => return Ok(()),
    };
    for target in targets {
        let Some(select) = &target.select else { return Err("target must specify resources to select".into()) };
        let failed = |error: String| format!("error creating target selector: {error}");
        let selects = Patterns::of(select).map_err(failed)?;
        let rejects: Vec<Patterns> = target
            .reject
            .iter()
            .filter(|s| has_id(s))
            .map(|s| Patterns::of(s).map_err(failed))
            .collect::<Result<_>>()?;
        for resource in &mut map.0 {
            let ids = ids(resource);
            let is_meant = marked(resource, select)?
                && !rejected_by_marks(resource, target)?
                && !ids.iter().any(|id| rejects.iter().any(|reject| reject.id(id)))
                && ids.iter().any(|id| selects.id(id));
            if is_meant {
                copy(&mut resource.object, &value, target)?;
            }
        }
    }
    Ok(())
}

/// What it is, and what it was.
fn ids(resource: &Resource) -> Vec<ResId> {
    std::iter::once(resource.current_id()).chain(resource.previous_ids()).collect()
}

fn has_id(selector: &Selector) -> bool {
    let marks = Selector {
        annotation_selector: selector.annotation_selector.clone(),
        label_selector: selector.label_selector.clone(),
        ..Selector::default()
    };
    *selector != marks
}

/// Labels and annotations are as a selector wants them.
fn marked(resource: &Resource, selector: &Selector) -> Result<bool> {
    let metadata = &resource.object["metadata"];
    Ok(selector_of(&selector.annotation_selector)?.matches(metadata.get("annotations"))
        && selector_of(&selector.label_selector)?.matches(metadata.get("labels")))
}

fn rejected_by_marks(resource: &Resource, target: &TargetSelector) -> Result<bool> {
    for reject in &target.reject {
        let speaks = !reject.annotation_selector.is_empty() || !reject.label_selector.is_empty();
        if speaks && marked(resource, reject)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A source as messages name it.
fn show(source: &SourceSelector) -> String {
    let mut text = source.id.to_string();
    if !source.field_path.is_empty() {
        text = format!("{text}:{}", source.field_path);
    }
    if let Some(options) = source.options.as_ref().filter(|options| !options.delimiter.is_empty() || options.create) {
        text = format!("{text}:{}({}), create={}", options.delimiter, options.index, options.create);
    }
    text
}

fn source_value(map: &ResMap, source: &SourceSelector) -> Result<Value> {
    let is = |resource: &&Resource| ids(resource).iter().any(|id| id.is_selected_by(&source.id));
    let mut found = map.0.iter().filter(is);
    let Some(resource) = found.next() else { return Err(format!("nothing selected by {}", show(source))) };
    if found.next().is_some() {
        return Err(format!("multiple matches for selector {}", show(source)));
    }
    let path = if source.field_path.is_empty() { NAME } else { &source.field_path };
    let found = lookup(&resource.object, &split_dots(path))
        .map_err(|error| format!("error looking up replacement source: {error}"))?;
    let empty = |value: &&Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    let Some(value) = found.filter(|value| !empty(value)) else {
        return Err(format!("fieldPath `{path}` is missing for replacement source {}", source.id));
    };
    let Some(options) = source.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
        return Ok(value.clone());
    };
    if value.is_array() || value.is_object() {
        return Err("delimiter option can only be used with scalar nodes".into());
    }
    let text = scalar(value);
    let part = usize::try_from(options.index).ok().and_then(|index| text.split(&options.delimiter).nth(index));
    match part {
        Some(part) if value.is_string() => Ok(part.into()),
        Some(part) => Ok(resolve(part)),
        None => Err(format!("options.index {} is out of bounds for value {text}", options.index)),
    }
}

fn copy(object: &mut Value, value: &Value, target: &TargetSelector) -> Result<()> {
    let creates = target.options.as_ref().is_some_and(|options| options.create);
    let made = creates.then(|| match value {
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Object(_) => Value::Object(serde_json::Map::new()),
        _ => Value::Null,
    });
    let by_default = [NAME.to_string()];
    let paths = if target.field_paths.is_empty() { &by_default[..] } else { &target.field_paths };
    for path in paths {
        let parts = split_dots(path);
        if within_text(object, &parts, value, &made) {
            continue;
        }
        let what = if creates { "find or create" } else { "find" };
        let missing = format!("unable to {what} field {} in replacement target", quote(path));
        let found = find(object, &parts, &made).map_err(|error| format!("{missing}: {error}"))?;
        if found.is_empty() {
            return Err(missing);
        }
        for steps in found {
            if let Some(field) = at(object, &steps) {
                set(field, value, target.options.as_ref())?;
            }
        }
    }
    Ok(())
}

/// Sets a field of the JSON or YAML that a text holds; false if the path leads to no such thing.
fn within_text(object: &mut Value, path: &[String], value: &Value, made: &Option<Value>) -> bool {
    let Some((length, mut inner)) = structured(object, path) else { return false };
    let Ok(found) = find(&mut inner, &path[length..], made) else { return false };
    if found.is_empty() {
        return false;
    }
    for steps in found {
        if let Some(field) = at(&mut inner, &steps) {
            set_plain(field, value);
        }
    }
    let Ok(Some(old)) = lookup(object, &path[..length]).map(|old| old.map(scalar)) else { return false };
    let text = match old.trim().chars().next() {
        Some('{' | '[') if old.contains('\n') && old.contains("  ") => apimachinery::go::json_indent(&inner, "  "),
        Some('{' | '[') => apimachinery::go::json(&inner),
        _ => yaml::to_string(&inner).trim().to_string(),
    };
    let holder = find(object, &path[..length], &None).ok().and_then(|found| found.into_iter().next());
    if let Some(field) = holder.and_then(|steps| at(object, &steps)) {
        *field = text.into();
    }
    true
}

/// A scalar keeps its type where the new text allows it; anything else is replaced.
fn set_plain(field: &mut Value, value: &Value) {
    *field = match (&*field, value) {
        (Value::Array(_) | Value::Object(_), value) | (_, value @ (Value::Array(_) | Value::Object(_))) => {
            value.clone()
        }
        (Value::String(_), value) => scalar(value).into(),
        (_, value) => resolve(&scalar(value)),
    };
}

fn set(field: &mut Value, value: &Value, options: Option<&FieldOptions>) -> Result<()> {
    let Some(options) = options.filter(|options| !options.delimiter.is_empty()) else {
        set_plain(field, value);
        return Ok(());
    };
    if field.is_array() || field.is_object() {
        return Err("delimiter option can only be used with scalar nodes".into());
    }
    let (old, new) = (scalar(field), scalar(value));
    let mut parts: Vec<&str> = old.split(&options.delimiter).collect();
    match usize::try_from(options.index) {
        Err(_) => parts.insert(0, &new),
        Ok(index) if index >= parts.len() => parts.push(&new),
        Ok(index) => parts[index] = &new,
    }
    let text = parts.join(&options.delimiter);
    set_plain(field, &text.into());
    Ok(())
}
