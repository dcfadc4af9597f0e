//! `run --attach`: wait for the pod, attach, print what an attach that came late has missed, end with the container's exit code.

use super::super::attach::Attach;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::request::Call;
use futures::StreamExt;
use http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Waits for the pod to run, attaches to it, and waits for its exit code where its restart policy lets it have one.
pub(super) async fn attach(cx: &Context, pod: &Value, timeout: Duration, restart: &str) -> Result<()> {
    let started = until(cx, pod, timeout, |pod| completed(pod) || ready(pod)).await?;
    let container = started["spec"]["containers"][0]["name"].as_str().unwrap_or_default().to_string();
    if completed(&started) {
        let log = log(cx, &started, &container).await?;
        cx.out.write(&log).map_err(Error::Output)?;
    } else {
        while_running(cx, &started, &container, timeout).await?;
    }
    let waits = !cx.flags.bool("leave-stdin-open") && (restart == "Never" || restart == "OnFailure");
    if !waits {
        return Ok(());
    }
    let done = |pod: &Value| if restart == "Never" { completed(pod) } else { phase(pod) == "Succeeded" };
    let ended = until(cx, pod, timeout, done).await?;
    exit_code(&ended)
}

/// Attaches. What the container printed before is in its log; what it printed between that and the attach is there, too, when
/// it has ended: an attach shows nothing of the past (upstream loses it: kubectl run --rm -i of a short container).
pub(in crate::verbs) async fn while_running(
    cx: &Context,
    pod: &Value,
    container: &str,
    timeout: Duration,
) -> Result<()> {
    let early = log(cx, pod, container).await.unwrap_or_default();
    cx.out.write(&early).map_err(Error::Output)?;
    let keep = Arc::new(Mutex::new(Vec::new()));
    let parent = cx.path.rsplit_once(' ').map_or("kubectl", |(parent, _)| parent);
    let resume = format!("{parent} attach");
    let attach = Attach {
        container,
        stdin: cx.flags.bool("stdin"),
        tty: cx.flags.bool("tty"),
        quiet: cx.flags.bool("quiet"),
        resume: &resume,
        keep: Some(keep.clone()),
    };
    let attached = attach.run(cx, pod).await;
    if let Err(Error::Output(error)) = attached {
        return Err(Error::Output(error));
    }
    let seen = std::mem::take(&mut *keep.lock().unwrap_or_else(PoisonError::into_inner));
    if let Err(error) = &attached {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        writeln!(cx.err, "warning: couldn't attach to pod/{name}, falling back to streaming logs: {error}")?;
    } else if cx.flags.bool("tty") && !seen.is_empty() {
        // a person has seen the session
        return Ok(());
    }
    // a container that goes on has no end of its log to compare with
    let ended = until(cx, pod, timeout, |pod| terminated(pod, container)).await;
    if ended.is_ok() {
        let whole = log(cx, pod, container).await.unwrap_or_default();
        cx.out.write(missed(&whole, &early, &seen)).map_err(Error::Output)?;
    }
    Ok(())
}

/// What of the whole log was neither in its beginning nor seen in the attach.
fn missed<'l>(whole: &'l [u8], early: &[u8], seen: &[u8]) -> &'l [u8] {
    let Some(rest) = whole.strip_prefix(early) else {
        return if early.is_empty() && seen.is_empty() { whole } else { &[] };
    };
    if let Some(rest) = rest.strip_suffix(seen) {
        // a gap between the log and the attach; nothing at all in most runs
        return rest;
    }
    // the attach ended before the output did
    rest.strip_prefix(seen).unwrap_or_default()
}

fn phase(pod: &Value) -> &str {
    pod["status"]["phase"].as_str().unwrap_or_default()
}

fn completed(pod: &Value) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

fn ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    phase(pod) == "Running" && conditions.into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

fn terminated(pod: &Value, container: &str) -> bool {
    let ended = |state: &Value| state["terminated"].is_object();
    completed(pod) || status_of(pod, container).is_some_and(|s| ended(&s["state"]) || ended(&s["lastState"]))
}

