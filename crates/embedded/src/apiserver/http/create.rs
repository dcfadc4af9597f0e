//! POST: create, bind, evict (k8s.io/apiserver/pkg/endpoints/handlers/create.go).

use std::time::Duration;

use apimachinery::{meta, status::Status};
use futures::StreamExt;
use http::{Response, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{Exchange, body::Body, request::ResourcePath, respond};
use crate::{
    apiserver::{DeleteOptions, Since},
    registry::{Resource, codec},
};

/// How long a new pod waits for its service account (admission plugin ServiceAccount: ten tries).
const ACCOUNT_WAIT: Duration = Duration::from_secs(1);

impl Exchange {
    pub(super) async fn create(&self, key: &str, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let resource = self.resource_of(key)?;
        let object = self.read_object(resource)?;
        if key == "pods" {
            self.await_service_account(&path.namespace, &object).await;
        }
        let written = self.api.create_with(key, &path.namespace, object, &self.query.write_options())?;
        self.object(201, key, &written.object, &written.warnings)
    }

    /// The object in the body, JSON or YAML, which must be of the resource's kind if it says its kind at all.
    pub(super) fn read_object(&self, resource: &Resource) -> Result<Value, Status> {
        let object = self.read_body(&resource.go_struct())?;
        let (api_version, kind) = (meta::api_version(&object), meta::kind(&object));
        let (own, version) = (resource.kind, resource.version);
        let cannot = |kind: &str, why: String| {
            Err(Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {own}: {why}")))
        };
        if !kind.is_empty() && kind != own {
            let why = format!("converting (v1.{kind}) to (core.{own}): unknown conversion");
            return cannot(kind, why);
        }
        if !api_version.is_empty() && api_version != resource.api_version() {
            let why = format!(
                "no kind \"{own}\" is registered for version \"{api_version}\" in scheme \"pkg/runtime/scheme.go:111\""
            );
            return cannot(own, why);
        }
        Ok(object)
    }

    /// The body as JSON; `go_struct` is what it is to be: `core/v1.Pod`.
    pub(super) fn read_body(&self, go_struct: &str) -> Result<Value, Status> {
        let media_type = self.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let kind = go_struct.rsplit('.').next().unwrap_or(go_struct);
        match media_type {
            "application/vnd.kubernetes.protobuf" => codec::decode(&self.body, go_struct).ok_or_else(|| {
                let why = "provided data does not appear to be a protobuf message";
                Status::bad_request(format!("the object provided is unrecognized (must be of type {kind}): {why}"))
            }),
            "" | "application/json" => serde_json::from_slice(&self.body).map_err(|error| {
                let start: String = String::from_utf8_lossy(&self.body).chars().take(30).collect();
                Status::bad_request(format!(
                    "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; \
                     json parse error: {error} ({start} ...)"
                ))
            }),
            "application/yaml" => serde_yaml::from_slice(&self.body)
                .map_err(|error| Status::bad_request(format!("error converting YAML to JSON: {error}"))),
            _ => Err(Status::unsupported_media_type(&[
                "application/json",
                "application/yaml",
                "application/vnd.kubernetes.protobuf",
            ])),
        }
    }

    /// In a namespace that was made a moment ago the account of new pods may not be there yet; its controller is at it.
    async fn await_service_account(&self, namespace: &str, pod: &Value) {
        let name = meta::dig_str(pod, "spec.serviceAccountName").unwrap_or("default");
        if self.api.get("serviceaccounts", namespace, name).is_ok()
            || self.api.get("namespaces", "", namespace).is_err()
        {
            return;
        }
        let Ok(mut watch) = self.api.watch("serviceaccounts", Some(namespace), Since::InitialEvents) else {
            return;
        };
        let found = async { while watch.next().await.is_some_and(|event| event.object["metadata"]["name"] != name) {} };
        // Without an account the pod is refused, which is then the answer.
        let _ = tokio::time::timeout(ACCOUNT_WAIT, found).await;
    }

    pub(super) fn bind(&self, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let binding = self.read_body("core/v1.Binding")?;
        let node = meta::dig_str(&binding, "target.name").unwrap_or_default();
        self.api.bind(&path.namespace, &path.name, node)?;
        Ok(success(201, self.pretty))
    }

    pub(super) fn evict(&self, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let eviction = if self.body.is_empty() { json!({}) } else { self.read_body("policy/v1.Eviction")? };
        let options = super::delete::options(&eviction["deleteOptions"], &self.query)?;
        self.api.delete("pods", &path.namespace, &path.name, &DeleteOptions { ..options })?;
        Ok(success(201, self.pretty))
    }
}

/// A Status that says that it went well.
fn success(code: u16, pretty: bool) -> Response<Body> {
    let mut status = Status::default();
    "Success".clone_into(&mut status.status);
    status.code = code;
    respond::json(code, &status, pretty)
}
