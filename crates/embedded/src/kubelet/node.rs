//! The node's own object and its Lease.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Kubelet;
use crate::network::Network;

/// The version that the node reports.
const VERSION: &str = "v1.37.2";
/// How often the Lease is renewed (kubelet: a quarter of nodeLeaseDurationSeconds).
const RENEW: Duration = Duration::from_secs(10);
/// How often the status is reported when nothing changes (kubelet: nodeStatusReportFrequency).
const REPORT: u32 = 30;

/// What a node can hold.
fn capacity() -> Value {
    json!({"cpu": "4", "ephemeral-storage": "101430960Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": "8145856Ki", "pods": "110"})
}

fn allocatable() -> Value {
    json!({"cpu": "4", "ephemeral-storage": "93478772582", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": "8043456Ki", "pods": "110"})
}

fn conditions(now: &str, since: &str) -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now, "lastTransitionTime": since});
    json!([
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ])
}

/// Creates the Node and its Lease. Errors are those of an API that refuses it: then there is no node.
pub fn register(kubelet: &Kubelet) {
    let api = &kubelet.api;
    let (name, entropy, now) = (kubelet.node.as_str(), api.entropy(), api.clock().rfc3339());
    kubelet.network.add_node(name, kubelet.address);
    let machine = entropy.hex(32);
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            },
        },
        "spec": {"podCIDR": Network::pod_range(kubelet.number), "podCIDRs": [Network::pod_range(kubelet.number)]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": kubelet.address.to_string()}, {"type": "Hostname", "address": name}],
            "allocatable": allocatable(), "capacity": capacity(), "conditions": conditions(&now, &now),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64", "bootID": entropy.uid(), "containerRuntimeVersion": "containerd://2.1.4", "kernelVersion": "6.12.0",
                "kubeProxyVersion": "", "kubeletVersion": VERSION, "machineID": machine, "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 12 (bookworm)", "runningInUserNamespace": false, "systemUUID": machine,
            },
        },
    });
    let Ok(node) = api
        .create("nodes", "", node.clone())
        .and_then(|_| api.modify_status("nodes", "", name, |stored| stored["status"] = node["status"].clone()))
    else {
        return;
    };
    let owner = json!([{"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}]);
    // The namespace of Leases may not be there, or the cluster may not know them: the node works without.
    let _ =
        api.create("leases.coordination.k8s.io", "kube-node-lease", lease(name, &owner, &api.clock().rfc3339_micro()));
}

fn lease(name: &str, owner: &Value, now: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": owner},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": now},
    })
}

/// Renews the Lease, and reports the status now and then, as long as the node lives.
pub async fn heartbeats(kubelet: Arc<Kubelet>) {
    let api = &kubelet.api;
    let mut beats = 0;
    loop {
        api.clock().sleep(RENEW).await;
        beats += 1;
        let now = api.clock().rfc3339_micro();
        // A Lease or Node that somebody deleted is not made again while the cluster runs.
        let _ = api.modify("leases.coordination.k8s.io", "kube-node-lease", &kubelet.node, |lease| {
            lease["spec"]["renewTime"] = json!(now)
        });
        if beats % REPORT == 0 {
            let now = api.clock().rfc3339();
            let _ = api.modify_status("nodes", "", &kubelet.node, |node| {
                for condition in node["status"]["conditions"].as_array_mut().into_iter().flatten() {
                    condition["lastHeartbeatTime"] = json!(now);
                }
            });
        }
    }
}

/// Notes the images that the node holds in its status, as the kubelet does after a pull (at most 50).
pub fn report_images(kubelet: &Kubelet, images: &[Value]) {
    let _ = kubelet.api.modify_status("nodes", "", &kubelet.node, |node| node["status"]["images"] = json!(images));
}
