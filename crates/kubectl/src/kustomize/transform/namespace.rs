//! The namespace of objects, and of what they refer to (kustomize: api/filters/namespace).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_entry, set_scalar, visit};
use crate::kustomize::id::scalar;
use crate::kustomize::resmap::ResMap;
use serde_json::Value;

/// How a namespace is set.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::kustomize) struct Mode {
    /// Only where there is none.
    pub unset_only: bool,
    /// Which subjects of bindings are in it.
    pub subjects: Subjects,
}

/// Which subjects of bindings get a namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::kustomize) enum Subjects {
    /// Those called `default`.
    #[default]
    Default,
    /// All ServiceAccounts.
    ServiceAccounts,
    /// None.
    None,
}

pub(in crate::kustomize) fn transform(
    map: &mut ResMap,
    namespace: &str,
    specs: &[FieldSpec],
    mode: Mode,
) -> Result<()> {
    for at in 0..map.0.len() {
        let resource = &mut map.0[at];
        resource.store_previous_id();
        set(&mut resource.object, namespace, specs, mode)
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

fn set(object: &mut Value, namespace: &str, specs: &[FieldSpec], mode: Mode) -> Result<()> {
    let gvk = crate::kustomize::id::Gvk::of(object);
    let field = |spec: &FieldSpec, object: &mut Value| {
        visit(object, spec, Create::Scalar, &mut |value| match mode.unset_only && !scalar(value).is_empty() {
            true => Ok(()),
            false => set_scalar(value, namespace.into()),
        })
    };
    if !gvk.is_cluster_scoped() {
        let own = FieldSpec { path: "metadata/namespace".into(), create: true, ..FieldSpec::default() };
        field(&own, object)?;
    }
    let is_binding = |kind: &str| ["RoleBinding", "ClusterRoleBinding"].contains(&kind);
    if is_binding(&gvk.kind) {
        for subject in object["subjects"].as_array_mut().into_iter().flatten() {
            let is_meant = match mode.subjects {
                Subjects::Default => scalar(&subject["name"]) == "default",
                Subjects::ServiceAccounts => scalar(&subject["kind"]) == "ServiceAccount",
                Subjects::None => false,
            };
            if is_meant && (!mode.unset_only || scalar(&subject["namespace"]).is_empty()) {
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
