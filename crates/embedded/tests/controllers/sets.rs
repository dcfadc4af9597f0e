//! DaemonSets and StatefulSets.

use serde_json::{Value, json};

use crate::support::{World, add_node};

fn set(kind: &str, spec: Value) -> Value {
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "set", "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": {"app": "set"}},
            "template": {"metadata": {"labels": {"app": "set"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}},
        },
    });
    set["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    set
}

fn image(set: &mut Value) {
    set["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nginx:2");
}

fn images(world: &World) -> Vec<String> {
    let pods = world.api.list("pods", Some("default"));
    pods.iter().map(|pod| pod["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_daemon_set_has_a_pod_on_each_node() {
    let world = World::start().await;
    add_node(&world.api, "node-2");
    world.api.create("daemonsets.apps", "default", set("DaemonSet", json!({}))).unwrap();
    world.settle().await;
    add_node(&world.api, "node-3");
    world.settle().await;
    let pods = world.api.list("pods", Some("default"));
    let mut nodes: Vec<&str> = pods.iter().map(|pod| pod["spec"]["nodeName"].as_str().unwrap()).collect();
    nodes.sort_unstable();
    assert_eq!(nodes, ["node-1", "node-2", "node-3"]);
    let daemon = world.api.get("daemonsets.apps", "default", "set").unwrap();
    assert_eq!(
        daemon["status"],
        json!({
            "currentNumberScheduled": 3, "desiredNumberScheduled": 3, "numberAvailable": 3, "numberMisscheduled": 0,
            "numberReady": 3, "observedGeneration": 1, "updatedNumberScheduled": 3,
        })
    );
    let labels = &pods[0]["metadata"]["labels"];
    assert_eq!(labels["pod-template-generation"], "1");
    let revision = &world.names("controllerrevisions.apps")[0];
    assert_eq!(*revision, format!("set-{}", labels["controller-revision-hash"].as_str().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_set_is_updated_node_by_node() {
    for strategy in [json!({"maxUnavailable": 1}), json!({"maxUnavailable": 0, "maxSurge": 1})] {
        let world = World::start().await;
        add_node(&world.api, "node-2");
        let spec = json!({"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": strategy}});
        world.api.create("daemonsets.apps", "default", set("DaemonSet", spec)).unwrap();
        world.settle().await;
        world.api.modify("daemonsets.apps", "default", "set", image).unwrap();
        world.settle().await;
        assert_eq!(images(&world), ["nginx:2", "nginx:2"], "{strategy}");
        assert_eq!(world.names("controllerrevisions.apps").len(), 2);
        let daemon = world.api.get("daemonsets.apps", "default", "set").unwrap();
        assert_eq!(daemon["status"]["updatedNumberScheduled"], 2);
        assert_eq!(daemon["metadata"]["annotations"]["deprecated.daemonset.template.generation"], "2");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pods_of_a_stateful_set_come_and_go_in_order() {
    let world = World::start().await;
    let spec = json!({"replicas": 3, "serviceName": "set"});
    world.api.create("statefulsets.apps", "default", set("StatefulSet", spec)).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods"), ["set-0", "set-1", "set-2"]);
    let created = |number| format!("Create Pod set-{number} in StatefulSet set successful");
    assert_eq!(world.messages("SuccessfulCreate"), [created(0), created(1), created(2)]);
    let pod = world.api.get("pods", "default", "set-1").unwrap();
    assert_eq!((&pod["spec"]["hostname"], &pod["spec"]["subdomain"]), (&json!("set-1"), &json!("set")));
    assert_eq!(pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"], "1");
    let revision = world.names("controllerrevisions.apps")[0].clone();
    let stateful = world.api.get("statefulsets.apps", "default", "set").unwrap();
    assert_eq!(
        stateful["status"],
        json!({
            "availableReplicas": 3, "collisionCount": 0, "currentReplicas": 3, "currentRevision": revision,
            "observedGeneration": 1, "readyReplicas": 3, "replicas": 3, "updateRevision": revision, "updatedReplicas": 3,
        })
    );
    world.api.modify("statefulsets.apps", "default", "set", |set| set["spec"]["replicas"] = json!(1)).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods"), ["set-0"]);
    let deleted = |number| format!("Delete Pod set-{number} in StatefulSet set successful");
    assert_eq!(world.messages("SuccessfulDelete"), [deleted(2), deleted(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_stateful_set_is_updated_from_the_last_pod_down_to_its_partition() {
    let world = World::start().await;
    world.api.create("statefulsets.apps", "default", set("StatefulSet", json!({"replicas": 3}))).unwrap();
    world.settle().await;
    let partition = |number: i64| {
        move |set: &mut Value| set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = json!(number)
    };
    world.api.modify("statefulsets.apps", "default", "set", partition(2)).unwrap();
    world.api.modify("statefulsets.apps", "default", "set", image).unwrap();
    world.settle().await;
    assert_eq!(images(&world), ["nginx:1", "nginx:1", "nginx:2"]);
    world.api.modify("statefulsets.apps", "default", "set", partition(0)).unwrap();
    world.settle().await;
    assert_eq!(images(&world), ["nginx:2", "nginx:2", "nginx:2"]);
    let stateful = world.api.get("statefulsets.apps", "default", "set").unwrap();
    assert_eq!(stateful["status"]["currentRevision"], stateful["status"]["updateRevision"]);
}

#[tokio::test(start_paused = true)]
async fn a_stateful_set_waits_for_a_pod_that_is_not_ready() {
    let world = World::start().await;
    let mut stuck = set("StatefulSet", json!({"replicas": 2}));
    stuck["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nope");
    world.api.create("statefulsets.apps", "default", stuck.clone()).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods"), ["set-0"]);
    let world = World::start().await;
    stuck["spec"]["podManagementPolicy"] = json!("Parallel");
    world.api.create("statefulsets.apps", "default", stuck).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods"), ["set-0", "set-1"]);
}
