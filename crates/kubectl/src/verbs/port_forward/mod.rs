//! `kubectl port-forward` (kubectl: pkg/cmd/portforward/portforward.go; client-go: tools/portforward).

mod listen;
mod ports;
mod spdy;
mod tunnel;

use super::exec::pod_running_timeout;
use super::pod_of;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::request::Call;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "port-forward",
    use_line: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    short: "Forward one or more local ports to a pod",
    long: "Forward one or more local ports to a pod.

A resource such as deployment/mydeployment stands for one of its pods; a bare name is a pod's. The session ends when that pod does: run the command again to forward to another one.",
    example: "# Local ports 5000 and 6000 to the same ports of a pod
kubectl port-forward pod/mypod 5000 6000

# Of a deployment's pod
kubectl port-forward deployment/mydeployment 5000 6000

# Local port 8443 to the target port of a service's port named https
kubectl port-forward service/myservice 8443:https

# Local port 8888 to port 5000
kubectl port-forward pod/mypod 8888:5000

# Listen on all addresses, or on some
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000
kubectl port-forward --address localhost,10.19.21.23 pod/mypod 8888:5000

# Any free local port
kubectl port-forward pod/mypod :5000",
    flags,
    class: |_| Class::READS.endless_if(true),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    vec![
        Flag::string_slice("address", "Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value. When localhost is supplied, kubectl will try to bind on both 127.0.0.1 and ::1 and will fail if neither of these addresses are available to bind.")
            .default("localhost"),
        common::pod_running_timeout("1m0s"),
    ]
}

async fn run(cx: &Context) -> Result<()> {
    let [target, wanted @ ..] = &cx.args[..] else { return Err(usage(cx)) };
    if wanted.is_empty() {
        return Err(usage(cx));
    }
    let timeout = pod_running_timeout(cx)?;
    let info = pod_of::object(cx, Some(target)).await?;
    let pod = pod_of::pod(cx, &info, timeout).await?;
    let translated = match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
        ("", "Service") => ports::of_service(wanted, &info.object, &pod)?,
        _ => ports::of_pod(wanted, &pod)?,
    };
    let pod = running(cx, &pod).await?;
    let addresses = listen::addresses(cx.flags.strings("address"))?;
    let ports = ports::parse(&translated)?;
    let tunnel = tunnel::open(cx, &pod).await?;
    listen::forward(cx, tunnel, &addresses, ports).await
}

fn usage(cx: &Context) -> Error {
    cx.usage_error("TYPE/NAME and list of ports are required for port-forward")
}

/// The pod as it is now; an error unless it runs.
async fn running(cx: &Context, pod: &Value) -> Result<Value> {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    let path = format!("/api/v1/namespaces/{}/pods/{}", text("namespace"), text("name"));
    let pod = cx.requests().await?.json(Call::get(path)).await?;
    match pod["status"]["phase"].as_str() {
        Some("Running") => Ok(pod),
        phase => Err(Error::msg(format!(
            "unable to forward port because pod is not running. Current status={}",
            phase.unwrap_or_default()
        ))),
    }
}
