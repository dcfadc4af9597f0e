//! A cluster on a virtual clock whose pods run as soon as they have a node.

use std::time::Duration;

use embedded::{
    Api, Cluster, Options,
    apiserver::{DeleteOptions, Since},
    clock::Clock,
};
use futures::StreamExt;
use serde_json::{Value, json};

/// A cluster with one node.
pub struct World {
    pub api: Api,
    _cluster: Cluster,
    _kubelet: tokio::task::JoinHandle<()>,
}

impl World {
    pub async fn start() -> Self {
        let clock = Clock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
        let cluster = Cluster::start(Options { nodes: 0, ..Options::new(clock) });
        let api = cluster.api().clone();
        add_node(&api, "node-1");
        let kubelet = tokio::spawn(run_pods(api.clone()));
        let world = Self { api, _cluster: cluster, _kubelet: kubelet };
        world.settle().await;
        world
    }

    /// Waits until nothing happens any more for a second.
    pub async fn settle(&self) {
        loop {
            let before = self.api.revision();
            self.api.clock().sleep(Duration::from_secs(1)).await;
            if self.api.revision() == before {
                return;
            }
        }
    }

    /// Names of the objects of a resource in the namespace `default`.
    pub fn names(&self, resource: &str) -> Vec<String> {
        let objects = self.api.list(resource, Some("default"));
        objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The messages of events with a reason, in the order in which they happened.
    pub fn messages(&self, reason: &str) -> Vec<String> {
        let mut events = self.api.list("events", Some("default"));
        events.retain(|event| event["reason"] == reason);
        events.sort_by_key(|event| event["metadata"]["name"].as_str().unwrap().rsplit_once('.').unwrap().1.to_owned());
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn add_node(api: &Api, name: &str) {
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
    });
    api.create("nodes", "", node).unwrap();
    api.modify_status("nodes", "", name, |node| {
        node["status"] = json!({
            "allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        });
    })
    .unwrap();
}

/// What a kubelet does at the least: pods with a node run, pods that are to end are gone.
async fn run_pods(api: Api) {
    let mut watch = api.watch("pods", None, Since::InitialEvents).unwrap();
    let mut addresses = 1;
    while let Some(event) = watch.next().await {
        let pod = &event.object;
        let (place, name) = (pod["metadata"]["namespace"].as_str().unwrap(), pod["metadata"]["name"].as_str().unwrap());
        if pod["metadata"]["deletionTimestamp"].is_string() {
            let _ =
                api.delete("pods", place, name, &DeleteOptions { grace_period_seconds: Some(0), ..Default::default() });
        } else if pod["spec"]["nodeName"].is_string() && pod["status"]["podIP"].is_null() {
            addresses += 1;
            let now = api.clock().rfc3339();
            let image = pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
            // The image says what becomes of the pod.
            let (phase, ready) = match image {
                "nope" => ("Running", "False"),
                "succeeds" => ("Succeeded", "False"),
                "fails" => ("Failed", "False"),
                _ => ("Running", "True"),
            };
            let _ = api.modify_status("pods", place, name, |pod| {
                let ip = format!("10.244.0.{addresses}");
                pod["status"]["phase"] = json!(phase);
                pod["status"]["podIP"] = json!(ip);
                pod["status"]["podIPs"] = json!([{"ip": ip}]);
                pod["status"]["conditions"] = json!([{"type": "Ready", "status": ready, "lastTransitionTime": now}]);
            });
        }
    }
}

pub fn deployment(name: &str, replicas: i64, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default", "labels": {"app": name}},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "nginx", "image": image}]}},
        },
    })
}
