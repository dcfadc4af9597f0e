//! Reading objects: the shape of their kind, and what to do about fields that it does not have
//! (k8s.io/apiserver/pkg/endpoints/handlers: create.go, field validation).

use apimachinery::status::Status;
use serde_json::Value;

use super::FieldValidation;
use crate::registry::{Resource, codec};

/// Brings an object into the shape of its kind; the answer is warnings for the client.
pub(super) fn decode(
    resource: &Resource,
    object: &mut Value,
    validation: FieldValidation,
) -> Result<Vec<String>, Status> {
    let mut problems = codec::Problems::default();
    let cannot = |why: &str| {
        let (kind, version) = (resource.kind, resource.version);
        Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    codec::normalize(&resource.go_struct(), object, &mut problems).map_err(|why| cannot(&why))?;
    match validation {
        FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Warn => Ok(problems.strict),
        FieldValidation::Strict if problems.strict.is_empty() => Ok(Vec::new()),
        FieldValidation::Strict => Err(cannot(&format!("strict decoding error: {}", problems.strict.join(", ")))),
    }
}
