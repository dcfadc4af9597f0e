//! Numbers of replicas (kustomize: api/internal/builtins/ReplicaCountTransformer.go).

use crate::kustomize::Result;
use crate::kustomize::fieldspec::{Create, FieldSpec, set_scalar, visit};
use crate::kustomize::kustomization::Replica;
use crate::kustomize::resmap::ResMap;

pub(in crate::kustomize) fn transform(map: &mut ResMap, replica: &Replica, specs: &[FieldSpec]) -> Result<()> {
    let mut found = false;
    for spec in specs {
        for at in map.matching_any_id(|id| id.name == replica.name && id.gvk.is_selected(&spec.gvk)) {
            found = true;
            let object = &mut map.0[at].object;
            visit(object, spec, Create::Scalar, &mut |value| set_scalar(value, replica.count.into()))?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<String> = specs.iter().map(|spec| spec.gvk.to_string()).collect();
    Err(format!(
        "resource with name {} does not match a config with the following GVK [{}]",
        replica.name,
        kinds.join(" ")
    ))
}
