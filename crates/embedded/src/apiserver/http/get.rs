//! GET of one object.

use apimachinery::status::Status;
use http::Response;

use super::{Exchange, body::Body, negotiate::Format, request::ResourcePath, respond, table};
use crate::{registry::Resource, storage::Object};

impl Exchange {
    pub(super) fn get(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let object = self.api.get(key, &path.namespace, &path.name)?;
        self.object(200, key, &object, &[])
    }

    /// An answer that is one object, in the format that the client wants.
    pub(super) fn object(
        &self,
        code: u16,
        key: &str,
        object: &Object,
        warnings: &[String],
    ) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let mut response = match self.format()? {
            Format::Object => respond::json(code, &**object, self.pretty),
            Format::Table => {
                let items = std::slice::from_ref(object);
                let table = self.table(resource, items, &object["metadata"]["resourceVersion"], None, true);
                respond::json(code, &table, self.pretty)
            }
            Format::Metadata => respond::json(code, &table::partial_metadata(object), self.pretty),
        };
        for warning in warnings {
            respond::warn(&mut response, warning);
        }
        Ok(response)
    }

    pub(super) fn resource_of(&self, key: &str) -> Result<&Resource, Status> {
        self.api.registry().get(key).ok_or_else(Status::unknown_path)
    }
}
