//! From an argument such as `web-0` or `deployment/web` to a pod (kubectl: pkg/polymorphichelpers/attachablepodforobject.go,
//! helpers.go `GetFirstPod`).

use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::{Call, Requests};
use crate::resource::{Builder, Info, take_items};
use apimachinery::selector::LabelSelector;
use futures::StreamExt;
use serde_json::Value;
use std::time::Duration;

/// The one object that `POD` or `TYPE/NAME` means.
pub(super) async fn object(cx: &Context, argument: Option<&str>) -> Result<Info> {
    let (namespace, enforce) = cx.namespace().await?;
    let args: Vec<String> = match argument {
        Some(name) if name.contains('/') => vec![name.to_string()],
        Some(name) => vec!["pods".to_string(), name.to_string()],
        None => Vec::new(),
    };
    let mut builder = Builder::new().namespace(&namespace, enforce).args(false, &args);
    if cx.flags.has("filename") {
        builder = builder.filenames(&cx.flags);
    }
    let found = builder.find(cx).await?;
    let single = found.single_item_implied;
    let mut infos = found.infos()?;
    match infos.len() {
        1 if single => Ok(infos.remove(0)),
        0 => Err(Error::msg("resource(s) were provided, but no name was specified")),
        _ => Err(Error::msg("cannot exec into multiple objects at a time")),
    }
}

/// The object itself if it is a pod, else the first pod that its selector selects; waits for one at most `timeout`.
pub(super) async fn pod(cx: &Context, info: &Info, timeout: Duration) -> Result<Value> {
    if info.mapping.kind == "Pod" && info.mapping.group.is_empty() {
        return Ok(info.object.clone());
    }
    let (mut pods, version) = list(cx, info).await?;
    if pods.is_empty() {
        return first_to_come(cx, info, &version, timeout).await;
    }
    pods.sort_by_cached_key(active_rank);
    Ok(pods.remove(0))
}

/// The pods that an object's selector selects, and the version of the list.
pub(super) async fn list(cx: &Context, info: &Info) -> Result<(Vec<Value>, String)> {
    let selector = selector(info)?;
    let call = Call::get(path(info)).query("labelSelector", selector);
    let mut list = cx.requests().await?.json(call).await?;
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_string();
    Ok((take_items(&mut list), version))
}

async fn first_to_come(cx: &Context, info: &Info, version: &str, timeout: Duration) -> Result<Value> {
    let call = Call::get(path(info)).query("labelSelector", selector(info)?).query("resourceVersion", version);
    let requests: Requests = cx.requests().await?;
    let mut events = requests.watch(call).await?;
    let first = async {
        while let Some(event) = events.next().await {
            let event = event?;
            if event.kind == "ADDED" || event.kind == "MODIFIED" {
                return Ok(event.object);
            }
        }
        Err(Error::msg("watch closed before UntilWithoutRetry timeout"))
    };
    match tokio::time::timeout(timeout, first).await {
        Ok(found) => found,
        Err(_) => Err(Error::msg("timed out waiting for the condition")),
    }
}

fn path(info: &Info) -> String {
    format!("/api/v1/namespaces/{}/pods", info.namespace)
}

/// `SelectorsForObject`.
fn selector(info: &Info) -> Result<String> {
    let selector = &info.object["spec"]["selector"];
    let selector = match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
        ("apps", "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet") | ("batch", "Job") => {
            let parsed = LabelSelector::from_json(selector);
            let parsed = parsed.map_err(|error| Error::msg(format!("invalid label selector: {error}")))?;
            Ok(parsed.to_string())
        }
        ("", "ReplicationController") => Ok(LabelSelector::from_map(selector).to_string()),
        ("", "Service") if selector.as_object().is_none_or(serde_json::Map::is_empty) => {
            Err(Error::msg(format!("invalid service '{}': Service is defined without a selector", info.name)))
        }
        ("", "Service") => Ok(LabelSelector::from_map(selector).to_string()),
        (_, kind) => {
            let version = &info.mapping.version;
            Err(Error::msg(format!("selector for *{version}.{kind} not implemented")))
        }
    };
    selector.map_err(|error: Error| {
        Error::msg(format!("cannot attach to *{}.{}: {error}", info.mapping.version, info.mapping.kind))
    })
}

/// Pods that are scheduled, running and ready come first; among equals the younger (k8s.io/kubectl: pkg/util/podutils
/// `ActivePods`, reversed).
pub(super) fn active_rank(pod: &Value) -> (bool, u8, bool, std::cmp::Reverse<String>) {
    let status = &pod["status"];
    let phase = match status["phase"].as_str() {
        Some("Running") => 0,
        Some("Unknown") => 1,
        _ => 2,
    };
    let conditions = status["conditions"].as_array();
    let ready = conditions.into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True");
    let born = pod["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_string();
    (pod["spec"]["nodeName"].is_null(), phase, !ready, std::cmp::Reverse(born))
}
