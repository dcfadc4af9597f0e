//! The namespace of objects, and of what they refer to (kustomize: api/filters/namespace).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_entry, set_scalar, visit};
use crate::kustomize::id::scalar;
use crate::kustomize::resmap::ResMap;
use serde_json::Value;

pub(in crate::kustomize) fn transform(map: &mut ResMap, namespace: &str, specs: &[FieldSpec]) -> Result<()> {
    for at in 0..map.0.len() {
        let resource = &mut map.0[at];
        resource.store_previous_id();
        set(&mut resource.object, namespace, specs)
            .map_err(|error| format!("namespace transformation failed: {error}"))?;
        let id = resource.current_id();
        let same: Vec<String> =
            map.0.iter().filter(|other| other.current_id().equals(&id)).map(|other| other.show()).collect();
        if same.len() != 1 {
            return Err(format!("namespace transformation produces ID conflict: [{}]", same.join(" ")));
        }
    }
    Ok(())
}

fn set(object: &mut Value, namespace: &str, specs: &[FieldSpec]) -> Result<()> {
    let gvk = crate::kustomize::id::Gvk::of(object);
    let field = |spec: &FieldSpec, object: &mut Value| {
        visit(object, spec, Create::Scalar, &mut |value| set_scalar(value, namespace.into()))
    };
    if !gvk.is_cluster_scoped() {
        let own = FieldSpec { path: "metadata/namespace".into(), create: true, ..FieldSpec::default() };
        field(&own, object)?;
    }
    let is_binding = |kind: &str| ["RoleBinding", "ClusterRoleBinding"].contains(&kind);
    if is_binding(&gvk.kind) {
        for subject in object["subjects"].as_array_mut().into_iter().flatten() {
            if scalar(&subject["name"]) == "default" {
                set_entry(subject, "namespace", namespace)?;
            }
        }
    }
    for spec in specs {
        let elsewhere = match spec.path.as_str() {
            "metadata/namespace" => true,
            // Only of the core group's Namespace.
            "metadata/name" => gvk.api_version() != "v1",
            "subjects/namespace" => is_binding(&gvk.kind) && is_binding(&spec.gvk.kind),
            _ => false,
        };
        if !elsewhere {
            field(spec, object)?;
        }
    }
    Ok(())
}
