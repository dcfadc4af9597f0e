//! Deployments, ReplicaSets and what belongs to them, on a virtual clock.

use embedded::apiserver::{DeleteOptions, Propagation, Since};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{World, deployment};

fn replicas(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_deployment_brings_up_its_pods_and_says_so() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 3, "nginx")).unwrap();
    world.settle().await;
    let web = world.api.get("deployments.apps", "default", "web").unwrap();
    let hash = world.names("replicasets.apps")[0].clone();
    assert_eq!(web["status"]["readyReplicas"], 3, "{web:#}");
    assert_eq!(web["metadata"]["annotations"], json!({"deployment.kubernetes.io/revision": "1"}));
    let conditions = web["status"]["conditions"].as_array().unwrap();
    let shown: Vec<(&str, &str, &str)> = conditions
        .iter()
        .map(|c| (c["type"].as_str().unwrap(), c["reason"].as_str().unwrap(), c["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
            ("Progressing", "NewReplicaSetAvailable", &*format!("ReplicaSet \"{hash}\" has successfully progressed.")),
        ]
    );
    assert_eq!(world.messages("ScalingReplicaSet"), [format!("Scaled up replica set {hash} from 0 to 3")]);
    assert_eq!(world.messages("SuccessfulCreate").len(), 3);
    assert_eq!(world.messages("Scheduled").len(), 3);
    let set = world.api.get("replicasets.apps", "default", &hash).unwrap();
    assert_eq!(
        set["metadata"]["annotations"],
        json!({
            "deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4",
            "deployment.kubernetes.io/revision": "1",
        })
    );
    assert_eq!(
        set["status"],
        json!({"replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "fullyLabeledReplicas": 3,
            "observedGeneration": 1, "terminatingReplicas": 0})
    );
}

#[tokio::test(start_paused = true)]
async fn a_rolling_update_never_has_too_few_pods_and_can_be_undone() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 4, "nginx:1")).unwrap();
    world.settle().await;
    let mut watch = world.api.watch("deployments.apps", Some("default"), Since::Now).unwrap();
    let first = world.names("replicasets.apps")[0].clone();
    let image = |image: &'static str| {
        move |web: &mut Value| web["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image)
    };
    world.api.modify("deployments.apps", "default", "web", image("nginx:2")).unwrap();
    world.settle().await;
    let mut least = 4;
    while let Some(event) = watch.try_next() {
        least = least.min(event.object["status"]["availableReplicas"].as_i64().unwrap_or(0));
    }
    assert!(least >= 3, "{least}");
    let sets = world.api.list("replicasets.apps", Some("default"));
    let sizes: Vec<i64> = sets.iter().map(|set| replicas(set)).collect();
    assert_eq!(sizes.iter().sum::<i64>(), 4);
    assert_eq!(sets.len(), 2);
    let second = world.names("replicasets.apps").into_iter().find(|name| *name != first).unwrap();
    let steps = world.messages("ScalingReplicaSet");
    let steps: Vec<String> = steps.iter().map(|step| step.replace(&first, "old").replace(&second, "new")).collect();
    assert_eq!(
        steps,
        [
            "Scaled up replica set old from 0 to 4",
            "Scaled up replica set new from 0 to 1",
            "Scaled down replica set old from 4 to 3",
            "Scaled up replica set new from 1 to 2",
            "Scaled down replica set old from 3 to 2",
            "Scaled up replica set new from 2 to 3",
            "Scaled down replica set old from 2 to 1",
            "Scaled up replica set new from 3 to 4",
            "Scaled down replica set old from 1 to 0",
        ]
    );
    world.api.modify("deployments.apps", "default", "web", image("nginx:1")).unwrap();
    world.settle().await;
    let back = world.api.get("replicasets.apps", "default", &first).unwrap();
    assert_eq!(replicas(&back), 4);
    assert_eq!(back["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
    assert_eq!(back["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"], "1");
    let web = world.api.get("deployments.apps", "default", "web").unwrap();
    assert_eq!(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_stands_still_is_said_to_after_its_deadline() {
    let world = World::start().await;
    let mut web = deployment("web", 3, "nginx");
    web["spec"]["progressDeadlineSeconds"] = json!(60);
    world.api.create("deployments.apps", "default", web).unwrap();
    world.settle().await;
    let broken = |web: &mut Value| web["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nope");
    world.api.modify("deployments.apps", "default", "web", broken).unwrap();
    world.api.clock().sleep(std::time::Duration::from_secs(70)).await;
    let web = world.api.get("deployments.apps", "default", "web").unwrap();
    let progressing = &web["status"]["conditions"].as_array().unwrap()[1];
    assert_eq!(progressing["reason"], "ProgressDeadlineExceeded", "{web:#}");
    assert_eq!(web["status"]["availableReplicas"], 3);
    assert_eq!(web["status"]["unavailableReplicas"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_paused_deployment_does_not_roll_out() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 2, "nginx:1")).unwrap();
    world.settle().await;
    let change = |web: &mut Value| {
        web["spec"]["paused"] = json!(true);
        web["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nginx:2");
    };
    world.api.modify("deployments.apps", "default", "web", change).unwrap();
    world.settle().await;
    assert_eq!(world.names("replicasets.apps").len(), 1);
    let web = world.api.get("deployments.apps", "default", "web").unwrap();
    let paused = &web["status"]["conditions"].as_array().unwrap()[1];
    assert_eq!((&paused["reason"], &paused["status"]), (&json!("DeploymentPaused"), &json!("Unknown")), "{web:#}");
    world.api.modify("deployments.apps", "default", "web", |web| web["spec"]["paused"] = json!(false)).unwrap();
    world.settle().await;
    assert_eq!(world.names("replicasets.apps").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_relabelled_is_replaced_and_stays() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 2, "nginx")).unwrap();
    world.settle().await;
    let pod = world.names("pods")[0].clone();
    world.api.modify("pods", "default", &pod, |pod| pod["metadata"]["labels"]["app"] = json!("quarantine")).unwrap();
    world.settle().await;
    assert_eq!(world.names("pods").len(), 3);
    let kept = world.api.get("pods", "default", &pod).unwrap();
    assert!(kept["metadata"]["ownerReferences"].is_null(), "{kept:#}");
}

#[tokio::test(start_paused = true)]
async fn deleted_pods_come_back() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 2, "nginx")).unwrap();
    world.settle().await;
    let before = world.names("pods");
    world.api.delete("pods", "default", &before[0], &DeleteOptions::default()).unwrap();
    world.settle().await;
    let after = world.names("pods");
    assert_eq!(after.len(), 2);
    assert!(!after.contains(&before[0]));
}

