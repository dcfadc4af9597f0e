//! Pods evicted, or deleted, and waited for (kubectl: pkg/drain/drain.go).

use super::filters::{Pod, overdue};
use crate::command::Context;
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::request::Call;
use crate::text::quote;
use apimachinery::duration::format_go;
use apimachinery::meta;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// How long after a refused eviction the next is tried.
const RETRY: Duration = Duration::from_secs(5);
/// How often a pod is looked for that is on its way.
const INTERVAL: Duration = Duration::from_secs(1);

/// Evicts the pods, all at once; where the server cannot or the flags say so, deletes them.
pub(super) async fn all(cx: &Context, pods: &[Pod], dry_run: DryRun) -> Result<()> {
    if pods.is_empty() {
        return Ok(());
    }
    let deadline = deadline(cx);
    if cx.flags.bool("disable-eviction") || !eviction_supported(cx).await? {
        return delete_all(cx, pods, dry_run, deadline).await;
    }
    let done = join_all(pods.iter().map(|pod| evict(cx, pod, dry_run, deadline))).await;
    let mut errors = Vec::new();
    for result in done {
        match result {
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            result => errors.extend(result.err()),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Aggregate(errors)) }
}

/// When `--timeout` is over.
fn deadline(cx: &Context) -> Option<Instant> {
    let timeout = cx.flags.duration("timeout");
    (!timeout.is_zero()).then(|| Instant::now() + Duration::try_from(timeout).unwrap_or_default())
}

/// `CheckEvictionSupport`.
async fn eviction_supported(cx: &Context) -> Result<bool> {
    let list = cx.requests().await?.json(Call::get("/api/v1")).await?;
    let is = |resource: &Value| resource["name"] == "pods/eviction" && resource["kind"] == "Eviction";
    Ok(list["resources"].as_array().into_iter().flatten().any(is))
}

fn delete_options(cx: &Context, dry_run: DryRun) -> Value {
    let mut options = json!({});
    let grace = cx.flags.int("grace-period");
    if grace >= 0 {
        options["gracePeriodSeconds"] = json!(grace);
    }
    if dry_run == DryRun::Server {
        options["dryRun"] = json!(["All"]);
    }
    options
}

fn path(pod: &Pod) -> String {
    format!("/api/v1/namespaces/{}/pods/{}", pod.namespace, pod.name)
}

/// Evicts one pod, again and again while a PodDisruptionBudget does not let it, and waits until it is gone.
async fn evict(cx: &Context, pod: &Pod, dry_run: DryRun, deadline: Option<Instant>) -> Result<()> {
    let requests = cx.requests().await?;
    let (name, namespace) = (quote(&pod.name), quote(&pod.namespace));
    let suffix = if dry_run == DryRun::Server { dry_run.suffix() } else { "" };
    let mut options = delete_options(cx, dry_run);
    options["kind"] = json!("DeleteOptions");
    options["apiVersion"] = json!("policy/v1");
    let eviction = json!({"kind": "Eviction", "apiVersion": "policy/v1", "deleteOptions": options,
                          "metadata": {"name": pod.name, "namespace": pod.namespace}});
    let mut active = pod.clone();
    loop {
        writeln!(cx.out, "evicting pod {}/{}{suffix}", pod.namespace, pod.name)?;
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let timeout = format_go(cx.flags.duration("timeout"));
            let text = format!("error when evicting pods/{name} -n {namespace}: global timeout reached: {timeout}");
            return Err(Error::msg(text));
        }
        let call = Call::new(Method::POST, format!("{}/eviction", path(pod))).json(&eviction);
        let Err(error) = requests.json(call).await else { break };
        let terminating = is_namespace_terminating(&error);
        if error.is_not_found() {
            return Ok(());
        } else if error.api().is_some_and(|api| api.reason() == "TooManyRequests" || api.code() == 429) {
            let again = format_go(jiff::SignedDuration::from_secs(5));
            writeln!(cx.err, "error when evicting pods/{name} -n {namespace} (will retry after {again}): {error}")?;
        } else if terminating && active.deleting {
            break;
        } else if terminating {
            let text = format!("error when evicting pod {name} from terminating namespace {namespace}");
            writeln!(cx.err, "{text} (will retry after 5s): {error}")?;
        } else {
            return Err(Error::msg(format!("error when evicting pods/{name} -n {namespace}: {error}")));
        }
        sleep(RETRY).await;
        if let Ok(fresh) = requests.json(Call::get(path(pod))).await {
            active = Pod::of(&fresh);
        }
    }
    if dry_run == DryRun::Server {
        return Ok(());
    }
    gone(cx, vec![active], "evicted", "eviction failed", deadline).await.map_err(|error| match error {
        Error::Output(error) => Error::Output(error),
        error => {
            Error::msg(format!("error when waiting for pod {name} in namespace {namespace} to terminate: {error}"))
        }
    })
}

/// The eviction is refused because the pod's namespace is on its way out.
fn is_namespace_terminating(error: &Error) -> bool {
    error.api().is_some_and(|api| {
        let causes = api.status["details"]["causes"].as_array();
        let terminating = |cause: &Value| cause["reason"] == "NamespaceTerminating";
        api.reason() == "Forbidden" && causes.into_iter().flatten().any(terminating)
    })
}

async fn delete_all(cx: &Context, pods: &[Pod], dry_run: DryRun, deadline: Option<Instant>) -> Result<()> {
    let requests = cx.requests().await?;
    for pod in pods {
        let call = Call::new(Method::DELETE, path(pod)).json(&delete_options(cx, dry_run));
        match requests.json(call).await {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    if dry_run == DryRun::Server {
        return Ok(());
    }
    gone(cx, pods.to_vec(), "deleted", "deletion failed", deadline).await
}

/// Until the pods are gone, saying so of each (`waitForDelete`).
async fn gone(cx: &Context, mut pods: Vec<Pod>, done: &str, failed: &str, deadline: Option<Instant>) -> Result<()> {
    let requests = cx.requests().await?;
    loop {
        let mut pending = Vec::new();
        for pod in pods {
            match requests.json(Call::get(path(&pod))).await {
                Ok(now) if meta::uid(&now) == pod.uid => {
                    if overdue(cx, &now) {
                        let limit = cx.flags.int("skip-wait-for-delete-timeout");
                        let name = quote(&pod.name);
                        writeln!(cx.out, "pod {name} has DeletionTimestamp older than {limit} seconds, skipping")?;
                    } else {
                        pending.push(pod);
                    }
                }
                Err(error) if !error.is_not_found() => {
                    writeln!(cx.out, "pod/{} {failed}", pod.name)?;
                    return Err(error);
                }
                _ => writeln!(cx.out, "pod/{} {done}", pod.name)?,
            }
        }
        if pending.is_empty() {
            return Ok(());
        }
        pods = pending;
        let next = Instant::now() + INTERVAL;
        match deadline {
            Some(deadline) if deadline < next => {
                sleep_until(deadline).await;
                return Err(Error::msg("context deadline exceeded"));
            }
            _ => sleep_until(next).await,
        }
    }
}
