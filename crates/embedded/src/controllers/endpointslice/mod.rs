//! EndpointSlices of Services: pkg/controller/endpointslice and k8s.io/endpointslice.

mod desired;
mod slices;

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    harness::{Controller, Error, Key, resources},
    object::{at, deleting, items, labels, map_mut, name, namespace, text, uid},
    pod_control::{NAMESPACE_TERMINATING, has_cause},
    service_pods::{TRIGGER_TIME, TriggerTimes, selected_pods, services_of_pod},
};
use crate::{
    apiserver::Api,
    storage::{Event, Object},
};

const RESOURCE: &str = "endpointslices.discovery.k8s.io";
/// The label that names the Service.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The label that names the controller.
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";

/// The controller of EndpointSlices.
pub struct EndpointSliceController {
    api: Api,
    trigger_times: TriggerTimes,
}

impl EndpointSliceController {
    /// A controller.
    pub fn new(api: &Api) -> Self {
        Self { api: super::as_controller(api, "endpointslice-controller"), trigger_times: TriggerTimes::default() }
    }

    fn slices_of(&self, service: &Value) -> Vec<Object> {
        let ours = |slice: &Object| {
            let labels = labels(slice);
            labels.get(SERVICE_NAME).is_some_and(|value| value == name(service))
                && labels.get(MANAGED_BY).is_some_and(|value| value == MANAGER)
                && !deleting(slice)
        };
        self.api.list(RESOURCE, Some(namespace(service))).into_iter().filter(ours).collect()
    }

    /// `finalize`: a slice that would be deleted is used for one that would be created.
    fn write(&self, service: &Value, mut changes: slices::Changes, trigger_time: Option<String>) -> Result<(), Error> {
        let mut deletes = Vec::new();
        for slice in changes.delete {
            let fits = |new: &mut Value| new["addressType"] == slice["addressType"] && is_owned_by(&slice, service);
            match changes.create.pop_if(fits) {
                Some(mut new) => {
                    for field in ["name", "resourceVersion", "uid", "creationTimestamp", "generation"] {
                        new["metadata"][field] = slice["metadata"][field].clone();
                    }
                    changes.update.push(new);
                }
                None => deletes.push(slice),
            }
        }
        if !deleting(service) {
            for mut slice in changes.create {
                stamp(&mut slice, trigger_time.as_deref());
                match self.api.create(RESOURCE, namespace(service), slice) {
                    Err(status) if has_cause(&status, NAMESPACE_TERMINATING) => return Ok(()),
                    created => created?,
                };
            }
        }
        for mut slice in changes.update {
            stamp(&mut slice, trigger_time.as_deref());
            self.api.update(RESOURCE, slice)?;
        }
        for slice in deletes {
            match self.api.delete(RESOURCE, namespace(service), name(&slice), &Default::default()) {
                Err(status) if !status.is_not_found() => return Err(status.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Controller for EndpointSliceController {
    type Key = Key;

    fn watches(&self) -> Vec<String> {
        resources(&["services", "pods", RESOURCE, "nodes"])
    }

    fn keys(&mut self, resource: &str, event: &Event) -> Vec<Key> {
        match resource {
            "services" => vec![Key::of(&event.object)],
            "pods" => services_of_pod(&self.api, event),
            RESOURCE => {
                let ours = labels(&event.object).get(MANAGED_BY).is_some_and(|manager| manager == MANAGER);
                let service = labels(&event.object).get(SERVICE_NAME).and_then(Value::as_str);
                service
                    .filter(|_| ours)
                    .map(|service| Key::new(namespace(&event.object), service))
                    .into_iter()
                    .collect()
            }
            _ if event.previous.is_none() => {
                self.api.list("services", None).iter().map(|service| Key::of(service)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key) -> Result<Option<Duration>, Error> {
        let Ok(service) = self.api.get("services", &key.namespace, &key.name) else {
            self.trigger_times.forget(key);
            return Ok(None);
        };
        if text(&service, "spec.type") == "ExternalName" || !at(&service, "spec.selector").is_object() {
            return Ok(None);
        }
        let pods = selected_pods(&self.api, &service);
        let trigger_time = self.trigger_times.next(&service, &pods);
        let existing = self.slices_of(&service);
        let families: Vec<&str> = items(&service, "spec.ipFamilies").iter().filter_map(Value::as_str).collect();
        let mut changes = slices::Changes::default();
        for family in &families {
            let same = existing.iter().filter(|slice| slice["addressType"] == *family).cloned().collect();
            let groups = desired::endpoints_by_ports(&self.api, &service, &pods, family);
            changes.append(slices::reconcile(&service, family, same, groups));
        }
        changes.delete.extend(
            existing.into_iter().filter(|slice| !families.iter().any(|family| slice["addressType"] == *family)),
        );
        self.write(&service, changes, trigger_time).map(|()| None)
    }
}

/// Whether a slice belongs to this very Service.
fn is_owned_by(slice: &Value, service: &Value) -> bool {
    items(slice, "metadata.ownerReferences")
        .iter()
        .any(|owner| owner["uid"] == uid(service) && owner["kind"] == "Service")
}

fn stamp(slice: &mut Value, trigger_time: Option<&str>) {
    match trigger_time {
        Some(at) => {
            map_mut(slice, "metadata.annotations").insert(TRIGGER_TIME.to_owned(), json!(at));
        }
        None if at(slice, "metadata.annotations").is_object() => {
            map_mut(slice, "metadata.annotations").remove(TRIGGER_TIME);
        }
        None => {}
    }
}
