//! `kubectl exec` (kubectl: pkg/cmd/exec/exec.go).

use super::pod_of;
use super::remote::{self, Streams};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use std::time::Duration;

pub(super) static COMMAND: Command = Command {
    name: "exec",
    use_line: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    short: "Execute a command in a container",
    long: "Execute a command in a container.",
    example: "# The output of 'date' in the first container of a pod
kubectl exec mypod -- date

# In another container
kubectl exec mypod -c ruby-container -- date

# A shell
kubectl exec mypod -i -t -- sh

# In the first pod of a deployment
kubectl exec deploy/mydeployment -- date",
    flags,
    class: |parsed| Class::CHANGES.interactive_if(parsed.values.bool("stdin")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    vec![
        common::container(),
        common::json_filename("to use to exec into the resource"),
        common::pod_running_timeout("1m0s"),
        Flag::bool("quiet", "Only print output from the remote session").short('q'),
        Flag::bool("stdin", "Pass stdin to the container").short('i'),
        Flag::bool("tty", "Stdin is a TTY").short('t'),
    ]
}

async fn run(cx: &Context) -> Result<()> {
    let files = cx.flags.strings("filename");
    let resource = cx.args.first().filter(|_| cx.dash != Some(0)).map(String::as_str);
    let command = match cx.dash {
        Some(at @ (0 | 1)) => &cx.args[at..],
        _ if cx.args.len() > 1 || (!cx.args.is_empty() && !files.is_empty()) => {
            return Err(
                cx.usage_error("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead")
            );
        }
        _ => &[],
    };
    let timeout = pod_running_timeout(cx)?;
    if resource.is_none() && files.is_empty() {
        return Err(Error::msg("pod, type/name or --filename must be specified"));
    }
    if command.is_empty() {
        return Err(Error::msg("you must specify at least one command for the container"));
    }
    let info = pod_of::object(cx, resource).await?;
    let pod = pod_of::pod(cx, &info, timeout).await?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
        return Err(Error::msg(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let quiet = cx.flags.bool("quiet");
    let container = remote::container(cx, &pod, cx.flags.str("container"), quiet)?;
    let stdin = cx.flags.bool("stdin");
    let wanted = stdin && cx.flags.bool("tty");
    let tty = remote::raw_terminal(cx, stdin, wanted).is_some();
    if wanted && !tty && !quiet {
        writeln!(cx.err, "Unable to use a TTY - input is not a terminal or the right kind of file")?;
    }
    let streams = Streams { stdin, tty, keep: None };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let parameters = remote::parameters(&text(&container["name"]), &streams);
    let pods = remote::pods(cx, &text(&pod["metadata"]["namespace"])).await?;
    let process = pods.exec(&text(&pod["metadata"]["name"]), command.to_vec(), &parameters).await;
    remote::carry(cx, process.map_err(remote::refused)?, &streams).await
}

/// `--pod-running-timeout`.
pub(super) fn pod_running_timeout(cx: &Context) -> Result<Duration> {
    running_timeout(cx).map_err(|error| cx.usage_error(error))
}

/// `--pod-running-timeout` where its error comes without the way to the help (`GetPodRunningTimeoutFlag`).
pub(super) fn running_timeout(cx: &Context) -> Result<Duration> {
    let given = cx.flags.duration("pod-running-timeout");
    let timeout = Duration::try_from(given).unwrap_or_default();
    if timeout.is_zero() {
        return Err(Error::msg("--pod-running-timeout must be higher than zero"));
    }
    Ok(timeout)
}
