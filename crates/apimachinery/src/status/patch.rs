//! What the API server answers to patches that cannot be applied (`apiserver/pkg/endpoints/handlers/patch.go`).

use super::{Details, Reason, Status};
use crate::patch::PatchError;

impl Status {
    /// 422 of a JSON patch that does not fit the object. The server keeps to itself why.
    pub fn json_patch_failed() -> Self {
        let message = "the server rejected our request due to an error in our request";
        let mut status = Self::failure(422, Reason::Invalid, message);
        status.details = Some(Details::default());
        status
    }

    /// The failure of a strategic merge patch: 400, 422 or, of what upstream has no reason for, 500.
    pub fn strategic_patch_failed(error: &PatchError) -> Self {
        match error {
            PatchError::BadJsonDoc
            | PatchError::BadPrimitiveList
            | PatchError::BadRetainKeys
            | PatchError::BadSetElementOrder => Self::bad_request(error.to_string()),
            PatchError::ListOfLists => Self::json_patch_failed(),
            other => Self::unexplained(other.to_string()),
        }
    }

    /// 500 without a reason, of an error that upstream passes on as it is.
    pub fn unexplained(message: impl Into<String>) -> Self {
        let mut status = Self::failure(500, Reason::InternalError, message);
        status.reason.clear();
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn failures_are_those_of_the_real_server() {
        let unknown = PatchError::BadPatchType { directive: "no".into(), map: "map[$patch:no]".into() };
        assert_eq!(
            Status::strategic_patch_failed(&unknown).to_json(),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 500,
                "message": "unknown patch type: no in map: map[$patch:no]",
            })
        );
        assert_eq!(
            Status::json_patch_failed().to_json(),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 422,
                "message": "the server rejected our request due to an error in our request",
                "reason": "Invalid", "details": {},
            })
        );
        assert_eq!(Status::strategic_patch_failed(&PatchError::BadRetainKeys).reason(), "BadRequest");
    }
}
