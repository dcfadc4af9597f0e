//! One suite, two clusters: a client of the real cluster that `KUBECTL_LESSON_REAL` names (a kubeconfig), else of an embedded one.

use embedded::{clock::Clock, cluster};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::{DeleteParams, ObjectMeta, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};

/// A cluster to test on, and a namespace of one's own in it.
pub struct Both {
    pub client: Client,
    pub namespace: String,
    /// Whether it is a real one, which takes its time.
    #[allow(dead_code, reason = "not every suite needs to know")]
    pub real: bool,
    embedded: Option<cluster::Cluster>,
}

impl Both {
    /// Connects, and makes the namespace `name`.
    pub async fn start(name: &str) -> Self {
        let (client, embedded) = match std::env::var("KUBECTL_LESSON_REAL") {
            Ok(path) => {
                let config = Kubeconfig::read_from(path).unwrap();
                let options = KubeConfigOptions::default();
                let config = kube::Config::from_custom_kubeconfig(config, &options).await.unwrap();
                (Client::try_from(config).unwrap(), None)
            }
            Err(_) => {
                let cluster = cluster::Cluster::start(cluster::Options::new(Clock::real()));
                (cluster.client(), Some(cluster))
            }
        };
        let namespace = format!("{name}-{}", std::process::id());
        let metadata = ObjectMeta { name: Some(namespace.clone()), ..ObjectMeta::default() };
        let object = Namespace { metadata, ..Namespace::default() };
        Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &object).await.unwrap();
        Self { client, namespace, real: embedded.is_none(), embedded }
    }

    /// Takes the namespace away.
    pub async fn stop(self) {
        let namespaces = Api::<Namespace>::all(self.client.clone());
        namespaces.delete(&self.namespace, &DeleteParams::default()).await.unwrap();
        if let Some(cluster) = self.embedded {
            cluster.stop().await;
        }
    }
}
