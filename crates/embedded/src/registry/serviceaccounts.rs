//! ServiceAccounts (kubernetes: pkg/registry/core/serviceaccount).

use apimachinery::{field::FieldError, names};
use serde_json::Value;

use super::{Context, Resource, Strategy, VERBS, metadata_validation};

struct ServiceAccounts;

pub(super) fn resource() -> Resource {
    Resource {
        group: "",
        version: "v1",
        kind: "ServiceAccount",
        plural: "serviceaccounts",
        singular: "serviceaccount",
        short_names: &["sa"],
        categories: &[],
        namespaced: true,
        verbs: VERBS,
        subresources: &[],
        strategy: &ServiceAccounts,
    }
}

impl Strategy for ServiceAccounts {
    fn validate(&self, _context: &Context<'_>, account: &Value) -> Vec<FieldError> {
        metadata_validation::validate(account, names::is_dns1123_subdomain)
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }
}
