//! The network: who reaches whom.

use crate::apiserver::Api;

/// The network of a cluster. Clones share it.
#[derive(Clone)]
pub struct Network {
    _api: Api,
}

impl Network {
    /// The network of the cluster behind `api`.
    pub fn new(api: &Api) -> Self {
        Self { _api: api.clone() }
    }
}
