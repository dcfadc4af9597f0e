//! What changes the objects of a kustomization, one file each, in kustomize's order (kustomize:
//! api/internal/target/kusttarget_configplugin.go).

pub(super) mod images;
pub(super) mod labels;
pub(super) mod names;
pub(super) mod namespace;
pub(super) mod patches;
pub(super) mod replacements;
pub(super) mod replicas;
