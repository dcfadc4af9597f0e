//! Streams to and from a process in a container: what `exec`, `attach`, `run` and `debug` share (client-go:
//! tools/remotecommand; kubectl: pkg/util/term, pkg/cmd/util/podcmd). WebSocket, `v5.channel.k8s.io`.

use crate::command::Context;
use crate::error::{Error, Result};
use crate::io::{Sink, TerminalInfo};
use crate::text::quote;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::api::{AttachParams, AttachedProcess, TerminalSize};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

/// What goes to and from the process.
pub(super) struct Streams {
    /// Input is passed on.
    pub stdin: bool,
    /// The container has a terminal, and the caller wants it.
    pub tty: bool,
    /// Keeps what was printed, for a caller that compares it with the log.
    pub keep: Option<Arc<Mutex<Vec<u8>>>>,
}

/// Parameters of `exec` and `attach`.
pub(super) fn parameters(container: &str, streams: &Streams) -> AttachParams {
    const BUFFER: usize = 64 * 1024;
    AttachParams {
        container: Some(container.to_string()),
        stdin: streams.stdin,
        stdout: true,
        stderr: !streams.tty,
        tty: streams.tty,
        max_stdin_buf_size: Some(BUFFER),
        max_stdout_buf_size: Some(BUFFER),
        max_stderr_buf_size: Some(BUFFER),
    }
}

/// Whether the caller's side is a terminal that goes raw (`SetupTTY`, `term.TTY.Raw`).
pub(super) fn raw_terminal(cx: &Context, stdin: bool, tty: bool) -> Option<&TerminalInfo> {
    cx.tty.as_ref().filter(|terminal| stdin && tty && terminal.stdin)
}

/// Carries bytes both ways until the process has ended, and returns what the server says of its end.
pub(super) async fn carry(cx: &Context, mut process: AttachedProcess, streams: &Streams) -> Result<()> {
    let status = process.take_status();
    let raw = raw_terminal(cx, streams.stdin, streams.tty);
    if let Some(info) = raw {
        info.terminal.set_raw(true).map_err(|error| Error::msg(error.to_string()))?;
    }
    let sizes = process.terminal_size();
    let resize = async {
        if let (Some(info), Some(sizes)) = (raw, sizes) {
            let mut next = info.terminal.size();
            loop {
                if let Some(size) = next
                    && sizes.clone().try_send(TerminalSize { height: size.height, width: size.width }).is_err()
                {
                    break;
                }
                next = Some(info.terminal.resized().await);
            }
        }
        std::future::pending::<()>().await;
    };
    let input = process.stdin();
    let typed = async {
        if let (Some(mut input), true) = (input, streams.stdin) {
            let mut stdin = cx.take_stdin();
            // a process that no longer reads has ended, or will: its end is waited for below
            let _ = tokio::io::copy(&mut stdin, &mut input).await;
            let _ = input.shutdown().await;
        }
        std::future::pending::<()>().await;
    };
    let (stdout, stderr) = (process.stdout(), process.stderr());
    let printed = async {
        let out = pump(stdout, &cx.out, streams.keep.clone());
        let err = pump(stderr, &cx.err, streams.keep.clone());
        let (out, err) = tokio::join!(out, err);
        out.and(err)
    };
    let outcome = tokio::select! {
        biased;
        outcome = printed => outcome,
        () = resize => Ok(()),
        () = typed => Ok(()),
    };
    if let Some(info) = raw {
        info.terminal.set_raw(false).map_err(|error| Error::msg(error.to_string()))?;
    }
    outcome?;
    ended(status).await
}

/// Carries bytes both ways between a process and what is no person's: no terminal, no echo.
pub(super) async fn pipe(
    mut process: AttachedProcess,
    input: Option<impl AsyncRead + Unpin>,
    out: &Sink,
    err: &Sink,
) -> Result<()> {
    let status = process.take_status();
    let (stdin, stdout, stderr) = (process.stdin(), process.stdout(), process.stderr());
    let typed = async {
        if let (Some(mut stdin), Some(mut input)) = (stdin, input) {
            // a process that no longer reads has ended, or will: its end is waited for below
            let _ = tokio::io::copy(&mut input, &mut stdin).await;
            let _ = stdin.shutdown().await;
        }
    };
    let ((), out, err) = tokio::join!(typed, pump(stdout, out, None), pump(stderr, err, None));
    out.and(err)?;
    ended(status).await
}

