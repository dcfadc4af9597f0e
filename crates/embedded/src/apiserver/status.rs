//! Errors as the API server answers them: `metav1.Status` with upstream's texts (apimachinery/pkg/api/errors).

use serde_json::{Value, json};

/// One thing that is wrong with a field: `field.Error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueRequired`, `FieldValueInvalid`, …
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// The path of the field.
    pub field: String,
}

/// A failure, as it is sent to clients.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Status {
    /// The HTTP status code.
    pub code: u16,
    /// The reason as a word: `NotFound`, `AlreadyExists`, …
    pub reason: String,
    /// The message for a person.
    pub message: String,
    /// `StatusDetails` as JSON, if there are any.
    pub details: Option<Value>,
}

/// A resource with its group, as error messages name it: `deployments.apps`.
fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

fn details(group: &str, kind: &str, name: &str) -> Value {
    let mut details = json!({});
    for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
        if !value.is_empty() {
            details[key] = json!(value);
        }
    }
    details
}

impl Status {
    fn new(code: u16, reason: &str, message: String, details: Option<Value>) -> Self {
        Self { code, reason: reason.to_owned(), message, details }
    }

    /// No such object.
    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", qualified(group, resource));
        Self::new(404, "NotFound", message, Some(details(group, resource, name)))
    }

    /// No such path or resource.
    pub fn no_such_resource() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource".to_owned(), Some(json!({})))
    }

    /// The name is taken.
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", qualified(group, resource));
        Self::new(409, "AlreadyExists", message, Some(details(group, resource, name)))
    }

    /// The object was changed by somebody else, or another precondition does not hold.
    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", qualified(group, resource));
        Self::new(409, "Conflict", message, Some(details(group, resource, name)))
    }

    /// Admission or authorization says no.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let resource_name = qualified(group, resource);
        let message = match (resource.is_empty(), name.is_empty()) {
            (true, _) => format!("forbidden: {why}"),
            (false, true) => format!("{resource_name} is forbidden: {why}"),
            (false, false) => format!("{resource_name} \"{name}\" is forbidden: {why}"),
        };
        Self::new(403, "Forbidden", message, Some(details(group, resource, name)))
    }

    /// The object does not pass validation. `kind` is the kind's name.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Self {
        let mut seen: Vec<String> = Vec::new();
        for cause in causes {
            let text = format!("{}: {}", cause.field, cause.message);
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
        let errors = match seen.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let mut details = details(group, kind, name);
        if !causes.is_empty() {
            let list = causes.iter().map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field}));
            details["causes"] = Value::Array(list.collect());
        }
        let message = format!("{} \"{name}\" is invalid: {errors}", qualified(group, kind));
        Self::new(422, "Invalid", message, Some(details))
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into(), None)
    }

    /// The caller is unknown.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized".to_owned(), None)
    }

    /// The history that was asked for is gone.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message.into(), None)
    }

    /// The resource does not have this verb.
    pub fn method_not_supported(group: &str, resource: &str, action: &str) -> Self {
        let message = format!("{action} is not supported on resources of kind \"{}\"", qualified(group, resource));
        Self::new(405, "MethodNotAllowed", message, Some(details(group, resource, "")))
    }

    /// The server does not allow this HTTP method here.
    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message, Some(json!({})))
    }

    /// None of the media types that the client accepts can be produced.
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(406, "NotAcceptable", message.into(), None)
    }

    /// The body's media type is not understood here.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(415, "UnsupportedMediaType", message.into(), None)
    }

    /// Something that is known upstream and not simulated here: it says so and pretends nothing.
    pub fn not_implemented(what: &str) -> Self {
        let message = format!("the embedded cluster does not implement {what}; use a real cluster for it");
        Self::new(501, "NotImplemented", message, None)
    }

    /// The server failed.
    pub fn internal(why: impl std::fmt::Display) -> Self {
        let details = json!({"causes": [{"message": why.to_string()}]});
        Self::new(500, "InternalError", format!("Internal error occurred: {why}"), Some(details))
    }

    /// Whether the object was not there.
    pub fn is_not_found(&self) -> bool {
        self.reason == "NotFound"
    }

    /// Whether the name was taken.
    pub fn is_already_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    /// Whether somebody else was faster.
    pub fn is_conflict(&self) -> bool {
        self.reason == "Conflict"
    }

    /// The `metav1.Status` object that clients get.
    pub fn to_value(&self) -> Value {
        let mut value = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if let Some(details) = &self.details {
            value["details"] = details.clone();
        }
        value
    }
}
