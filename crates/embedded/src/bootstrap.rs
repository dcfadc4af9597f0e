//! The objects that the API server itself makes when a cluster begins: `data/bootstrap.json`.

use apimachinery::{meta, status::Status};
use serde_json::{Value, json};

use crate::{
    apiserver::Api,
    controllers::rootcacertpublisher::{AUTHENTICATION, CLIENT_CA},
};

/// Creates them.
///
/// # Errors
/// The Status of the first object that the API refuses; with the file as it is, and an empty storage, there is none.
pub fn bootstrap(api: &Api) -> Result<(), Status> {
    let objects: Vec<Value> = serde_json::from_str(include_str!("../data/bootstrap.json")).map_err(Status::internal)?;
    for object in objects {
        let resource = api.registry().find_kind(meta::api_version(&object), meta::kind(&object));
        let key = resource.ok_or_else(Status::unknown_path)?.key();
        let namespace = meta::namespace(&object).to_owned();
        api.create(&key, &namespace, object)?;
    }
    publish_authority(api, include_str!("../data/root-ca.crt"))
}

/// Publishes the certificate (PEM) of the authority whose clients the API server trusts, as kube-apiserver does; the controllers
/// put it into every namespace. A cluster that is not served shows one that nobody has the key of.
pub(crate) fn publish_authority(api: &Api, certificate: &str) -> Result<(), Status> {
    let (namespace, name) = AUTHENTICATION;
    let published = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace},
        "data": {CLIENT_CA: certificate},
    });
    match api.create("configmaps", namespace, published.clone()) {
        Err(status) if status.is_already_exists() => api.update("configmaps", published).map(drop),
        created => created.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, entropy::Entropy, registry::Registry, storage::Storage};

    #[test]
    fn the_file_is_accepted() {
        let api = Api::new(Storage::default(), Registry::builtin(), Clock::real(), Entropy::seeded(1));
        bootstrap(&api).unwrap();
        assert_eq!(api.get("services", "default", "kubernetes").unwrap()["spec"]["clusterIP"], "10.96.0.1");
    }
}
