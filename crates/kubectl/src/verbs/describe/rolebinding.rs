//! RoleBindings and ClusterRoleBindings (kubectl: pkg/describe/describe.go `RoleBindingDescriber`).

use super::writer::{Writer, list, str_of};
use apimachinery::meta;
use serde_json::Value;

pub(super) fn describe(w: &mut Writer, binding: &Value) {
    let role = &binding["roleRef"];
    w.line(0, format_args!("Name:\t{}", meta::name(binding)));
    w.labels_and_annotations(binding);
    w.line(0, format_args!("Role:"));
    w.line(1, format_args!("Kind:\t{}", str_of(&role["kind"])));
    w.line(1, format_args!("Name:\t{}", str_of(&role["name"])));
    w.line(0, format_args!("Subjects:"));
    w.line(1, format_args!("Kind\tName\tNamespace"));
    w.line(1, format_args!("----\t----\t---------"));
    for subject in list(&binding["subjects"]) {
        let [kind, name, namespace] = ["kind", "name", "namespace"].map(|field| str_of(&subject[field]));
        w.line(1, format_args!("{kind}\t{name}\t{namespace}"));
    }
}
