//! The controllers of kube-controller-manager, one file (or one folder) each.
//!
//! They run on a small harness ([`harness`]): watches become keys, keys wait in a queue, one at a time is reconciled against the
//! API. They hold no cache and no state that the API does not have, but for what they count (events).

use tokio::task::JoinSet;

use crate::apiserver::Api;

pub mod cronjob;
pub mod daemon;
pub mod deployment;
pub mod endpoint;
pub mod endpointslice;
pub mod events;
pub mod events_v1;
pub mod garbagecollector;
pub mod harness;
pub mod history;
pub mod job;
pub mod namespace;
pub mod nodelifecycle;
pub mod object;
pub mod owner;
pub mod pod;
pub mod pod_control;
pub mod podgc;
pub mod queue;
pub mod replicaset;
pub mod rootcacertpublisher;
pub mod selector;
pub mod service_pods;
pub mod serviceaccount;
pub mod statefulset;
pub mod tainteviction;

/// Starts all controllers.
pub fn start(api: &Api, tasks: &mut JoinSet<()>) {
    harness::spawn(serviceaccount::ServiceAccountController::new(api), api, tasks);
    harness::spawn(rootcacertpublisher::RootCaCertPublisher::new(api), api, tasks);
    harness::spawn(deployment::DeploymentController::new(api), api, tasks);
    harness::spawn(replicaset::ReplicaSetController::new(api, replicaset::REPLICA_SET), api, tasks);
    harness::spawn(job::JobController::new(api), api, tasks);
    harness::spawn(replicaset::ReplicaSetController::new(api, replicaset::REPLICATION_CONTROLLER), api, tasks);
    harness::spawn(daemon::DaemonSetController::new(api), api, tasks);
    harness::spawn(statefulset::StatefulSetController::new(api), api, tasks);
    harness::spawn(cronjob::CronJobController::new(api), api, tasks);
    harness::spawn(nodelifecycle::NodeLifecycleController::new(api), api, tasks);
    harness::spawn(tainteviction::TaintEvictionController::new(api), api, tasks);
    harness::spawn(endpoint::EndpointsController::new(api), api, tasks);
    harness::spawn(endpointslice::EndpointSliceController::new(api), api, tasks);
    harness::spawn(namespace::NamespaceController::new(api), api, tasks);
    harness::spawn(garbagecollector::GarbageCollector::new(api), api, tasks);
    harness::spawn(podgc::PodGarbageCollector::new(api), api, tasks);
}

/// The API as a controller sees it: it acts as its own ServiceAccount, and its fields are kube-controller-manager's.
fn as_controller(api: &Api, name: &str) -> Api {
    api.as_caller(&format!("system:serviceaccount:kube-system:{name}"), "kube-controller-manager")
}