/// The status of a container of any sort (`getContainerStatusByName`).
pub(in crate::verbs) fn status_of<'p>(pod: &'p Value, container: &str) -> Option<&'p Value> {
    let lists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
    let all = lists.iter().flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    all.into_iter().find(|status| status["name"] == container)
}

fn path(pod: &Value, rest: &str) -> String {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    format!("/api/v1/namespaces/{}/pods{rest}", text("namespace"))
}

/// Watches the pod until it is as wanted (`waitForPod`).
pub(in crate::verbs) async fn until(
    cx: &Context,
    pod: &Value,
    timeout: Duration,
    mut wanted: impl FnMut(&Value) -> bool,
) -> Result<Value> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let requests = cx.requests().await?;
    let watched = async {
        loop {
            let call = Call::get(path(pod, "")).query("fieldSelector", format!("metadata.name={name}"));
            let list = requests.json(call.clone()).await?;
            let Some(now) = list["items"].get(0) else { return Err(gone()) };
            if wanted(now) {
                return Ok(now.clone());
            }
            let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
            let mut events = requests.watch(call.query("resourceVersion", version)).await?;
            while let Some(event) = events.next().await {
                let event = event?;
                match event.kind.as_str() {
                    "DELETED" => return Err(gone()),
                    "ADDED" | "MODIFIED" if wanted(&event.object) => return Ok(event.object),
                    "ERROR" => break,
                    _ => {}
                }
            }
        }
    };
    match tokio::time::timeout(timeout, watched).await {
        Ok(found) => found,
        Err(_) => Err(Error::msg("timed out waiting for the condition")),
    }
}

fn gone() -> Error {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
        "message": "pods \"\" not found"});
    Error::Api(Box::new(crate::error::ApiError { status }))
}

pub(in crate::verbs) async fn log(cx: &Context, pod: &Value, container: &str) -> Result<bytes::Bytes> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let call = Call::get(path(pod, &format!("/{name}/log"))).query("container", container);
    cx.requests().await?.bytes(call).await
}

fn exit_code(pod: &Value) -> Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let place = format!("{}/{}", text(&pod["metadata"]["namespace"]), text(&pod["metadata"]["name"]));
    match phase(pod) {
        "Succeeded" => Ok(()),
        "Failed" => {
            let state = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
            let code = state["exitCode"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(0);
            if code == 0 {
                return Err(Error::msg(format!("pod {place} failed with unknown exit code")));
            }
            let (reason, said) = (text(&state["reason"]), text(&state["message"]));
            Err(Error::Exit { code, message: format!("pod {place} terminated ({reason})\n{said}") })
        }
        other => Err(Error::msg(format!("pod {place} left in phase {other}"))),
    }
}

/// `--rm`: deletes what was made, without waiting for its end.
pub(super) async fn remove(cx: &Context, objects: &[Value]) -> Result<()> {
    for object in objects {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let (kind, name) = (text(&object["kind"]).to_lowercase(), text(&object["metadata"]["name"]));
        let namespace = text(&object["metadata"]["namespace"]);
        let plural = format!("/api/v1/namespaces/{namespace}/{kind}s/{name}");
        let mut options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
        if cx.flags.int("grace-period") >= 0 {
            options["gracePeriodSeconds"] = json!(cx.flags.int("grace-period"));
        }
        let deleted = cx.requests().await?.json(Call::new(Method::DELETE, plural).json(&options)).await;
        match deleted {
            Err(error) if error.is_not_found() => continue,
            other => other?,
        };
        if !cx.flags.bool("quiet") {
            writeln!(cx.out, "{kind} \"{name}\" deleted from {namespace} namespace")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::missed;

    #[test]
    fn what_an_attach_missed_is_printed_once() {
        assert_eq!(missed(b"page\n", b"", b""), b"page\n", "the container ended before the attach");
        assert_eq!(missed(b"page\n", b"", b"page\n"), b"", "the attach saw it all");
        assert_eq!(missed(b"page\n", b"page\n", b""), b"", "the log had it all before the attach");
        assert_eq!(missed(b"abc", b"a", b"c"), b"b", "a gap between log and attach");
        assert_eq!(missed(b"abc", b"a", b"b"), b"c", "the attach ended early");
    }
}
