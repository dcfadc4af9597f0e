//! Taints: cordoned nodes, evictions.

use serde_json::json;

use crate::support::{World, add_node};

fn pod(name: &str) -> serde_json::Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
}

#[tokio::test(start_paused = true)]
async fn a_cordoned_node_is_tainted_and_gets_no_pods() {
    let world = World::start().await;
    world.api.modify("nodes", "", "node-1", |node| node["spec"]["unschedulable"] = json!(true)).unwrap();
    world.settle().await;
    let node = world.api.get("nodes", "", "node-1").unwrap();
    let taints = &node["spec"]["taints"];
    assert_eq!(
        (&taints[0]["key"], &taints[0]["effect"]),
        (&json!("node.kubernetes.io/unschedulable"), &json!("NoSchedule"))
    );
    world.api.create("pods", "default", pod("late")).unwrap();
    world.settle().await;
    assert_eq!(
        world.messages("FailedScheduling"),
        ["0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: \
          1 Preemption is not helpful for scheduling."]
    );
    world.api.modify("nodes", "", "node-1", |node| node["spec"]["unschedulable"] = json!(false)).unwrap();
    world.settle().await;
    assert!(world.api.get("nodes", "", "node-1").unwrap()["spec"]["taints"].is_null());
    assert_eq!(world.api.get("pods", "default", "late").unwrap()["spec"]["nodeName"], "node-1");
}

#[tokio::test(start_paused = true)]
async fn a_taint_with_no_execute_ends_pods_that_do_not_tolerate_it() {
    let world = World::start().await;
    let mut tolerant = pod("tolerant");
    tolerant["spec"]["tolerations"] = json!([{"key": "out", "operator": "Exists"}]);
    let mut patient = pod("patient");
    patient["spec"]["tolerations"] = json!([{"key": "out", "operator": "Exists", "tolerationSeconds": 30}]);
    for pod in [pod("plain"), tolerant, patient] {
        world.api.create("pods", "default", pod).unwrap();
    }
    world.settle().await;
    let taint = json!([{"key": "out", "value": "x", "effect": "NoExecute"}]);
    world.api.modify("nodes", "", "node-1", |node| node["spec"]["taints"] = taint.clone()).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods"), ["patient", "tolerant"]);
    world.api.clock().sleep(std::time::Duration::from_secs(40)).await;
    assert_eq!(world.names("pods"), ["tolerant"]);
    assert_eq!(
        world.messages("TaintManagerEviction"),
        ["Marking for deletion Pod default/plain", "Marking for deletion Pod default/patient"]
    );
}

#[tokio::test(start_paused = true)]
async fn pods_are_spread_over_nodes() {
    let world = World::start().await;
    add_node(&world.api, "node-2");
    for name in ["a", "b", "c", "d"] {
        world.api.create("pods", "default", pod(name)).unwrap();
        world.settle().await;
    }
    let pods = world.api.list("pods", Some("default"));
    let on_first = pods.iter().filter(|pod| pod["spec"]["nodeName"] == "node-1").count();
    assert_eq!(on_first, 2);
}
