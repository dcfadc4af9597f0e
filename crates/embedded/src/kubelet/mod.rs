//! The kubelet: a worker for each Pod of a node, from image pulls to graceful ends.
//!
//! Statuses, conditions, events and their texts are those of kubelet v1.37; how long things take is in [`timing`].

mod agent;
mod conditions;
mod container_state;
mod create;
mod ending;
mod env;
mod image_manager;
mod lifecycle;
mod logs;
mod node;
mod pod_worker;
mod probed;
mod probes;
mod start;
mod status;
mod sync;
mod termination;
pub mod timing;
mod users;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use serde_json::Value;
use tokio::task::JoinSet;

use self::pod_worker::{Handle, Shared};
use self::timing::Timing;
use crate::apiserver::{Api, Since};
use crate::controllers::events::EventRecorder;
use crate::network::Network;
use crate::storage::{Event, EventType};

/// A kubelet: what all its workers share.
pub(crate) struct Kubelet {
    api: Api,
    network: Network,
    recorder: EventRecorder,
    timing: Timing,
    /// The node's name.
    node: String,
    /// The node's number, from 0.
    number: usize,
    /// The node's address.
    address: IpAddr,
    /// Images that were pulled, by whole name.
    images: Mutex<BTreeSet<String>>,
    /// Folders of the node that Pods mount, by path.
    host_folders: Mutex<BTreeMap<String, crate::runtime::files::Volume>>,
    /// Pods that have a worker, by namespace and name, newest last.
    pods: Mutex<BTreeMap<String, Arc<Shared>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers `nodes` nodes and starts a kubelet on each.
pub fn start(api: &Api, network: &Network, nodes: usize, tasks: &mut JoinSet<()>) {
    for number in 0..nodes {
        let node = format!("node-{}", number + 1);
        let api = api.as_caller(&format!("system:node:{node}"), "kubelet");
        let kubelet = Arc::new(Kubelet {
            recorder: EventRecorder::new(&api, "kubelet", &node),
            timing: Timing::of(api.clock()),
            address: Network::node_address(number).into(),
            network: network.clone(),
            images: Mutex::default(),
            host_folders: Mutex::default(),
            pods: Mutex::default(),
            node,
            number,
            api,
        });
        node::register(&kubelet);
        kubelet.api.set_node_agent(&kubelet.node, Arc::new(agent::Agent::new(&kubelet)));
        tasks.spawn(node::heartbeats(Arc::clone(&kubelet)));
        tasks.spawn(run(kubelet));
    }
}

/// Watches Pods, and gives those of this node to their workers.
async fn run(kubelet: Arc<Kubelet>) {
    let mut workers = JoinSet::new();
    let mut handles: BTreeMap<String, Handle> = BTreeMap::new();
    loop {
        let Ok(mut watch) = kubelet.api.watch("pods", None, Since::InitialEvents) else { return };
        while let Some(event) = watch.next().await {
            dispatch(&kubelet, &event, &mut handles, &mut workers);
            while workers.try_join_next().is_some() {}
        }
        // The watch was too slow for the log: begin anew with what is there.
    }
}

fn dispatch(kubelet: &Arc<Kubelet>, event: &Event, handles: &mut BTreeMap<String, Handle>, workers: &mut JoinSet<()>) {
    let pod: &Value = &event.object;
    if pod["spec"]["nodeName"].as_str() != Some(&kubelet.node) {
        return;
    }
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    match event.kind {
        EventType::Deleted => {
            if let Some(handle) = handles.remove(&uid) {
                handle.removed();
            }
        }
        EventType::Added | EventType::Modified => match handles.get(&uid) {
            Some(handle) => handle.update(event.object.clone()),
            None if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) => {}
            None => {
                let (handle, worker) = pod_worker::new(kubelet, event.object.clone());
                handles.insert(uid, handle);
                workers.spawn(worker);
            }
        },
    }
}

#[cfg(test)]
mod tests;
