//! The templates that a DaemonSet or a StatefulSet has had, kept as ControllerRevisions: pkg/controller/history.

use serde_json::{Value, json};

use super::{
    deployment::template_hash,
    harness::Error,
    object::{at, count, created, int, labels, map_mut, name, namespace, semantically_equal, set},
    owner::{claim, controller_reference},
    selector,
};
use crate::{apiserver::Api, storage::Object};

const RESOURCE: &str = "controllerrevisions.apps";

/// The revisions of an owner: the one of its template, and all others.
#[derive(Clone, Debug)]
pub struct History {
    /// The revision of the template as it is.
    pub current: Object,
    /// All others, the oldest first.
    pub others: Vec<Object>,
}

/// What a revision keeps: a patch that restores the template.
fn template_patch(owner: &Value) -> Value {
    let mut template = at(owner, "spec.template").clone();
    template["$patch"] = json!("replace");
    json!({"spec": {"template": template}})
}

/// The number of a revision.
pub fn revision(object: &Value) -> i64 {
    count(object, "revision")
}

/// The template that a revision keeps.
pub fn template(revision: &Value) -> Value {
    let mut template = at(revision, "data.spec.template").clone();
    if let Some(fields) = template.as_object_mut() {
        fields.remove("$patch");
    }
    template
}

/// The revisions of an owner; that of the template is made if it is not there, and has the highest number. Its hash stands in a
/// label.
pub fn sync(api: &Api, owner: &Value, hash_label: &str) -> Result<History, Error> {
    let wanted = at(owner, "spec.selector");
    let all = api.list(RESOURCE, Some(namespace(owner)));
    let mut all = claim(api, RESOURCE, owner, all, |object| selector::matches(wanted, labels(object)))?;
    all.sort_by(|a, b| revision(a).cmp(&revision(b)).then(created(a).cmp(&created(b))).then(name(a).cmp(name(b))));
    let patch = template_patch(owner);
    let (mut same, others): (Vec<Object>, Vec<Object>) =
        all.into_iter().partition(|object| semantically_equal(at(object, "data"), &patch));
    let number = others.last().map_or(0, |last| revision(last)) + 1;
    let current = match same.pop() {
        None => create(api, owner, hash_label, patch, number)?,
        Some(known) if revision(&known) < number => {
            let mut renumbered = Value::clone(&known);
            renumbered["revision"] = json!(number);
            api.update(RESOURCE, renumbered)?
        }
        Some(known) => known,
    };
    Ok(History { current, others: others.into_iter().chain(same).collect() })
}

fn create(api: &Api, owner: &Value, hash_label: &str, patch: Value, number: i64) -> Result<Object, Error> {
    let hash = template_hash(at(owner, "spec.template"), int(owner, "status.collisionCount").filter(|it| *it > 0));
    let revision_name = format!("{}-{hash}", name(owner));
    let mut revision = json!({
        "apiVersion": "apps/v1", "kind": "ControllerRevision",
        "metadata": {
            "name": revision_name, "namespace": namespace(owner), "ownerReferences": [controller_reference(owner)],
            "labels": at(owner, "spec.template.metadata.labels"), "annotations": at(owner, "metadata.annotations"),
        },
        "data": patch, "revision": number,
    });
    map_mut(&mut revision, "metadata.labels").insert(hash_label.to_owned(), json!(hash));
    match api.create(RESOURCE, namespace(owner), revision) {
        Err(status) if status.is_already_exists() => {
            // Two templates have the same hash: the next one will be another.
            let collisions = count(owner, "status.collisionCount") + 1;
            let mut owner = owner.clone();
            set(&mut owner, "status.collisionCount", json!(collisions));
            let resource = format!("{}s.apps", owner["kind"].as_str().unwrap_or_default().to_lowercase());
            api.update_status(&resource, owner)?;
            Err(status.into())
        }
        created => Ok(created?),
    }
}

/// Deletes the oldest revisions beyond the limit that nothing uses.
pub fn clean_up(api: &Api, owner: &Value, history: &History, is_used: impl Fn(&Value) -> bool) -> Result<(), Error> {
    let limit = int(owner, "spec.revisionHistoryLimit").unwrap_or(10);
    let unused: Vec<&Object> = history.others.iter().filter(|object| !is_used(object)).collect();
    let surplus = unused.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    for object in unused.into_iter().take(surplus) {
        match api.delete(RESOURCE, namespace(object), name(object), &Default::default()) {
            Err(status) if !status.is_not_found() => return Err(status.into()),
            _ => {}
        }
    }
    Ok(())
}
