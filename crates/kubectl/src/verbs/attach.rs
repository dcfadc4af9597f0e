//! `kubectl attach` (kubectl: pkg/cmd/attach/attach.go).

use super::exec::pod_running_timeout;
use super::pod_of;
use super::remote::{self, Streams};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use serde_json::Value;
use std::sync::{Arc, Mutex};

pub(super) static COMMAND: Command = Command {
    name: "attach",
    use_line: "attach (POD | TYPE/NAME) -c CONTAINER",
    short: "Attach to a running container",
    long: "Attach to a process that is already running inside an existing container.",
    example: "# The output of the default container of a running pod
kubectl attach mypod

# Of another container
kubectl attach mypod -c ruby-container

# With input and a terminal
kubectl attach mypod -c ruby-container -i -t

# Of the first pod of a replica set
kubectl attach rs/nginx",
    flags,
    class: |parsed| Class::CHANGES.endless_if(true).interactive_if(parsed.values.bool("stdin")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    vec![
        common::container(),
        common::pod_running_timeout("1m0s"),
        Flag::string("detach-keys", "ctrl-p,ctrl-q", "Override the key sequence for detaching a container"),
        Flag::bool("quiet", "Only print output from the remote session").short('q'),
        Flag::bool("stdin", "Pass stdin to the container").short('i'),
        Flag::bool("tty", "Stdin is a TTY").short('t'),
    ]
}

/// `--detach-keys`.
pub(super) fn detach_keys() -> Flag {
    Flag::string("detach-keys", "ctrl-p,ctrl-q", "Override the key sequence for detaching a container.")
}

async fn run(cx: &Context) -> Result<()> {
    let timeout = pod_running_timeout(cx)?;
    let argument = match &cx.args[..] {
        [] => return Err(Error::msg("at least 1 argument is required for attach")),
        [one] => one.clone(),
        [kind, name] => format!("{kind}/{name}"),
        many => {
            let (count, shown) = (many.len(), many.join(" "));
            return Err(Error::msg(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {count}: [{shown}]"
            )));
        }
    };
    let info = pod_of::object(cx, Some(&argument)).await?;
    let pod = pod_of::pod(cx, &info, timeout).await?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
        return Err(Error::msg(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    let attach = Attach {
        container: cx.flags.str("container"),
        stdin: cx.flags.bool("stdin"),
        tty: cx.flags.bool("tty"),
        quiet: cx.flags.bool("quiet"),
        resume: &cx.path,
        keep: None,
    };
    attach.run(cx, &pod).await
}

/// What `attach` and `run` have in common.
pub(super) struct Attach<'a> {
    /// The container; empty for the default one.
    pub container: &'a str,
    /// Input is passed on.
    pub stdin: bool,
    /// A terminal is wanted.
    pub tty: bool,
    /// Only what the container prints is printed.
    pub quiet: bool,
    /// The command that resumes the session.
    pub resume: &'a str,
    /// Keeps what was printed.
    pub keep: Option<Arc<Mutex<Vec<u8>>>>,
}

impl Attach<'_> {
    /// Attaches until the container has ended.
    pub(super) async fn run(&self, cx: &Context, pod: &Value) -> Result<()> {
        let container = remote::container(cx, pod, self.container, self.quiet);
        let container = container.map_err(|error| Error::msg(format!("cannot attach to the container: {error}")))?;
        let name = container["name"].as_str().unwrap_or_default();
        let mut tty = self.tty;
        if tty && container["tty"] != true {
            tty = false;
            if !self.quiet {
                writeln!(cx.err, "error: Unable to use a TTY - container {name} did not allocate one")?;
            }
        } else if container["tty"] == true {
            // the container has a terminal: its output comes as one stream, whatever was asked for
            tty = true;
        }
        let raw = remote::raw_terminal(cx, self.stdin, tty).is_some();
        if tty && self.stdin && !raw && !self.quiet {
            writeln!(cx.err, "Unable to use a TTY - input is not a terminal or the right kind of file")?;
        }
        if !self.quiet {
            writeln!(
                cx.err,
                "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt."
            )?;
            writeln!(cx.err, "If you don't see a command prompt, try pressing enter.")?;
        }
        let streams = Streams { stdin: self.stdin, tty: raw, keep: self.keep.clone() };
        let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
        let pods = remote::pods(cx, text("namespace")).await?;
        let process = pods.attach(text("name"), &remote::parameters(name, &streams)).await;
        remote::carry(cx, process.map_err(remote::refused)?, &streams).await?;
        if !self.quiet && self.stdin && raw {
            let (pod_name, namespace) = (text("name"), text("namespace"));
            let command = format!("{} {pod_name} -c {name} -n {namespace} -i -t", self.resume);
            let ephemeral = pod["spec"]["ephemeralContainers"].as_array();
            match ephemeral.into_iter().flatten().any(|container| container["name"] == name) {
                true => writeln!(
                    cx.out,
                    "Session ended, the ephemeral container will not be restarted but may be reattached using '{command}' if it is still running"
                )?,
                false => writeln!(cx.out, "Session ended, resume using '{command}' command")?,
            }
        }
        Ok(())
    }
}