#[tokio::test(start_paused = true)]
async fn deleting_a_deployment_deletes_what_it_owns_or_leaves_it() {
    for (propagation, left) in [(Propagation::Background, 0), (Propagation::Foreground, 0), (Propagation::Orphan, 2)] {
        let world = World::start().await;
        world.api.create("deployments.apps", "default", deployment("web", 2, "nginx")).unwrap();
        world.settle().await;
        let options = DeleteOptions { propagation: Some(propagation), ..Default::default() };
        world.api.delete("deployments.apps", "default", "web", &options).unwrap();
        world.settle().await;
        assert!(world.names("deployments.apps").is_empty(), "{propagation:?}");
        assert_eq!(world.names("pods").len(), left, "{propagation:?}");
        assert_eq!(world.names("replicasets.apps").len(), left / 2, "{propagation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_has_the_ready_pods_as_endpoints() {
    let world = World::start().await;
    world.api.create("deployments.apps", "default", deployment("web", 2, "nginx")).unwrap();
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    });
    world.api.create("services", "default", service).unwrap();
    world.settle().await;
    let slices = world.api.list("endpointslices.discovery.k8s.io", Some("default"));
    let slice = slices.iter().find(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == "web").unwrap();
    assert_eq!(slice["endpoints"].as_array().unwrap().len(), 2, "{slice:#}");
    assert_eq!(slice["ports"], json!([{"name": "", "port": 80, "protocol": "TCP"}]));
    let endpoints = world.api.get("endpoints", "default", "web").unwrap();
    assert_eq!(endpoints["subsets"][0]["addresses"].as_array().unwrap().len(), 2, "{endpoints:#}");
    world.api.modify("deployments.apps", "default", "web", |web| web["spec"]["replicas"] = json!(0)).unwrap();
    world.settle().await;
    let slices = world.api.list("endpointslices.discovery.k8s.io", Some("default"));
    let slice = slices.iter().find(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == "web").unwrap();
    assert!(slice["endpoints"].is_null(), "{slice:#}");
    assert!(world.api.get("endpoints", "default", "web").unwrap()["subsets"].is_null());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_goes_with_everything_in_it() {
    let world = World::start().await;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lab"}});
    world.api.create("namespaces", "", namespace).unwrap();
    world.settle().await;
    assert!(world.api.get("serviceaccounts", "lab", "default").is_ok());
    let mut web = deployment("web", 2, "nginx");
    web["metadata"]["namespace"] = json!("lab");
    world.api.create("deployments.apps", "lab", web).unwrap();
    world.settle().await;
    assert_eq!(world.api.list("pods", Some("lab")).len(), 2);
    let ended = world.api.delete("namespaces", "", "lab", &DeleteOptions::default()).unwrap();
    assert_eq!(ended["status"]["phase"], "Terminating");
    world.api.clock().sleep(std::time::Duration::from_secs(60)).await;
    assert!(world.api.get("namespaces", "", "lab").is_err());
    assert!(world.api.list("pods", Some("lab")).is_empty());
    assert!(world.api.list("serviceaccounts", Some("lab")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_fits_nowhere_says_why_and_runs_when_there_is_room() {
    let world = World::start().await;
    let pod = |name: &str, cpu: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
            "spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": {"cpu": cpu}}}]}})
    };
    world.api.create("pods", "default", pod("first", "1500m")).unwrap();
    world.settle().await;
    world.api.create("pods", "default", pod("second", "1")).unwrap();
    world.settle().await;
    let message = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: \
                   1 No preemption victims found for incoming pod.";
    assert_eq!(world.messages("FailedScheduling"), [message]);
    let second = world.api.get("pods", "default", "second").unwrap();
    let condition = &second["status"]["conditions"][0];
    assert_eq!((&condition["reason"], &condition["message"]), (&json!("Unschedulable"), &json!(message)));
    world.api.delete("pods", "default", "first", &DeleteOptions::default()).unwrap();
    world.settle().await;
    assert_eq!(world.api.get("pods", "default", "second").unwrap()["spec"]["nodeName"], "node-1");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_history() {
    let mut histories = Vec::new();
    for _ in 0..2 {
        let world = World::start().await;
        let watch = world.api.watch("pods", None, Since::InitialEvents).unwrap();
        world.api.create("deployments.apps", "default", deployment("web", 3, "nginx")).unwrap();
        world.settle().await;
        let objects: Vec<String> = watch.take(9).map(|event| event.object.to_string()).collect().await;
        histories.push(objects);
    }
    assert_eq!(histories[0], histories[1]);
}
