//! Labels and annotations (kustomize: api/filters/labels, api/filters/annotations).

use crate::kustomize::Result;
use crate::kustomize::config::Config;
use crate::kustomize::fieldspec::{Create, FieldSpec, merge_all, merge_one, set_entry, visit};
use crate::kustomize::kustomization::{Label, Texts};
use crate::kustomize::resource::Resource;

/// Sets each text in each field.
pub(in crate::kustomize) fn transform(resources: &mut [Resource], texts: &Texts, specs: &[FieldSpec]) -> Result<()> {
    for resource in resources {
        for (key, text) in texts {
            for spec in specs {
                visit(&mut resource.object, spec, Create::Mapping, &mut |value| set_entry(value, key, text))?;
            }
        }
    }
    Ok(())
}

/// The fields that an entry of `labels` goes to.
pub(in crate::kustomize) fn fields(label: &Label, config: &Config) -> Result<Vec<FieldSpec>> {
    let failed = |error: String| format!("failed to merge labels: {error}");
    let mut specs = label.fields.clone();
    merge_all(&mut specs, &config.labels).map_err(failed)?;
    if label.include_selectors {
        merge_all(&mut specs, &config.common_labels).map_err(failed)?;
        return Ok(specs);
    }
    if label.include_templates {
        merge_all(&mut specs, &config.template_labels)
            .map_err(|error| format!("failed to merge template fieldSpec: {error}"))?;
    }
    let metadata = FieldSpec { path: "metadata/labels".into(), create: true, ..FieldSpec::default() };
    merge_one(&mut specs, metadata).map_err(failed)?;
    Ok(specs)
}
