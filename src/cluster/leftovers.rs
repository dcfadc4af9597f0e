//! What a run made on a cluster, by its marks: made, found again, removed.

use super::context::causes;
use super::isolate::{EXPIRES, MANAGED_BY, MANAGER, Names, OWNER, RUN, own_resources};
use futures::future::join_all;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolume, Pod, ServiceAccount};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use kube::runtime::{conditions, wait::await_condition};
use kube::{Client, ResourceExt};
use serde_json::json;
use std::time::Duration;

/// Controllers make a namespace's service account in milliseconds; a cluster that needs longer is not healthy.
const READY: Duration = Duration::from_secs(30);
/// Pods that ignore SIGTERM take their grace period; finalizers of volumes take their time.
const GONE: Duration = Duration::from_secs(180);

/// A namespace that a run made, as found on the cluster.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its real name.
    pub name: String,
    /// The lesson's namespace that it belongs to.
    pub run: String,
    /// When it expires, if that can be read.
    pub expires: Option<jiff::Timestamp>,
    /// `host:pid` of the process that made it.
    pub owner: Option<String>,
}

/// Creates the lesson's namespace.
///
/// # Errors
/// The API's, as text.
pub(super) async fn create(client: &Client, names: &Names) -> Result<(), String> {
    let mut object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": names.real()}});
    names.mark(&mut object);
    let namespace: Namespace = serde_json::from_value(object).map_err(|error| error.to_string())?;
    let created = Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &namespace).await;
    created.map(drop).map_err(|error| causes(&error))
}

/// Waits until Pods can be made in it: for its service account, and the CA that every Pod mounts.
///
/// # Errors
/// It takes too long, or the API's, as text.
pub(super) async fn wait_ready(client: &Client, names: &Names) -> Result<(), String> {
    let account = Api::<ServiceAccount>::namespaced(client.clone(), names.real());
    let certificate = Api::<ConfigMap>::namespaced(client.clone(), names.real());
    let both = futures::future::try_join(
        await_condition(account, "default", conditions::is_created()),
        await_condition(certificate, "kube-root-ca.crt", conditions::is_created()),
    );
    match tokio::time::timeout(READY, both).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(causes(&error)),
        Err(_) => Err(format!("the controllers made no service account in {} s", READY.as_secs())),
    }
}

/// The namespaces that runs made; `run`: of this one alone.
///
/// # Errors
/// The API's, as text.
pub(super) async fn find(client: &Client, run: Option<&str>) -> Result<Vec<Found>, String> {
    let list = Api::<Namespace>::all(client.clone()).list(&ListParams::default().labels(&marks(run))).await;
    let found = list.map_err(|error| causes(&error))?.into_iter().map(|namespace| Found {
        run: namespace.labels().get(RUN).cloned().unwrap_or_default(),
        expires: namespace.annotations().get(EXPIRES).and_then(|text| text.parse().ok()),
        owner: namespace.annotations().get(OWNER).cloned(),
        name: namespace.name_any(),
    });
    Ok(found.collect())
}

fn marks(run: Option<&str>) -> String {
    let mine = run.map(|run| format!(",{RUN}={run}")).unwrap_or_default();
    format!("{MANAGED_BY}={MANAGER}{mine}")
}

/// Removes all that a run made, and waits until it is gone.
///
/// # Errors
/// What is left, and why.
pub(super) async fn remove(client: &Client, run: &str) -> Result<(), String> {
    let namespaces = find(client, Some(run)).await?;
    let removed = join_all(namespaces.iter().map(|namespace| remove_namespace(client, &namespace.name)));
    let (removed, own) = futures::future::join(removed, remove_cluster_scoped(client, run)).await;
    for result in removed {
        result?;
    }
    own?;
    remove_volumes(client, namespaces.iter().map(|namespace| namespace.name.as_str()).collect()).await
}

async fn remove_namespace(client: &Client, name: &str) -> Result<(), String> {
    let api = Api::<Namespace>::all(client.clone());
    let Some(namespace) = api.get_opt(name).await.map_err(|error| causes(&error))? else {
        return Ok(());
    };
    let uid = namespace.uid().unwrap_or_default();
    match api.delete(name, &DeleteParams::default()).await {
        Ok(_) => {}
        Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
        Err(error) => return Err(format!("namespace {name}: {}", causes(&error))),
    }
    // Nobody waits for these Pods' last words, and a shell as first process ignores SIGTERM for half a minute. In a
    // namespace that is terminating no controller makes new ones; the namespace controller comes five seconds later
    // (upstream pkg/controller/namespace, namespaceDeletionGracePeriod), and waits half of the grace of Pods it finds.
    let soon = DeleteParams { grace_period_seconds: Some(1), ..Default::default() };
    let pods = Api::<Pod>::namespaced(client.clone(), name);
    // What cannot be hurried goes in its own time.
    drop(pods.delete_collection(&soon, &ListParams::default()).await);
    let gone = await_condition(api, name, conditions::is_deleted(&uid));
    match tokio::time::timeout(GONE, gone).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("namespace {name}: {}", causes(&error))),
        Err(_) => Err(format!("namespace {name} is still terminating after {} s", GONE.as_secs())),
    }
}

/// Objects without namespace that bear the run's marks.
async fn remove_cluster_scoped(client: &Client, run: &str) -> Result<(), String> {
    let selector = ListParams::default().labels(&marks(Some(run)));
    let removals = own_resources().map(|(group, resource)| {
        let selector = &selector;
        async move {
            let path = match group {
                "" => format!("/api/v1/{resource}"),
                group => format!("/apis/{group}/v1/{resource}"),
            };
            let request = kube::core::Request::new(path.rsplit_once('/').map_or("", |(base, _)| base));
            let request = request.list(selector).map_err(|error| error.to_string())?;
            let (mut parts, _) = request.into_parts();
            parts.method = http::Method::DELETE;
            let query = parts.uri.query().unwrap_or_default().to_owned();
            parts.uri = format!("{path}?{query}").parse().map_err(|error: http::uri::InvalidUri| error.to_string())?;
            match client.request_text(http::Request::from_parts(parts, Vec::new())).await {
                Ok(_) => Ok(()),
                // The cluster has no such resource, or the user none of them.
                Err(kube::Error::Api(status)) if matches!(status.code, 403..=405) => Ok(()),
                Err(error) => Err(format!("{resource}: {}", causes(&error))),
            }
        }
    });
    join_all(removals).await.into_iter().collect()
}

/// Volumes that were provisioned for the run's claims, and stay because their class retains them.
async fn remove_volumes(client: &Client, namespaces: Vec<&str>) -> Result<(), String> {
    let api = Api::<PersistentVolume>::all(client.clone());
    let Ok(volumes) = api.list(&ListParams::default()).await else {
        // Whoever may not list volumes has made none that this run could leave behind.
        return Ok(());
    };
    for volume in volumes {
        let claim =
            volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref()).and_then(|claim| claim.namespace.as_deref());
        if claim.is_some_and(|namespace| namespaces.contains(&namespace)) {
            match api.delete(&volume.name_any(), &DeleteParams::default()).await {
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                Err(error) => {
                    return Err(format!("persistentvolume {}: {}", volume.name_any(), causes(&error)));
                }
                Ok(_) => {}
            }
        }
    }
    Ok(())
}
