//! Prefixes and suffixes of names (kustomize: api/internal/builtins/PrefixTransformer.go, SuffixTransformer.go).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_scalar, visit};
use crate::kustomize::id::{Gvk, scalar};
use crate::kustomize::resource::Resource;

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kustomize) enum Side {
    Prefix,
    Suffix,
}

/// What is known by its name alone keeps it.
fn keeps_its_name(gvk: &Gvk) -> bool {
    ["CustomResourceDefinition", "Namespace"].contains(&gvk.kind.as_str())
        || gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io"
}

pub(in crate::kustomize) fn transform(
    resources: &mut [Resource],
    side: Side,
    text: &str,
    specs: &[FieldSpec],
) -> Result<()> {
    for resource in resources {
        let id = resource.original_id();
        if keeps_its_name(&id.gvk) {
            continue;
        }
        for spec in specs.iter().filter(|spec| id.gvk.is_selected(&spec.gvk)) {
            if spec.path == "metadata/name" {
                match side {
                    Side::Prefix => resource.prefixes.push(text.into()),
                    Side::Suffix => resource.suffixes.push(text.into()),
                }
                resource.store_previous_id();
            }
            visit(&mut resource.object, spec, Create::Nothing, &mut |value| {
                let name = match side {
                    Side::Prefix => format!("{text}{}", scalar(value)),
                    Side::Suffix => format!("{}{text}", scalar(value)),
                };
                set_scalar(value, name.into())
            })?;
        }
    }
    Ok(())
}
