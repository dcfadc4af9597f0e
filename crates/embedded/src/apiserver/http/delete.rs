//! DELETE of one object or of a collection (k8s.io/apiserver/pkg/endpoints/handlers/delete.go).

use apimachinery::{meta, status::Status};
use http::Response;
use serde_json::{Value, json};

use super::{
    Exchange,
    body::Body,
    filter::Filter,
    query::{Query, propagation},
    request::ResourcePath,
    respond,
};
use crate::{
    apiserver::{DeleteOptions, Propagation, delete::Deleted},
    storage::Object,
};

/// The options of a delete: those of the body, else those of the query.
pub(super) fn options(body: &Value, query: &Query) -> Result<DeleteOptions, Status> {
    let named = body["propagationPolicy"].as_str().map(propagation).transpose()?;
    let orphan = body["orphanDependents"].as_bool();
    let orphan = orphan.map(|orphan| if orphan { Propagation::Orphan } else { Propagation::Background });
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(DeleteOptions {
        grace_period_seconds: body["gracePeriodSeconds"].as_i64().or(query.grace_period_seconds),
        propagation: named.or(orphan).or(query.propagation),
        uid: text(&body["preconditions"]["uid"]),
        resource_version: text(&body["preconditions"]["resourceVersion"]),
        dry_run: query.dry_run || body["dryRun"][0] == "All",
    })
}

impl Exchange {
    fn delete_options(&self) -> Result<DeleteOptions, Status> {
        let body = if self.body.is_empty() { json!({}) } else { self.read_body("meta/v1.DeleteOptions")? };
        options(&body, &self.query)
    }

    pub(super) fn delete(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let options = self.delete_options()?;
        match self.api.delete_with(key, &path.namespace, &path.name, &options)? {
            Deleted::Gone(object) if !resource.strategy.returns_deleted_object() => {
                let status = Status::deleted(&resource.group_resource(), &path.name, meta::uid(&object));
                Ok(respond::json(200, &status, self.pretty))
            }
            deleted => self.object(200, key, deleted.object(), &[]),
        }
    }

    pub(super) fn delete_collection(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let options = self.delete_options()?;
        let filter = Filter::new(resource, &self.query, None)?;
        let namespace = Some(path.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let mut items: Vec<Object> = self.api.list(key, namespace);
        items.retain(|object| filter.matches(resource, object));
        let mut deleted = Vec::new();
        for object in items {
            match self.api.delete(key, meta::namespace(&object), meta::name(&object), &options) {
                Ok(object) => deleted.push(Value::clone(&object)),
                Err(status) if status.is_not_found() => {}
                Err(status) => return Err(status),
            }
        }
        let list = json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": resource.api_version(),
            "metadata": {"resourceVersion": self.api.revision().to_string()},
            "items": deleted,
        });
        Ok(respond::json(200, &list, self.pretty))
    }
}
