//! What controllers and the scheduler do, on an embedded cluster or (`KUBECTL_LESSON_REAL`) on a real one.

mod both;

use std::{fmt::Debug, future::Future, time::Duration};

use both::Both;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, ReplicaSet},
        batch::v1::Job,
        core::v1::{Endpoints, Event, Pod, Service, ServiceAccount},
    },
};
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, PropagationPolicy, WatchParams},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// How long a real cluster may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a test in a namespace of its own.
async fn with<F: Future<Output = ()>>(name: &str, test: impl FnOnce(World) -> F) {
    let both = Both::start(name).await;
    let world = World { client: both.client.clone(), namespace: both.namespace.clone() };
    world.until::<ServiceAccount, _>("", |all| (!all.is_empty()).then_some(())).await;
    test(world).await;
    both.stop().await;
}

#[derive(Clone)]
struct World {
    client: kube::Client,
    namespace: String,
}

impl World {
    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    async fn create<K>(&self, object: Value) -> K
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Debug
            + DeserializeOwned
            + serde::Serialize,
    {
        let object = serde_json::from_value(object).unwrap();
        self.api::<K>().create(&PostParams::default(), &object).await.unwrap()
    }

    async fn patch<K>(&self, name: &str, patch: Value)
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        self.api::<K>().patch(name, &PatchParams::default(), &Patch::Strategic(patch)).await.unwrap();
    }

    async fn list<K>(&self, labels: &str) -> Vec<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        self.api::<K>().list(&ListParams::default().labels(labels)).await.unwrap().items
    }

    /// Looks at the objects with some labels, again after each change, until `seen` has found what it looks for.
    async fn until<K, T>(&self, labels: &str, mut seen: impl FnMut(Vec<K>) -> Option<T>) -> T
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let api = self.api::<K>();
        let look = async {
            loop {
                let list = api.list(&ListParams::default().labels(labels)).await.unwrap();
                let version = list.metadata.resource_version.clone().unwrap();
                if let Some(found) = seen(list.items) {
                    return found;
                }
                let watch = api.watch(&WatchParams::default().labels(labels), &version).await.unwrap();
                watch.boxed().try_next().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, look).await.expect("it was not seen in time")
    }

    async fn until_rolled_out(&self, name: &str) -> Deployment {
        self.until("", |all: Vec<Deployment>| {
            let deployment = all.into_iter().find(|it| it.name_any() == name)?;
            let (spec, status) = (deployment.spec.clone(), deployment.status.clone()?);
            let wanted = spec.replicas;
            let done = status.observed_generation == deployment.metadata.generation
                && status.replicas.unwrap_or(0) == wanted.unwrap_or(1)
                && status.updated_replicas.unwrap_or(0) == wanted.unwrap_or(1)
                && status.available_replicas.unwrap_or(0) == wanted.unwrap_or(1)
                && status.terminating_replicas.unwrap_or(0) == 0;
            done.then_some(deployment)
        })
        .await
    }

    async fn replica_sets(&self) -> Vec<ReplicaSet> {
        let mut sets = self.list::<ReplicaSet>("").await;
        sets.sort_by_key(|set| set.annotations().get("deployment.kubernetes.io/revision").cloned());
        sets
    }

    /// The messages of the events with a reason, in the order in which they happened, once there are `number` of them.
    async fn messages(&self, reason: &str, number: usize) -> Vec<String> {
        let mut events = self
            .until("", |all: Vec<Event>| {
                let events: Vec<Event> = all.into_iter().filter(|it| it.reason.as_deref() == Some(reason)).collect();
                (events.len() >= number).then_some(events)
            })
            .await;
        events.sort_by_key(|event| event.name_any().rsplit_once('.').map(|(_, moment)| moment.to_owned()));
        events.into_iter().filter_map(|event| event.message).collect()
    }
}

fn deployment(replicas: i32, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "nginx", "image": image}]},
            },
        },
    })
}

fn image(image: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": image}]}}}})
}

