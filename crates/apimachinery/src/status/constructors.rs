//! One constructor a failure, with upstream's texts (`api/errors/errors.go`).

use super::{Cause, Details, Reason, Status};
use crate::field::{self, FieldError};
use crate::go;
use crate::gvk::{GroupKind, GroupResource};

impl Status {
    pub(super) fn failure(code: u16, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            status: "Failure".to_string(),
            message: message.into(),
            reason: reason.as_str().to_string(),
            code,
            ..Self::default()
        }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        self.details =
            Some(Details { group: group.into(), kind: kind.into(), name: name.into(), ..Details::default() });
        self
    }

    fn about_resource(self, resource: &GroupResource, name: &str) -> Self {
        self.about(&resource.group, &resource.resource, name)
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.details.get_or_insert_default().retry_after_seconds = seconds;
        self
    }

    /// 404 `pods "web" not found`.
    pub fn not_found(resource: &GroupResource, name: &str) -> Self {
        let message = format!("{resource} {} not found", go::quote(name));
        Self::failure(404, Reason::NotFound, message).about_resource(resource, name)
    }

    /// 404 for a path that serves nothing.
    pub fn unknown_path() -> Self {
        let mut status = Self::failure(404, Reason::NotFound, "the server could not find the requested resource");
        status.details = Some(Details::default());
        status
    }

    /// 409 `pods "web" already exists`.
    pub fn already_exists(resource: &GroupResource, name: &str) -> Self {
        let message = format!("{resource} {} already exists", go::quote(name));
        Self::failure(409, Reason::AlreadyExists, message).about_resource(resource, name)
    }

    /// 409 for a `generateName` that met an existing name too often.
    pub fn generate_name_conflict(resource: &GroupResource, name: &str, retry_after_seconds: u32) -> Self {
        let message = format!(
            "{resource} {} already exists, the server was not able to generate a unique name for the object",
            go::quote(name)
        );
        Self::failure(409, Reason::AlreadyExists, message)
            .about_resource(resource, name)
            .retry_after(retry_after_seconds)
    }

    /// 409 `Operation cannot be fulfilled on pods "web": …`.
    pub fn conflict(resource: &GroupResource, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} {}: {why}", go::quote(name));
        Self::failure(409, Reason::Conflict, message).about_resource(resource, name)
    }

    /// 409 for a write whose `resourceVersion` is not the newest.
    pub fn modified(resource: &GroupResource, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, name, why)
    }

    /// 409 for a server-side apply that would take fields from another manager.
    pub fn apply_conflict(causes: Vec<Cause>, message: impl Into<String>) -> Self {
        let mut status = Self::failure(409, Reason::Conflict, message);
        status.details = Some(Details { causes, ..Details::default() });
        status
    }

    /// 422 `Deployment.apps "web" is invalid: spec.replicas: Invalid value: …`.
    pub fn invalid(kind: &GroupKind, name: &str, errors: &[FieldError]) -> Self {
        let mut message = format!("{kind} {} is invalid", go::quote(name));
        if let Some(what) = field::aggregate(errors) {
            message = format!("{message}: {what}");
        }
        let cause = |e: &FieldError| Cause { kind: e.kind.reason().into(), message: e.body(), field: e.field.clone() };
        let mut status = Self::failure(422, Reason::Invalid, message).about(&kind.group, &kind.kind, name);
        if let Some(details) = &mut status.details {
            details.causes = errors.iter().map(cause).collect();
        }
        status
    }

    /// 401 with this text, `not authorized` by default.
    pub fn unauthorized(why: &str) -> Self {
        Self::failure(401, Reason::Unauthorized, if why.is_empty() { "not authorized" } else { why })
    }

    /// 403 `pods "web" is forbidden: …`; without a name, and without a resource, shorter.
    pub fn forbidden(resource: &GroupResource, name: &str, why: &str) -> Self {
        let message = if resource.is_empty() {
            format!("forbidden: {why}")
        } else if name.is_empty() {
            format!("{resource} is forbidden: {why}")
        } else {
            format!("{resource} {} is forbidden: {why}", go::quote(name))
        };
        Self::failure(403, Reason::Forbidden, message).about_resource(resource, name)
    }

    /// 400 with this text.
    pub fn bad_request(why: impl Into<String>) -> Self {
        Self::failure(400, Reason::BadRequest, why)
    }

    /// 405 `create is not supported on resources of kind "pods"`.
    pub fn method_not_supported(resource: &GroupResource, action: &str) -> Self {
        let message = format!("{action} is not supported on resources of kind {}", go::quote(&resource.to_string()));
        Self::failure(405, Reason::MethodNotAllowed, message).about_resource(resource, "")
    }

    /// 405 as the server's router says it, of a path that is served but not with this method.
    pub fn method_not_allowed() -> Self {
        let mut status = Self::failure(
            405,
            Reason::MethodNotAllowed,
            "the server does not allow this method on the requested resource",
        );
        status.details = Some(Details::default());
        status
    }

    /// 406: none of the media types that the client accepts can be written. The server's router says so before any
    /// handler is asked.
    pub fn not_acceptable(available: &[&str]) -> Self {
        let message = format!("406: Not Acceptable\n\nAvailable representations: {}", available.join(", "));
        let mut status = Self::failure(406, Reason::NotAcceptable, message);
        status.details = Some(Details::default());
        status
    }

    /// 406: the object cannot be converted to what the client accepts, such as a Table.
    pub fn not_acceptable_conversion(target: &str, accepted: &[&str]) -> Self {
        let accepted = accepted.join(", ");
        let message = format!("only the following media types are accepted when converting to {target}: {accepted}");
        Self::failure(406, Reason::NotAcceptable, message)
    }

    /// 415: the body's media type cannot be read.
    pub fn unsupported_media_type(accepted: &[&str]) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            accepted.join(", ")
        );
        Self::failure(415, Reason::UnsupportedMediaType, message)
    }

    /// 415 of a patch whose type is none that there is. The server's router says so before any handler is asked.
    pub fn unsupported_patch_type() -> Self {
        let mut status = Self::failure(415, Reason::UnsupportedMediaType, "415: Unsupported Media Type");
        status.details = Some(Details::default());
        status
    }

    /// 429 with this text, to be tried again.
    pub fn too_many_requests(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::failure(429, Reason::TooManyRequests, message).retry_after(retry_after_seconds)
    }

    /// 413 `Request entity too large: …`.
    pub fn request_entity_too_large(message: &str) -> Self {
        Self::failure(413, Reason::RequestEntityTooLarge, format!("Request entity too large: {message}"))
    }

    /// 503 with this text.
    pub fn service_unavailable(why: impl Into<String>) -> Self {
        Self::failure(503, Reason::ServiceUnavailable, why)
    }

    /// 410 of a resource that is no longer there.
    pub fn gone(message: impl Into<String>) -> Self {
        Self::failure(410, Reason::Gone, message)
    }

    /// 410 of a `resourceVersion` that is too old.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::failure(410, Reason::Expired, message)
    }

    /// 504 `Timeout: …`.
    pub fn timeout(message: &str, retry_after_seconds: u32) -> Self {
        Self::failure(504, Reason::Timeout, format!("Timeout: {message}")).retry_after(retry_after_seconds)
    }

    /// 500 `The list operation against pods could not be completed at this time, please try again.`
    pub fn server_timeout(resource: &GroupResource, operation: &str, retry_after_seconds: u32) -> Self {
        let message = format!(
            "The {operation} operation against {resource} could not be completed at this time, please try again."
        );
        Self::failure(500, Reason::ServerTimeout, message)
            .about_resource(resource, operation)
            .retry_after(retry_after_seconds)
    }

    /// 500 `Internal error occurred: …`.
    pub fn internal(error: impl ToString) -> Self {
        let error = error.to_string();
        let mut status = Self::failure(500, Reason::InternalError, format!("Internal error occurred: {error}"));
        status.details =
            Some(Details { causes: vec![Cause { message: error, ..Cause::default() }], ..Details::default() });
        status
    }

    /// 200 `Success` of a deletion that answers with no object.
    pub fn deleted(resource: &GroupResource, name: &str, uid: &str) -> Self {
        let mut status = Self { status: "Success".to_string(), ..Self::default() }.about_resource(resource, name);
        if let Some(details) = &mut status.details {
            details.uid = uid.to_string();
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Path;
    use serde_json::json;

    fn pods() -> GroupResource {
        GroupResource::new("", "pods")
    }

    #[test]
    fn messages_are_upstreams() {
        let deployments = GroupResource::new("apps", "deployments");
        for (status, code, reason, message) in [
            (Status::not_found(&pods(), "x"), 404, "NotFound", r#"pods "x" not found"#),
            (Status::not_found(&deployments, "x"), 404, "NotFound", r#"deployments.apps "x" not found"#),
            (Status::already_exists(&pods(), "x"), 409, "AlreadyExists", r#"pods "x" already exists"#),
            (
                Status::modified(&deployments, "x"),
                409,
                "Conflict",
                r#"Operation cannot be fulfilled on deployments.apps "x": the object has been modified; please apply your changes to the latest version and try again"#,
            ),
            (Status::forbidden(&pods(), "x", "no"), 403, "Forbidden", r#"pods "x" is forbidden: no"#),
            (Status::forbidden(&pods(), "", "no"), 403, "Forbidden", "pods is forbidden: no"),
            (Status::forbidden(&GroupResource::default(), "", "no"), 403, "Forbidden", "forbidden: no"),
            (Status::timeout("late", 1), 504, "Timeout", "Timeout: late"),
            (Status::internal("oh"), 500, "InternalError", "Internal error occurred: oh"),
        ] {
            assert_eq!((status.code(), status.reason(), status.to_string().as_str()), (code, reason, message));
        }
    }

    #[test]
    fn invalid_lists_each_field() {
        let errors = [
            FieldError::required(&Path::new("spec").child("selector"), ""),
            FieldError::invalid(&Path::new("a"), 1, "no"),
        ];
        let status = Status::invalid(&GroupKind::new("apps", "Deployment"), "web", &errors);
        assert_eq!(
            status.to_json(),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Invalid", "code": 422,
                "message": r#"Deployment.apps "web" is invalid: [spec.selector: Required value, a: Invalid value: 1: no]"#,
                "details": {"name": "web", "group": "apps", "kind": "Deployment", "causes": [
                    {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.selector"},
                    {"reason": "FieldValueInvalid", "message": "Invalid value: 1: no", "field": "a"},
                ]},
            })
        );
    }

    #[test]
    fn a_status_survives_the_way_to_json_and_back_in_upstreams_order() {
        let status = Status::not_found(&pods(), "x");
        assert_eq!(Status::from_json(&status.to_json()), Some(status.clone()));
        assert_eq!(
            serde_json::to_string(&status).expect("serializes"),
            r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound","details":{"name":"x","kind":"pods"},"code":404}"#
        );
        assert_eq!(Status::from_json(&json!({"kind": "Pod"})), None);
        assert!(Status::from_json(&json!({"kind": "Status", "metadata": null, "details": null})).is_some());
    }
}
