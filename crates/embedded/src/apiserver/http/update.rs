//! PUT (k8s.io/apiserver/pkg/endpoints/handlers/update.go).

use apimachinery::{meta, status::Status};
use http::Response;
use serde_json::json;

use super::{Exchange, body::Body, request::ResourcePath};

impl Exchange {
    pub(super) fn update(
        &self,
        key: &str,
        path: &ResourcePath,
        subresource: Option<&str>,
    ) -> Result<Response<Body>, Status> {
        if subresource == Some("scale") {
            let scale = self.read_body("autoscaling/v1.Scale")?;
            return self.put_scale(key, path, &scale);
        }
        let resource = self.resource_of(key)?;
        let mut object = self.read_object(resource)?;
        match meta::name(&object) {
            "" => object["metadata"]["name"] = json!(path.name),
            name if name != path.name => {
                let why = format!("the name of the object ({name}) does not match the name on the URL ({})", path.name);
                return Err(Status::bad_request(why));
            }
            _ => {}
        }
        if resource.namespaced {
            match meta::namespace(&object) {
                "" => object["metadata"]["namespace"] = json!(path.namespace),
                namespace if namespace != path.namespace => {
                    let why = "the namespace of the provided object does not match the namespace sent on the request";
                    return Err(Status::bad_request(why));
                }
                _ => {}
            }
        }
        let written = self.api.update_with(key, subresource, object, &self.query.write_options())?;
        self.object(if written.created { 201 } else { 200 }, key, &written.object, &written.warnings)
    }
}
