//! What a client makes of an answer that is an HTTP error and no Status (`NewGenericServerResponse`).

use super::{Cause, Details, Reason, Status};
use crate::go;
use crate::gvk::GroupResource;

/// A request that was answered with an error.
#[derive(Debug, Clone, Default)]
pub struct FailedRequest<'a> {
    /// The HTTP status code.
    pub code: u16,
    /// The HTTP method.
    pub verb: &'a str,
    /// The resource that was asked for; the default one if it was none.
    pub resource: GroupResource,
    /// The object that was asked for, if it was one.
    pub name: &'a str,
    /// The body of the answer.
    pub server_message: &'a str,
    /// When to try again, in seconds; 0 if the server did not say.
    pub retry_after_seconds: u32,
    /// Whether the body is shown as a cause, as client-go does.
    pub unexpected: bool,
}

impl Status {
    /// The failure that an HTTP error stands for.
    pub fn generic_server_response(request: &FailedRequest<'_>) -> Self {
        let (reason, mut message) = explain(request);
        if !request.resource.is_empty() {
            let name = if request.name.is_empty() { String::new() } else { format!(" {}", request.name) };
            message = format!("{message} ({} {}{name})", request.verb.to_lowercase(), request.resource);
        }
        let mut status = Self::failure(request.code, Reason::InternalError, message);
        status.reason = reason.map_or("", Reason::as_str).to_string();
        let cause = Cause {
            kind: "UnexpectedServerResponse".to_string(),
            message: request.server_message.to_string(),
            field: String::new(),
        };
        status.details = Some(Details {
            name: request.name.to_string(),
            group: request.resource.group.clone(),
            kind: request.resource.resource.clone(),
            uid: String::new(),
            causes: if request.unexpected { vec![cause] } else { Vec::new() },
            retry_after_seconds: request.retry_after_seconds,
        });
        status
    }
}

fn explain(request: &FailedRequest<'_>) -> (Option<Reason>, String) {
    let body = request.server_message;
    let (reason, message) = match request.code {
        409 if request.verb == "POST" => (Reason::AlreadyExists, "the server reported a conflict"),
        409 => (Reason::Conflict, "the server reported a conflict"),
        404 => (Reason::NotFound, "the server could not find the requested resource"),
        400 => (Reason::BadRequest, "the server rejected our request for an unknown reason"),
        401 => (Reason::Unauthorized, "the server has asked for the client to provide credentials"),
        403 => (Reason::Forbidden, body),
        406 if body.is_empty() || body == "unknown" => {
            (Reason::NotAcceptable, "the server was unable to respond with a content type that the client supports")
        }
        406 => (Reason::NotAcceptable, body),
        415 => (Reason::UnsupportedMediaType, body),
        405 => (Reason::MethodNotAllowed, "the server does not allow this method on the requested resource"),
        422 => (Reason::Invalid, "the server rejected our request due to an error in our request"),
        503 => (Reason::ServiceUnavailable, "the server is currently unable to handle the request"),
        504 => (
            Reason::Timeout,
            "the server was unable to return a response in the time allotted, but may still be processing the request",
        ),
        429 => {
            (Reason::TooManyRequests, "the server has received too many requests and has asked us to try again later")
        }
        500.. => {
            let body = go::quote(body);
            let message = format!("an error on the server ({body}) has prevented the request from succeeding");
            return (Some(Reason::InternalError), message);
        }
        code => {
            let message =
                format!("the server responded with the status code {code} but did not return more information");
            return (None, message);
        }
    };
    (Some(reason), message.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_without_a_status_are_explained() {
        let request = FailedRequest {
            code: 404,
            verb: "GET",
            resource: GroupResource::new("apps", "deployments"),
            name: "web",
            server_message: "404 page not found",
            ..FailedRequest::default()
        };
        let status = Status::generic_server_response(&request);
        assert!(status.is_not_found());
        assert_eq!(status.to_string(), "the server could not find the requested resource (get deployments.apps web)");
        let request = FailedRequest { code: 502, server_message: "bad gateway", ..FailedRequest::default() };
        assert_eq!(
            Status::generic_server_response(&request).to_string(),
            r#"an error on the server ("bad gateway") has prevented the request from succeeding"#
        );
        let request = FailedRequest { code: 418, ..FailedRequest::default() };
        assert_eq!(
            Status::generic_server_response(&request).to_string(),
            "the server responded with the status code 418 but did not return more information"
        );
    }
}
