//! Pod templates, and what they share with pods (kubectl: pkg/describe/describe.go `DescribePodTemplate`).

use super::containers::{self, Place};
use super::volumes;
use super::writer::{Writer, int_of, list, str_of};
use apimachinery::selector::format_label_selector;
use serde_json::Value;

/// A pod template for people, its columns set apart by tabs (kubectl: pkg/polymorphichelpers/history.go
/// `printTemplate`): `rollout history --revision`, `rollout undo --dry-run=client`.
pub(in crate::verbs) fn plain(template: &Value) -> String {
    let mut w = Writer::unaligned();
    describe(&mut w, template);
    w.finish()
}

pub(super) fn describe(w: &mut Writer, template: &Value) {
    w.line(0, format_args!("Pod Template:"));
    if template.is_null() {
        w.text(1, format_args!("<unset>"));
        return;
    }
    let (metadata, spec) = (&template["metadata"], &template["spec"]);
    w.labels("  Labels", &metadata["labels"]);
    if metadata["annotations"].as_object().is_some_and(|annotations| !annotations.is_empty()) {
        w.annotations("  Annotations", &metadata["annotations"]);
    }
    w.some(1, "Service Account", &spec["serviceAccountName"]);
    let place = Place { pod: None, space: "  " };
    if !list(&spec["initContainers"]).is_empty() {
        containers::describe(w, "Init Containers", &spec["initContainers"], &Value::Null, &place);
    }
    containers::describe(w, "Containers", &spec["containers"], &Value::Null, &place);
    volumes::describe(w, &spec["volumes"], "  ");
    spread_constraints(w, &spec["topologySpreadConstraints"], "  ");
    w.some(1, "Priority Class Name", &spec["priorityClassName"]);
    w.labels("  Node-Selectors", &spec["nodeSelector"]);
    tolerations(w, "  Tolerations", &spec["tolerations"]);
    scheduling_group(w, &spec["schedulingGroup"], "  ");
}

/// `Topology Spread Constraints:`, if there are any, sorted by key.
pub(super) fn spread_constraints(w: &mut Writer, constraints: &Value, space: &str) {
    let mut constraints: Vec<&Value> = list(constraints).iter().collect();
    constraints.sort_by_key(|constraint| str_of(&constraint["topologyKey"]));
    for (index, c) in constraints.into_iter().enumerate() {
        let title = if index == 0 { "Topology Spread Constraints:" } else { "" };
        let (key, otherwise) = (str_of(&c["topologyKey"]), str_of(&c["whenUnsatisfiable"]));
        w.text(
            0,
            format_args!("{space}{title}\t{key}:{otherwise} when max skew {} is exceeded", int_of(&c["maxSkew"])),
        );
        if c["labelSelector"].is_object() {
            w.text(0, format_args!(" for selector {}", format_label_selector(&c["labelSelector"])));
        }
        w.line(0, format_args!(""));
    }
}

/// Tolerations, sorted by key.
pub(super) fn tolerations(w: &mut Writer, title: &str, tolerations: &Value) {
    let mut tolerations: Vec<&Value> = list(tolerations).iter().collect();
    tolerations.sort_by_key(|toleration| str_of(&toleration["key"]));
    let lines: Vec<String> = tolerations.into_iter().map(toleration).collect();
    w.listed(title, &lines);
}

fn toleration(toleration: &Value) -> String {
    let field = |name: &str| str_of(&toleration[name]);
    let mut out = field("key").to_string();
    if !field("value").is_empty() {
        out.push_str(&format!("={}", field("value")));
    }
    if !field("effect").is_empty() {
        out.push_str(&format!(":{}", field("effect")));
    }
    if field("operator") == "Exists" && field("value").is_empty() {
        // A toleration of everything has nothing in front.
        out.push_str(if out.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
        out.push_str(&format!(" for {seconds}s"));
    }
    out
}

/// `SchedulingGroup:`, if there is one.
pub(super) fn scheduling_group(w: &mut Writer, group: &Value, space: &str) {
    if group.is_object() {
        w.line(0, format_args!("{space}SchedulingGroup:"));
        w.line(1, format_args!("PodGroupName:\t{}", str_of(&group["podGroupName"])));
    }
}
