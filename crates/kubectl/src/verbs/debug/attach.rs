//! `debug --attach`: waits for the container and attaches to it (kubectl: pkg/cmd/debug/debug.go `handleAttachPod`).

use super::text;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::verbs::run::attached::{self, status_of};
use serde_json::Value;
use std::time::Duration;

/// Waits until the container runs, or has, and shows what it prints.
pub(super) async fn attach(cx: &Context, pod: &Value, container: &str) -> Result<()> {
    let mut said = String::new();
    let mut problems = Ok(());
    let started = attached::until(cx, pod, Duration::MAX, |pod| {
        let Some(state) = status_of(pod, container).map(|status| &status["state"]) else { return false };
        let message = text(&state["waiting"]["message"]);
        if !message.is_empty() && message != said && !cx.flags.bool("quiet") {
            said = message.to_string();
            problems = cx.warn(&format!("container {container}: {message}"));
        }
        state["running"].is_object() || state["terminated"].is_object()
    });
    let started = started.await?;
    problems?;
    if status_of(&started, container).is_some_and(|status| status["state"]["terminated"].is_object()) {
        let log = attached::log(cx, &started, container).await?;
        return cx.out.write(&log).map_err(Error::Output);
    }
    attached::while_running(cx, &started, container, Duration::MAX).await
}