/// What the server says of the process' end.
async fn ended(status: Option<impl Future<Output = Option<Status>>>) -> Result<()> {
    let status = match status {
        Some(status) => status.await,
        None => None,
    };
    match status.map(|status| serde_json::to_value(status).unwrap_or(Value::Null)) {
        Some(status) if status["status"] == "Failure" => Err(failure(status)),
        _ => Ok(()),
    }
}

/// A Status of the error channel: an exit code, or an error (client-go: remotecommand/v4.go).
fn failure(status: Value) -> Error {
    if status["reason"] == "NonZeroExitCode" {
        let causes = status["details"]["causes"].as_array();
        let code = causes.into_iter().flatten().find(|cause| cause["reason"] == "ExitCode");
        let code = code.and_then(|cause| cause["message"].as_str()?.parse::<i32>().ok());
        if let Some(code) = code {
            return Error::Exit { code, message: format!("command terminated with exit code {code}") };
        }
    }
    Error::msg(status["message"].as_str().unwrap_or_default())
}

async fn pump(from: Option<impl AsyncRead + Unpin>, to: &Sink, keep: Option<Arc<Mutex<Vec<u8>>>>) -> Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(length) => {
                if let Some(keep) = &keep {
                    keep.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..length]);
                }
                to.write(&buffer[..length]).map_err(Error::Output)?;
            }
        }
    }
}

/// An error of opening the streams, in kubectl's words: it falls back to SPDY, which knows a refusal's message only
/// (client-go: tools/remotecommand/fallback.go, transport/spdy).
pub(super) fn refused(error: kube::Error) -> Error {
    match error {
        kube::Error::Api(status) => Error::msg(format!("unable to upgrade connection: {}", status.message)),
        other => Error::msg(other.to_string()),
    }
}

/// Pods of a namespace, for streams.
pub(super) async fn pods(cx: &Context, namespace: &str) -> Result<kube::Api<Pod>> {
    Ok(kube::Api::namespaced(cx.requests().await?.client().clone(), namespace))
}

/// The container of this name, the pod's default one, or its first (`podcmd.FindOrDefaultContainerByName`).
pub(super) fn container<'p>(cx: &Context, pod: &'p Value, name: &str, quiet: bool) -> Result<&'p Value> {
    container_to(pod, name, (!quiet).then_some(&cx.err))
}

/// [`container`], which says what it chose to where it is told to.
pub(super) fn container_to<'p>(pod: &'p Value, name: &str, err: Option<&Sink>) -> Result<&'p Value> {
    let spec = &pod["spec"];
    let list = |field: &str| spec[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let metadata = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    let containers = list("containers");
    let Some(first) = containers.first() else {
        let (namespace, name) = (metadata("namespace"), metadata("name"));
        return Err(Error::msg(format!("pod {namespace}/{name} does not have any containers")));
    };
    let annotation = pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].as_str();
    let wanted = if name.is_empty() { annotation.unwrap_or_default() } else { name };
    if !wanted.is_empty() {
        let all = containers.iter().chain(list("initContainers")).chain(list("ephemeralContainers"));
        return all.into_iter().find(|container| container["name"] == wanted).ok_or_else(|| {
            let names = container_names(pod);
            Error::msg(format!("container {wanted} is not valid for pod {} out of: {names}", metadata("name")))
        });
    }
    let several = containers.len() > 1 || !list("initContainers").is_empty() || !list("ephemeralContainers").is_empty();
    if let Some(err) = err.filter(|_| several) {
        let chosen = quote(first["name"].as_str().unwrap_or_default());
        writeln!(err, "Defaulted container {chosen} out of: {}", container_names(pod))?;
    }
    Ok(first)
}

/// All container names of a pod (`podcmd.AllContainerNames`).
pub(super) fn container_names(pod: &Value) -> String {
    let list = |field: &str, suffix: &'static str| {
        let containers = pod["spec"][field].as_array();
        containers.into_iter().flatten().map(move |c| format!("{}{suffix}", c["name"].as_str().unwrap_or_default()))
    };
    let all =
        list("containers", "").chain(list("ephemeralContainers", " (ephem)")).chain(list("initContainers", " (init)"));
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_exit_code_is_an_exit_code_and_anything_else_an_error() {
        let exit = json!({"status": "Failure", "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": "7"}]}});
        assert!(matches!(failure(exit), Error::Exit { code: 7, .. }));
        let other = failure(json!({"status": "Failure", "message": "no such process"}));
        assert_eq!(other.report(), ("error: no such process\n".to_string(), 1));
    }

    #[test]
    fn container_names_say_what_they_are() {
        let pod = json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "c"}]}});
        assert_eq!(container_names(&pod), "a, b, c (init)");
    }
}
