//! Names, tags and digests of images (kustomize: api/filters/imagetag, api/internal/image).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_scalar, visit};
use crate::kustomize::id::scalar;
use crate::kustomize::kustomization::Image;
use crate::kustomize::resource::Resource;
use regex::Regex;
use serde_json::Value;

pub(in crate::kustomize) fn transform(resources: &mut [Resource], image: &Image, specs: &[FieldSpec]) -> Result<()> {
    let pattern = Regex::new(&format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name)).ok();
    let mut set = |value: &mut Value| {
        let old = scalar(value);
        let matches = pattern.as_ref().is_some_and(|pattern| pattern.is_match(&old));
        if matches || value.is_object() || value.is_array() {
            return set_scalar(value, changed(&old, image).into());
        }
        Ok(())
    };
    let images = |resource: &&mut Resource| resource.kind() != "CustomResourceDefinition";
    for resource in resources.iter_mut().filter(images) {
        in_containers(&mut resource.object, &mut set)?;
    }
    for resource in resources.iter_mut().filter(images) {
        for spec in specs {
            visit(&mut resource.object, spec, Create::Nothing, &mut set)?;
        }
    }
    Ok(())
}

/// Lists of containers have images wherever they stand.
fn in_containers(value: &mut Value, set: &mut dyn FnMut(&mut Value) -> Result<()>) -> Result<()> {
    match value {
        Value::Object(map) => map.iter_mut().try_for_each(|(key, value)| {
            in_containers(value, set)?;
            let containers = value.as_array_mut().filter(|_| ["containers", "initContainers"].contains(&key.as_str()));
            let images = containers.into_iter().flatten().filter_map(|container| container.get_mut("image"));
            images.into_iter().try_for_each(&mut *set)
        }),
        Value::Array(items) => items.iter_mut().try_for_each(|item| in_containers(item, set)),
        _ => Ok(()),
    }
}

fn changed(old: &str, image: &Image) -> String {
    let (name, tag, digest) = split(old);
    let name = if image.new_name.is_empty() { name } else { &image.new_name };
    let (tag, digest) = match (image.new_tag.as_str(), image.digest.as_str(), image.tag_suffix.as_str()) {
        ("", "", "") => (tag.to_string(), digest),
        ("", "", suffix) => (format!("{tag}{suffix}"), ""),
        (new_tag, new_digest, _) => (new_tag.to_string(), new_digest),
    };
    let mut out = name.to_string();
    if !tag.is_empty() {
        out = format!("{out}:{tag}");
    }
    if !digest.is_empty() {
        out = format!("{out}@{digest}");
    }
    out
}

/// `[[host[:port]/]component/]component[:tag][@digest]` into name, tag and digest.
fn split(image: &str) -> (&str, &str, &str) {
    let from = image.find('/').unwrap_or_default();
    let (at, colon) = (image[from..].find('@'), image[from..].find(':'));
    match (at.map(|at| at + from), colon.map(|colon| colon + from)) {
        (None, None) => (image, "", ""),
        (Some(at), Some(colon)) if colon < at => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (Some(at), _) => (&image[..at], "", &image[at + 1..]),
        (None, Some(colon)) => (&image[..colon], &image[colon + 1..], ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_parts() {
        assert_eq!(split("host:5000/a/b:1@sha256:x"), ("host:5000/a/b", "1", "sha256:x"));
        assert_eq!(split("a@sha256:x"), ("a", "", "sha256:x"));
        let image = Image { new_tag: "2".into(), ..Image::default() };
        assert_eq!(changed("host:5000/a:1@sha256:x", &image), "host:5000/a:2");
    }
}
