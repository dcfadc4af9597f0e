//! PATCH, and the `scale` subresource.

use apimachinery::status::Status;
use http::{Response, header::CONTENT_TYPE};
use serde_json::Value;

use super::{Exchange, body::Body, request::ResourcePath, respond};
use crate::apiserver::Patch;

impl Exchange {
    pub(super) fn patch(
        &self,
        key: &str,
        path: &ResourcePath,
        subresource: Option<&str>,
    ) -> Result<Response<Body>, Status> {
        let patch = self.read_patch()?;
        let options = self.query.write_options();
        if subresource == Some("scale") {
            let mut scale = self.api.scale(key, &path.namespace, &path.name)?;
            match &patch {
                Patch::Json(operations) => apimachinery::patch::json_patch(&mut scale, operations)
                    .map_err(|error| Status::bad_request(error.to_string()))?,
                // A Scale has no lists, so that both ways of merging are the same.
                Patch::Merge(changes) | Patch::Strategic(changes) => apimachinery::patch::merge(&mut scale, changes),
            }
            return self.put_scale(key, path, &scale);
        }
        let written = self.api.patch_with(key, &path.namespace, &path.name, subresource, &patch, &options)?;
        self.object(200, key, &written.object, &written.warnings)
    }

    fn read_patch(&self) -> Result<Patch, Status> {
        let media_type = self.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let make: fn(Value) -> Patch = match media_type {
            "application/json-patch+json" => Patch::Json,
            "application/merge-patch+json" => Patch::Merge,
            "application/strategic-merge-patch+json" => Patch::Strategic,
            "application/apply-patch+yaml" => {
                return Err(super::super::not_implemented("server-side apply", "apply without --server-side"));
            }
            _ => {
                let mut status = Status::unsupported_media_type(&[]);
                "415: Unsupported Media Type".clone_into(&mut status.message);
                return Err(status);
            }
        };
        let value = serde_json::from_slice(&self.body);
        value.map(make).map_err(|error| Status::bad_request(format!("error decoding patch: {error}")))
    }

    pub(super) fn get_scale(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let scale = self.api.scale(key, &path.namespace, &path.name)?;
        Ok(respond::json(200, &scale, self.pretty))
    }

    pub(super) fn put_scale(&self, key: &str, path: &ResourcePath, scale: &Value) -> Result<Response<Body>, Status> {
        let options = self.query.write_options();
        let written = self.api.set_scale(key, &path.namespace, &path.name, scale, &options)?;
        Ok(respond::json(200, &super::super::scale::scale_of(&written.object), self.pretty))
    }
}
