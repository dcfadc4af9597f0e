//! `kubectl cp` (kubectl: pkg/cmd/cp/cp.go): a tar archive through `exec`, either way.

mod archive;
mod from_pod;
mod paths;
mod to_pod;

use super::remote::{self, Streams};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::io::Sink;
use crate::request::Call;
use tokio::io::AsyncRead;

pub(super) static COMMAND: Command = Command {
    name: "cp",
    use_line: "cp <file-spec-src> <file-spec-dest>",
    short: "Copy files and directories to and from containers",
    long: "Copy files and directories to and from containers.",
    example:
        "# The container's image must have the program tar. Symbolic links from a container are left out; for them, for
# wildcards and for file modes, tar itself does more:
kubectl exec -n <some-namespace> <some-pod> -- tar cf - /tmp/foo | tar xf - -C /tmp/bar

# A directory to the default container of a pod
kubectl cp /tmp/foo_dir <some-pod>:/tmp/bar_dir

# A file to another container
kubectl cp /tmp/foo <some-pod>:/tmp/bar -c <specific-container>

# To a pod of another namespace
kubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar

# From a pod
kubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar",
    flags,
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    vec![
        common::container(),
        Flag::bool(
            "no-preserve",
            "The copied file/directory's ownership and permissions will not be preserved in the container",
        ),
        Flag::int(
            "retries",
            "0",
            "Set number of retries to complete a copy operation from a container. Specify 0 to disable or any negative value for infinite retrying. The default is 0 (no retry).",
        ),
    ]
}

/// One side of a copy.
#[derive(Debug, PartialEq, Eq)]
struct Spec {
    namespace: String,
    /// Empty for a local file.
    pod: String,
    file: String,
}

impl Spec {
    /// `[[namespace/]pod:]path`.
    fn parse(text: &str) -> Result<Spec> {
        let spec =
            |namespace: &str, pod: &str, file: String| Spec { namespace: namespace.into(), pod: pod.into(), file };
        let malformed = || Error::msg("filespec must match the canonical format: [[namespace/]pod:]file/path");
        match text.split_once(':') {
            None => Ok(spec("", "", paths::without_slash(text))),
            Some(("", _)) => Err(malformed()),
            Some((pod, file)) => {
                let file = paths::remote(file);
                match pod.split('/').collect::<Vec<_>>()[..] {
                    [pod] => Ok(spec("", pod, file)),
                    [namespace, pod] => Ok(spec(namespace, pod, file)),
                    _ => Err(malformed()),
                }
            }
        }
    }
}

async fn run(cx: &Context) -> Result<()> {
    cx.connection().await?;
    let [source, target] = &cx.args[..] else { return Err(Error::msg("source and destination are required")) };
    let (source, target) = (Spec::parse(source)?, Spec::parse(target)?);
    if !source.pod.is_empty() && !target.pod.is_empty() {
        return Err(Error::msg("one of src or dest must be a local file specification"));
    }
    if source.file.is_empty() || target.file.is_empty() {
        return Err(Error::msg("filepath can not be empty"));
    }
    match (source.pod.is_empty(), target.pod.is_empty()) {
        (false, _) => from_pod::copy(cx, &source, &target.file).await,
        (_, false) => to_pod::copy(cx, &source.file, &target).await,
        _ => Err(Error::msg("one of src or dest must be a remote file specification")),
    }
}

/// Runs a command in the pod of a spec, as `exec` does; its streams are the caller's.
async fn execute(
    cx: &Context,
    spec: &Spec,
    command: &[&str],
    input: Option<impl AsyncRead + Unpin>,
    out: &Sink,
    err: &Sink,
) -> Result<()> {
    let namespace = match spec.namespace.as_str() {
        "" => cx.namespace().await?.0,
        given => given.to_string(),
    };
    let call = Call::get(format!("/api/v1/namespaces/{namespace}/pods/{}", spec.pod));
    let pod = cx.requests().await?.json(call).await?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
        return Err(Error::msg(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = remote::container_to(&pod, cx.flags.str("container"), Some(err))?;
    let streams = Streams { stdin: input.is_some(), tty: false, keep: None };
    let parameters = remote::parameters(container["name"].as_str().unwrap_or_default(), &streams);
    let process = remote::pods(cx, &namespace).await?.exec(&spec.pod, command.to_vec(), &parameters).await;
    remote::pipe(process.map_err(remote::refused)?, input, out, err).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read() {
        let of = |text: &str| Spec::parse(text).map(|spec| format!("{}|{}|{}", spec.namespace, spec.pod, spec.file));
        assert_eq!(of("/tmp/x/").unwrap(), "||/tmp/x");
        assert_eq!(of("pod:/x").unwrap(), "|pod|/x");
        assert_eq!(of("ns/pod:a\\b").unwrap(), "ns|pod|a/b");
        assert!(of(":x").is_err() && of("a/b/c:x").is_err());
    }
}
