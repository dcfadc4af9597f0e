//! ControllerRevisions (kubernetes: pkg/registry/apps/controllerrevision).

use apimachinery::meta;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Resource, Strategy, VERBS,
    fields::text,
    printer::{age, name},
};

struct ControllerRevisions;

pub(super) fn resource() -> Resource {
    Resource {
        group: "apps",
        version: "v1",
        kind: "ControllerRevision",
        plural: "controllerrevisions",
        singular: "controllerrevision",
        short_names: &[],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &ControllerRevisions,
    }
}

impl Strategy for ControllerRevisions {
    fn cells(&self, revision: &Value, now: Timestamp) -> Vec<Value> {
        let controller = match meta::controller_of(revision) {
            Some(owner) => {
                let group = text(&owner["apiVersion"]).rsplit_once('/').map(|(group, _)| format!(".{group}"));
                let kind = text(&owner["kind"]).to_lowercase();
                format!("{kind}{}/{}", group.unwrap_or_default(), text(&owner["name"]))
            }
            None => "<none>".to_owned(),
        };
        vec![name(revision), json!(controller), revision["revision"].clone(), age(revision, now)]
    }
}
