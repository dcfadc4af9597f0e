//! The subresources of pods that are streams: exec, attach, log, port-forward.
//!
//! Upstream: kubernetes pkg/registry/core/pod/strategy.go (which container), k8s.io/cri-streaming (the protocols).

mod logs;
mod port_forward;
mod process;
mod websocket;

use std::sync::Arc;

use apimachinery::{meta, status::Status};
use http::{Method, Response};
use serde_json::Value;

use super::{Exchange, body::Body, request::ResourcePath};
use crate::{
    apiserver::{ContainerTarget, NodeAgent},
    storage::Object,
};

impl Exchange {
    pub(super) async fn stream(&mut self, path: &ResourcePath, subresource: &str) -> Result<Response<Body>, Status> {
        match (subresource, &self.parts.method) {
            ("log", &Method::GET) => self.log(path).await,
            ("exec" | "attach", &Method::GET | &Method::POST) => self.process(path, subresource == "exec"),
            ("portforward", &Method::GET | &Method::POST) => self.port_forward(path),
            _ => Err(Status::method_not_allowed()),
        }
    }

    /// The pod, and the container that the request means.
    fn target(&self, path: &ResourcePath) -> Result<(Object, ContainerTarget), Status> {
        let pod = self.api.get("pods", &path.namespace, &path.name)?;
        let container = container(&pod, self.query.get("container").unwrap_or_default())?.to_owned();
        let target = ContainerTarget { namespace: path.namespace.clone(), pod: path.name.clone(), container };
        Ok((pod, target))
    }

    /// Who answers for the pod: the agent of its node.
    fn agent(&self, pod: &Value) -> Result<Arc<dyn NodeAgent>, Status> {
        let name = meta::name(pod);
        let Some(node) = meta::dig_str(pod, "spec.nodeName").filter(|node| !node.is_empty()) else {
            return Err(Status::bad_request(format!("pod {name} does not have a host assigned")));
        };
        self.api.node_agent(node).ok_or_else(|| Status::internal(format!("nothing answers on node {node}")))
    }
}

/// `validateContainer`.
fn container<'a>(pod: &'a Value, asked: &'a str) -> Result<&'a str, Status> {
    let name = meta::name(pod);
    let names = |list: &str| meta::dig_list(pod, list).iter().filter_map(|container| container["name"].as_str());
    let all = || names("spec.initContainers").chain(names("spec.containers")).chain(names("spec.ephemeralContainers"));
    if !asked.is_empty() {
        if all().any(|own| own == asked) {
            return Ok(asked);
        }
        return Err(Status::bad_request(format!("container {asked} is not valid for pod {name}")));
    }
    let mut containers = names("spec.containers");
    match (containers.next(), containers.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Status::bad_request(format!("a container name must be specified for pod {name}"))),
        _ => {
            let all: Vec<&str> = all().collect();
            let all = all.join(" ");
            Err(Status::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{all}]"
            )))
        }
    }
}
