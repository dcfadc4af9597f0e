//! Who controls an object: ownerReferences, adoption and release (pkg/controller/controller_ref_manager.go).

use serde_json::{Value, json};

use super::{
    harness::{Error, Key},
    object::{at, deleting, items, labels, map_mut, name, namespace, uid},
    selector,
};
use crate::{
    apiserver::{Api, Status},
    storage::{Event, EventType, Object},
};

/// The ownerReference of an object's controller.
pub fn controller_of(object: &Value) -> Option<&Value> {
    items(object, "metadata.ownerReferences").iter().find(|owner| owner["controller"] == true)
}

/// Whether `owner` controls the object.
pub fn is_controlled_by(object: &Value, owner: &Value) -> bool {
    controller_of(object).is_some_and(|reference| reference["uid"] == uid(owner))
}

/// An ownerReference that makes `owner` the controller: `metav1.NewControllerRef`.
pub fn controller_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name(owner), "uid": uid(owner),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// The name of the controller, if it is of this kind.
pub fn controller_name<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    controller_of(object).filter(|reference| reference["kind"] == kind)?["name"].as_str()
}

/// Whom an event of a dependent concerns: the controller of kind `kind` that it has or had, and, where it is an orphan,
/// each object of `resource` whose selector matches it (`addPod`, `updatePod`, `deletePod` of the controllers).
pub fn owners(api: &Api, event: &Event, resource: &str, kind: &str) -> Vec<Key> {
    let object = &event.object;
    let of_owner = |object: &Value| controller_name(object, kind).map(|owner| Key::new(namespace(object), owner));
    let mut keys: Vec<Key> = event.previous.iter().filter_map(|before| of_owner(before)).collect();
    keys.extend(of_owner(object));
    if controller_of(object).is_none() && event.kind != EventType::Deleted {
        let all = api.list(resource, Some(namespace(object)));
        let adopters = all.iter().filter(|owner| selector::matches(at(owner, "spec.selector"), labels(object)));
        keys.extend(adopters.map(|owner| Key::of(owner)));
    }
    keys.dedup();
    keys
}

/// The objects among `candidates` that `owner` controls, after it adopted orphans that match and released what no longer does:
/// `ClaimObject`. `resource` is that of the candidates.
pub fn claim(
    api: &Api,
    resource: &str,
    owner: &Value,
    candidates: Vec<Object>,
    matches: impl Fn(&Value) -> bool,
) -> Result<Vec<Object>, Error> {
    let mut claimed = Vec::new();
    for object in candidates {
        match controller_of(&object) {
            Some(reference) if reference["uid"] != uid(owner) => {}
            Some(_) if matches(&object) => claimed.push(object),
            Some(_) if deleting(owner) => {}
            Some(_) => release(api, resource, owner, &object)?,
            None if deleting(owner) || deleting(&object) || !matches(&object) => {}
            None => claimed.extend(adopt(api, resource, owner, &object)?),
        }
    }
    Ok(claimed)
}

/// Makes `owner` the controller of an orphan.
fn adopt(api: &Api, resource: &str, owner: &Value, object: &Value) -> Result<Option<Object>, Status> {
    let reference = controller_reference(owner);
    let adopted = api.modify(resource, namespace(object), name(object), |object| {
        let owners = map_mut(object, "metadata").entry("ownerReferences").or_insert_with(|| json!([]));
        if let Some(owners) = owners.as_array_mut() {
            owners.push(reference.clone());
        }
    });
    unless_gone(adopted)
}

/// Lets go of an object that `owner` controls.
fn release(api: &Api, resource: &str, owner: &Value, object: &Value) -> Result<(), Status> {
    let released = api.modify(resource, namespace(object), name(object), |object| remove_owner(object, uid(owner)));
    unless_gone(released).map(drop)
}

/// Removes the ownerReference with this uid.
pub fn remove_owner(object: &mut Value, uid: &str) {
    if at(object, "metadata.ownerReferences").is_null() {
        return;
    }
    let metadata = map_mut(object, "metadata");
    if let Some(owners) = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut) {
        owners.retain(|owner| owner["uid"] != uid);
        if owners.is_empty() {
            metadata.remove("ownerReferences");
        }
    }
}

fn unless_gone(result: Result<Object, Status>) -> Result<Option<Object>, Status> {
    match result {
        Err(status) if status.is_not_found() => Ok(None),
        result => result.map(Some),
    }
}
