//! Names, tags and digests of images (kustomize: api/filters/imagetag, api/internal/image).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_scalar, visit};
use crate::kustomize::id::scalar;
use crate::kustomize::kustomization::Image;
use crate::kustomize::resource::Resource;
use regex::Regex;

pub(in crate::kustomize) fn transform(resources: &mut [Resource], image: &Image, specs: &[FieldSpec]) -> Result<()> {
    let pattern = Regex::new(&format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name)).ok();
    for resource in resources.iter_mut().filter(|resource| resource.kind() != "CustomResourceDefinition") {
        for spec in specs {
            visit(&mut resource.object, spec, Create::Nothing, &mut |value| {
                let old = scalar(value);
                let matches = pattern.as_ref().is_some_and(|pattern| pattern.is_match(&old));
                if matches || value.is_object() || value.is_array() {
                    return set_scalar(value, changed(&old, image).into());
                }
                Ok(())
            })?;
        }
    }
    Ok(())
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