fn conditions(object: &impl serde::Serialize) -> Vec<(String, String, String, String)> {
    let object = serde_json::to_value(object).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |it: &Value| (text(&it["type"]), text(&it["status"]), text(&it["reason"]), text(&it["message"]));
    object["status"]["conditions"].as_array().into_iter().flatten().map(of).collect()
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> (String, String, String, String) {
    (kind.to_owned(), status.to_owned(), reason.to_owned(), message.to_owned())
}

#[tokio::test]
async fn a_deployment_brings_up_its_pods_and_says_so() {
    with("up", |world| async move {
        world.create::<Deployment>(deployment(3, "nginx:1.14.2")).await;
        let web = world.until_rolled_out("web").await;
        let set = world.replica_sets().await.remove(0);
        let name = set.name_any();
        assert_eq!(
            conditions(&web),
            [
                condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
                condition(
                    "Progressing",
                    "True",
                    "NewReplicaSetAvailable",
                    &format!("ReplicaSet \"{name}\" has successfully progressed.")
                ),
            ]
        );
        let annotations = serde_json::to_value(set.annotations()).unwrap();
        assert_eq!(
            annotations,
            json!({
                "deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4",
                "deployment.kubernetes.io/revision": "1",
            })
        );
        let hash = &set.labels()["pod-template-hash"];
        assert_eq!(name, format!("web-{hash}"));
        assert!((8..=10).contains(&hash.len()), "{hash}");
        assert_eq!(world.messages("ScalingReplicaSet", 1).await, [format!("Scaled up replica set {name} from 0 to 3")]);
        let mut pods: Vec<String> = world.list::<Pod>("app=web").await.iter().map(ResourceExt::name_any).collect();
        let mut created = world.messages("SuccessfulCreate", 3).await;
        pods.sort();
        created.sort();
        assert_eq!(created, pods.iter().map(|pod| format!("Created pod: {pod}")).collect::<Vec<_>>());
        let scheduled = world.messages("Scheduled", 3).await;
        let expected = format!("Successfully assigned {}/{} to node-1", world.namespace, pods[0]);
        assert!(scheduled.contains(&expected), "{scheduled:?}");
    })
    .await;
}

#[tokio::test]
async fn a_rolling_update_goes_step_by_step_and_can_be_undone() {
    with("roll", |world| async move {
        world.create::<Deployment>(deployment(4, "nginx:1.14.2")).await;
        world.until_rolled_out("web").await;
        let old = world.replica_sets().await.remove(0).name_any();
        world.patch::<Deployment>("web", image("nginx:1.16.1")).await;
        let mut least = 4;
        world
            .until("", |all: Vec<Deployment>| {
                let status = all[0].status.clone()?;
                least = least.min(status.available_replicas.unwrap_or(0));
                let done = status.updated_replicas == Some(4) && status.replicas == Some(4);
                (done && status.available_replicas == Some(4)).then_some(())
            })
            .await;
        assert!(least >= 3, "{least}");
        let new = world.replica_sets().await.remove(1).name_any();
        let steps: Vec<String> = world.messages("ScalingReplicaSet", 9).await;
        let steps: Vec<String> = steps.iter().map(|step| step.replace(&old, "old").replace(&new, "new")).collect();
        assert_eq!(
            (steps.first().map(String::as_str), steps.get(1).map(String::as_str)),
            (Some("Scaled up replica set old from 0 to 4"), Some("Scaled up replica set new from 0 to 1"))
        );
        assert!(steps.contains(&"Scaled down replica set old from 4 to 3".to_owned()), "{steps:?}");
        assert!(steps.contains(&"Scaled down replica set old from 1 to 0".to_owned()), "{steps:?}");
        world.patch::<Deployment>("web", image("nginx:1.14.2")).await;
        let web = world.until_rolled_out("web").await;
        assert_eq!(web.annotations()["deployment.kubernetes.io/revision"], "3");
        let back = world.api::<ReplicaSet>().get(&old).await.unwrap();
        assert_eq!(back.annotations()["deployment.kubernetes.io/revision"], "3");
        assert_eq!(back.annotations()["deployment.kubernetes.io/revision-history"], "1");
    })
    .await;
}

#[tokio::test]
async fn a_paused_deployment_waits_and_is_resumed() {
    with("pause", |world| async move {
        world.create::<Deployment>(deployment(2, "nginx:1.14.2")).await;
        world.until_rolled_out("web").await;
        let mut change = image("nginx:1.16.1");
        change["spec"]["paused"] = json!(true);
        world.patch::<Deployment>("web", change).await;
        let paused = condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
        world
            .until("", |all: Vec<Deployment>| {
                let seen = all[0].status.as_ref()?.observed_generation == all[0].metadata.generation;
                (seen && conditions(&all[0]).contains(&paused)).then_some(())
            })
            .await;
        assert_eq!(world.replica_sets().await.len(), 1);
        world.patch::<Deployment>("web", json!({"spec": {"paused": false}})).await;
        world.until_rolled_out("web").await;
        assert_eq!(world.replica_sets().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_empty_recreate_comes_between_the_old_pods_and_the_new_ones() {
    with("recreate", |world| async move {
        let mut web = deployment(2, "nginx:1.14.2");
        web["spec"]["strategy"] = json!({"type": "Recreate"});
        world.create::<Deployment>(web).await;
        world.until_rolled_out("web").await;
        world.patch::<Deployment>("web", image("nginx:1.16.1")).await;
        world.until_rolled_out("web").await;
        let [old, new]: [ReplicaSet; 2] = world.replica_sets().await.try_into().unwrap();
        assert_eq!(
            world.messages("ScalingReplicaSet", 3).await,
            [
                format!("Scaled up replica set {} from 0 to 2", old.name_any()),
                format!("Scaled down replica set {} from 2 to 0", old.name_any()),
                format!("Scaled up replica set {} from 0 to 2", new.name_any()),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn pods_that_are_relabelled_or_deleted_are_replaced() {
    with("heal", |world| async move {
        world.create::<Deployment>(deployment(2, "nginx:1.14.2")).await;
        world.until_rolled_out("web").await;
        let pods = world.list::<Pod>("app=web").await;
        let (quarantined, deleted) = (pods[0].name_any(), pods[1].name_any());
        world.patch::<Pod>(&quarantined, json!({"metadata": {"labels": {"app": "quarantine"}}})).await;
        world.api::<Pod>().delete(&deleted, &DeleteParams::default()).await.unwrap();
        world
            .until("app=web", |pods: Vec<Pod>| {
                let names: Vec<String> = pods.iter().map(ResourceExt::name_any).collect();
                (names.len() == 2 && !names.contains(&deleted)).then_some(())
            })
            .await;
        world.until("app=quarantine", |pods: Vec<Pod>| pods[0].owner_references().is_empty().then_some(())).await;
    })
    .await;
}

#[tokio::test]
async fn dependents_go_with_their_owner_or_stay() {
    for (name, policy, left) in [
        ("background", PropagationPolicy::Background, 0),
        ("foreground", PropagationPolicy::Foreground, 0),
        ("orphan", PropagationPolicy::Orphan, 2),
    ] {
        with(name, |world| async move {
            world.create::<Deployment>(deployment(2, "nginx:1.14.2")).await;
            world.until_rolled_out("web").await;
            let params = DeleteParams { propagation_policy: Some(policy), ..DeleteParams::default() };
            world.api::<Deployment>().delete("web", &params).await.unwrap();
            world.until("", |all: Vec<Deployment>| all.is_empty().then_some(())).await;
            world
                .until("", |all: Vec<ReplicaSet>| {
                    let free = all.iter().all(|set| set.owner_references().is_empty());
                    (free && all.len() == left / 2).then_some(())
                })
                .await;
            world.until("", |all: Vec<Pod>| (all.len() == left).then_some(())).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_service_has_ready_pods_as_endpoints() {
    with("ends", |world| async move {
        world.create::<Deployment>(deployment(2, "nginx:1.14.2")).await;
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "name": "http"}]},
        });
        world.create::<Service>(service).await;
        let endpoints = world
            .until("", |all: Vec<Endpoints>| {
                let subsets = serde_json::to_value(&all.first()?.subsets).unwrap();
                let ready = subsets[0]["addresses"].as_array().is_some_and(|list| list.len() == 2);
                ready.then_some(subsets)
            })
            .await;
        assert_eq!(endpoints[0]["ports"], json!([{"name": "http", "port": 80, "protocol": "TCP"}]));
        assert_eq!(endpoints[0]["addresses"][0]["targetRef"]["kind"], "Pod");
        world.patch::<Deployment>("web", json!({"spec": {"replicas": 0}})).await;
        world
            .until("", |all: Vec<Endpoints>| all.first()?.subsets.as_ref().is_none_or(Vec::is_empty).then_some(()))
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_fits_nowhere_says_why() {
    with("fit", |world| async move {
        let pod = |name: &str, spec: Value| {
            let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
                "spec": {"containers": [{"name": "c", "image": "nginx:1.14.2"}]}});
            pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
            pod
        };
        let cpu = json!([{"name": "c", "image": "nginx:1.14.2", "resources": {"requests": {"cpu": "1000"}}}]);
        let volume = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "nope"}}]);
        let near = json!({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "nope"}}}]}});
        for (name, spec, reason) in [
            ("cpu", json!({"containers": cpu}), "1 Insufficient cpu"),
            ("disk", json!({"nodeSelector": {"disk": "ssd"}}), "1 node(s) didn't match Pod's node affinity/selector"),
            ("near", json!({"affinity": near}), "1 node(s) didn't match pod affinity rules"),
        ] {
            world.create::<Pod>(pod(name, spec)).await;
            let expected = format!(
                "0/1 nodes are available: {reason}. preemption: 0/1 nodes are available: \
                 1 Preemption is not helpful for scheduling."
            );
            let message = world
                .until("", |pods: Vec<Pod>| {
                    let pod = pods.into_iter().find(|pod| pod.name_any() == name)?;
                    let (_, _, reason, message) = conditions(&pod).into_iter().next()?;
                    (reason == "Unschedulable").then_some(message)
                })
                .await;
            assert_eq!(message, expected);
            assert!(world.messages("FailedScheduling", 1).await.contains(&expected));
        }
        world.create::<Pod>(pod("volume", json!({"volumes": volume}))).await;
        let expected = "0/1 nodes are available: persistentvolumeclaim \"nope\" not found. not found".to_owned();
        assert!(world.messages("FailedScheduling", 4).await.contains(&expected));
    })
    .await;
}

#[tokio::test]
async fn jobs_complete_or_fail() {
    with("jobs", |world| async move {
        let job = |name: &str, command: &str| {
            json!({
                "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
                "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [
                    {"name": "c", "image": "busybox", "command": ["sh", "-c", command]}]}}},
            })
        };
        world.create::<Job>(job("good", "echo hi")).await;
        world.create::<Job>(job("bad", "exit 3")).await;
        let ended = |name: &'static str, kind: &'static str| {
            let world = world.clone();
            async move {
                world
                    .until("", |all: Vec<Job>| {
                        let job = all.into_iter().find(|job| job.name_any() == name)?;
                        let ended = conditions(&job).iter().any(|(condition, ..)| condition == kind);
                        ended.then_some(job)
                    })
                    .await
            }
        };
        let reached = "Reached expected number of succeeded pods";
        assert_eq!(
            conditions(&ended("good", "Complete").await),
            [
                condition("SuccessCriteriaMet", "True", "CompletionsReached", reached),
                condition("Complete", "True", "CompletionsReached", reached),
            ]
        );
        let limit = "Job has reached the specified backoff limit";
        assert_eq!(
            conditions(&ended("bad", "Failed").await),
            [
                condition("FailureTarget", "True", "BackoffLimitExceeded", limit),
                condition("Failed", "True", "BackoffLimitExceeded", limit),
            ]
        );
        assert_eq!(world.messages("Completed", 1).await, ["Job completed"]);
        assert_eq!(world.messages("BackoffLimitExceeded", 1).await, [limit]);
    })
    .await;
}
