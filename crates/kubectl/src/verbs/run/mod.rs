//! `kubectl run` (kubectl: pkg/cmd/run/run.go).

pub(super) mod attached;
mod pod;

use super::attach::detach_keys;
use super::delete::propagation;
use super::exec::running_timeout;
use super::last_applied::save_typed_config;
use super::{image_reference, overrides};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::resource::Helper;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "run",
    use_line: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    short: "Run a particular image on the cluster",
    long: "Create and run a particular image in a pod.",
    example: "# Start a nginx pod
kubectl run nginx --image=nginx

# With a port
kubectl run hazelcast --image=hazelcast/hazelcast --port=5701

# With environment variables
kubectl run hazelcast --image=hazelcast/hazelcast --env=\"DNS_DOMAIN=cluster\" --env=\"POD_NAMESPACE=default\"

# Print the pod without creating it
kubectl run nginx --image=nginx --dry-run=client

# A busybox pod in the foreground that is not restarted
kubectl run -i -t busybox --image=busybox --restart=Never

# With other arguments, or another command
kubectl run nginx --image=nginx -- <arg1> <arg2>
kubectl run nginx --image=nginx --command -- <cmd> <arg1>",
    flags,
    class: |parsed| {
        let interactive = parsed.values.bool("stdin") && parsed.values.bool("tty");
        Class::changes_unless_dry_run(parsed).interactive_if(interactive)
    },
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::filename("to use to replace the resource.");
    for flag in &mut flags {
        match flag.name {
            "filename" => {
                *flag = flag.clone().deprecated("it is ignored by kubectl run and will be removed in a future release");
            }
            "kustomize" => {
                flag.usage =
                    "Process a kustomization directory. This flag can't be used together with -f or -R.".into();
            }
            _ => {}
        }
    }
    flags.extend(common::output());
    flags.extend(overrides::flags());
    flags.extend([
        common::dry_run(),
        common::field_manager("kubectl-run"),
        common::pod_running_timeout("1m0s"),
        common::save_config(),
        detach_keys(),
        Flag::string_array("annotations", "Annotations to apply to the pod."),
        Flag::bool("attach", "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true. With '--restart=Never' the exit code of the container process is returned."),
        Flag::string("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.").no_opt("background"),
        Flag::bool("command", "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default."),
        Flag::string_array("env", "Environment variables to set in the container."),
        Flag::bool("expose", "If true, create a ClusterIP service associated with the pod.  Requires `--port`."),
        Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation."),
        Flag::int("grace-period", "-1", "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion)."),
        Flag::string("image", "", "The image for the container to run.").required(),
        Flag::string("image-pull-policy", "", "The image pull policy for the container.  If left empty, this value will not be specified by the client and defaulted by the server."),
        Flag::string("labels", "", "Comma separated labels to apply to the pod. Will override previous values.").short('l'),
        Flag::bool("leave-stdin-open", "If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes. By default, stdin will be closed after the first attach completes."),
        Flag::string("port", "", "The port that this container exposes."),
        Flag::bool("privileged", "If true, run the container in privileged mode."),
        Flag::bool("quiet", "If true, suppress prompt messages.").short('q'),
        Flag::string("restart", "Always", "The restart policy for this Pod.  Legal values [Always, OnFailure, Never]."),
        Flag::bool("rm", "If true, delete the pod after it exits.  Only valid when attaching to the container, e.g. with '--attach' or with '-i/--stdin'."),
        Flag::bool("stdin", "Keep stdin open on the container in the pod, even if nothing is attached.").short('i'),
        Flag::duration("timeout", "0s", "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object"),
        Flag::bool("tty", "Allocate a TTY for the container in the pod.").short('t'),
        Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
    ]);
    flags
}

/// What is checked before anything is sent.
fn validate(cx: &Context, dry_run: DryRun, attach: bool) -> Result<()> {
    let flags = &cx.flags;
    if cx.args.is_empty() || cx.dash == Some(0) {
        return Err(Error::msg("NAME is required for run"));
    }
    let image = flags.str("image");
    if image.is_empty() {
        return Err(Error::msg("--image is required"));
    }
    image_reference::check(image, None)?;
    if flags.bool("tty") && !flags.bool("stdin") {
        return Err(Error::msg("-i/--stdin is required for containers with -t/--tty=true"));
    }
    let port = flags.str("port");
    if flags.bool("expose") && port.is_empty() {
        return Err(Error::msg("--port must be set when exposing a service"));
    }
    if !port.is_empty() && port.parse::<i64>().is_err() {
        return Err(Error::msg("--port must be a number"));
    }
    if !attach && flags.bool("rm") {
        return Err(Error::msg("--rm should only be used for attached containers"));
    }
    if attach && dry_run != DryRun::None {
        return Err(Error::msg(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        ));
    }
    Ok(())
}

async fn run(cx: &Context) -> Result<()> {
    let made = pod::Pod::of(cx)?;
    let timeout = running_timeout(cx)?;
    let attach = cx.flags.bool("attach") || (!cx.flags.changed("attach") && cx.flags.bool("stdin"));
    let dry_run = DryRun::of(cx)?;
    let mut printer = PrintFlags::of(cx, format!("created{}", dry_run.suffix())).typed().printer(cx).await?;
    propagation(cx)?;
    validate(cx, dry_run, attach)?;
    let object = overrides::apply(cx, "v1", "Pod", made.pod())?;
    let created = create(cx, dry_run, "Pod", object).await?;
    let mut objects = vec![created.clone()];
    let mut errors = crate::resource::Errors::default();
    if cx.flags.bool("expose") {
        match create(cx, dry_run, "Service", made.service()).await {
            Ok(service) => objects.push(service),
            Err(error) => errors.keep(Err(error))?,
        }
    }
    if attach {
        let ended = attached::attach(cx, &created, timeout, made.restart_policy()).await;
        if cx.flags.bool("rm") {
            attached::remove(cx, &objects).await?;
        }
        return ended;
    }
    for object in objects {
        errors.keep(printer.print(object).and_then(|text| Ok(write!(cx.out, "{text}")?)))?;
    }
    errors.finish()
}

async fn create(cx: &Context, dry_run: DryRun, kind: &str, mut object: Value) -> Result<Value> {
    let (namespace, enforce) = cx.namespace().await?;
    if dry_run == DryRun::Client {
        if enforce {
            object["metadata"]["namespace"] = Value::String(namespace);
        }
        return Ok(object);
    }
    save_typed_config(cx.flags.bool("save-config"), &mut object);
    let mapping = cx.mapper().await?.kind("", "v1", kind).await?;
    let mapping = mapping.ok_or_else(|| Error::msg(format!("no matches for kind {kind:?} in version \"v1\"")))?;
    let helper = Helper::new(&cx.requests().await?, &mapping);
    helper.dry_run(dry_run).field_manager(cx.flags.str("field-manager")).create(&namespace, &object).await
}
