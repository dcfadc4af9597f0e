//! `kubectl debug` (kubectl: pkg/cmd/debug/debug.go).

mod attach;
mod custom;
mod pods;
mod profile;

use super::image_reference;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::{Flag, Kind, common};
use crate::request::Call;
use crate::resource::{Builder, Info};
use crate::text::quote;
use http::Method;
use pods::Debug;
use profile::Profile;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "debug",
    use_line: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    short: "Create debugging sessions for troubleshooting workloads and nodes",
    long: "Debug workloads and nodes with containers made for it.

A bare name is a pod's. What is done depends on what is named:

* A pod: an ephemeral container is added to it while it runs, for tools that its image lacks; or, with --copy-to, a copy of it is made in which containers, images or commands are others.
* A node: a pod is made on it that shares its namespaces, with its file system at /host.

Where the target pod runs as another user than root, some capabilities that a profile grants may not work.",
    example: "# A session in a new container of a pod
kubectl debug mypod -it --image=busybox

# The same for the pod of a file
kubectl debug -f pod.yaml -it --image=busybox

# A container named debugger, of an image with tools
kubectl debug --image=myproj/debug-tools -c debugger mypod

# A copy of the pod with one more container
kubectl debug mypod -it --image=busybox --copy-to=my-debugger

# A copy in which a container runs another command
kubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh

# A copy with other images
kubectl debug mypod --copy-to=my-debugger --set-image=*=busybox
kubectl debug mypod -it --copy-to=my-debugger --image=debian --set-image=app=app:debug,sidecar=sidecar:debug

# A session on a node
kubectl debug node/mynode -it --image=busybox",
    flags,
    class: |parsed| Class::CHANGES.interactive_if(parsed.values.bool("stdin") && parsed.values.bool("tty")),
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let copy_only = "(This flag only works when used with '--copy-to')";
    vec![
        common::json_filename("identifying the resource to debug"),
        Flag::bool(
            "arguments-only",
            "If specified, everything after -- will be passed to the new container as Args instead of Command.",
        ),
        Flag::bool(
            "attach",
            "If true, wait for the container to start running, and then attach as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true.",
        ),
        Flag::string("container", "", "Container name to use for debug container.").short('c'),
        Flag::string("copy-to", "", "Create a copy of the target Pod with this name."),
        Flag::string(
            "custom",
            "",
            "Path to a JSON or YAML file containing a partial container spec to customize built-in debug profiles.",
        ),
        Flag::of_kind(Kind::StringToString, "env", "", "Environment variables to set in the container."),
        Flag::string("image", "", "Container image to use for debug container."),
        Flag::string(
            "image-pull-policy",
            "",
            "The image pull policy for the container. If left empty, this value will not be specified by the client and defaulted by the server.",
        ),
        Flag::bool("keep-annotations", format!("If true, keep the original pod annotations.{copy_only}")),
        Flag::bool(
            "keep-init-containers",
            format!("Run the init containers for the pod. Defaults to true.{copy_only}"),
        )
        .default("true"),
        Flag::bool("keep-labels", format!("If true, keep the original pod labels.{copy_only}")),
        Flag::bool("keep-liveness", format!("If true, keep the original pod liveness probes.{copy_only}")),
        Flag::bool("keep-readiness", format!("If true, keep the original pod readiness probes.{copy_only}")),
        Flag::bool("keep-startup", format!("If true, keep the original startup probes.{copy_only}")),
        Flag::string(
            "profile",
            "general",
            "Options are \"general\", \"baseline\", \"restricted\", \"netadmin\" or \"sysadmin\". Defaults to \"general\"",
        ),
        Flag::bool("quiet", "If true, suppress informational messages.").short('q'),
        Flag::bool("replace", "When used with '--copy-to', delete the original Pod."),
        Flag::bool("same-node", "When used with '--copy-to', schedule the copy of target Pod on the same node."),
        Flag::of_kind(
            Kind::StringToString,
            "set-image",
            "",
            "When used with '--copy-to', a list of name=image pairs for changing container images, similar to how 'kubectl set image' works.",
        ),
        Flag::bool("share-processes", "When used with '--copy-to', enable process namespace sharing in the copy.")
            .default("true"),
        Flag::bool("stdin", "Keep stdin open on the container(s) in the pod, even if nothing is attached.").short('i'),
        Flag::string("target", "", "When using an ephemeral container, target processes in this container name."),
        Flag::bool("tty", "Allocate a TTY for the debugging container.").short('t'),
    ]
}

async fn run(cx: &Context) -> Result<()> {
    let (names, command) = match cx.dash {
        Some(at) if cx.args.len() > at => cx.args.split_at(at),
        _ => (&cx.args[..], &cx.args[..0]),
    };
    let attach = cx.flags.bool("attach") || (!cx.flags.changed("attach") && cx.flags.bool("stdin"));
    let profile = Profile::named(cx.flags.str("profile"))?;
    let custom = custom::read(cx).await?;
    validate(cx, names, command, attach)?;
    if let Some(custom) = &custom {
        custom::validate(custom)?;
    }
    if profile == Profile::Legacy {
        writeln!(
            cx.err,
            "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example \"--profile=general\"."
        )?;
    }
    let debug = Debug { cx, command, profile, custom };
    for info in targets(cx, names).await? {
        let (pod, container) = match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
            ("", "Node") => node(&debug, &info.object).await?,
            ("", "Pod") if !cx.flags.str("copy-to").is_empty() => copy(&debug, &info.object).await?,
            ("", "Pod") => ephemeral(&debug, &info.object).await?,
            (group, kind) => {
                let named = quote(&format!("{group}/{}, Kind={kind}", info.mapping.version));
                return Err(Error::msg(format!("{named} not supported by debug")));
            }
        };
        if attach && !container.is_empty() {
            attach::attach(cx, &pod, &container).await?;
        }
    }
    Ok(())
}

/// What is checked before anything is sent (`Validate`).
fn validate(cx: &Context, names: &[String], command: &[String], attach: bool) -> Result<()> {
    let flags = &cx.flags;
    let (image, container) = (flags.str("image"), flags.str("container"));
    let images = flags.pairs("set-image");
    let refuse = |text: &str| Err(Error::msg(text));
    if attach && flags.changed("attach") && image.is_empty() && container.is_empty() {
        return refuse("you must specify --container or create a new container using --image in order to attach.");
    }
    if !flags.str("copy-to").is_empty() {
        if image.is_empty() && images.is_empty() && command.is_empty() {
            return refuse("you must specify --image, --set-image or command arguments.");
        }
        if !command.is_empty() && container.is_empty() && image.is_empty() {
            return refuse("you must specify an existing container or a new image when specifying args.");
        }
    } else if flags.bool("replace") {
        return refuse("--replace may only be used with --copy-to.");
    } else if flags.bool("same-node") {
        return refuse("--same-node may only be used with --copy-to.");
    } else if !images.is_empty() {
        return refuse("--set-image may only be used with --copy-to.");
    } else if image.is_empty() {
        return refuse("you must specify --image when not using --copy-to.");
    }
    if !image.is_empty() {
        image_reference::check(image, None)?;
    }
    if names.is_empty() && flags.strings("filename").is_empty() {
        return refuse("NAME or filename is required for debug");
    }
    let policy = flags.str("image-pull-policy");
    if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        return Err(Error::msg(format!("invalid image pull policy: {policy}")));
    }
    for (name, image) in &images {
        image_reference::check(image, Some(name))?;
    }
    let target = flags.str("target");
    if !target.is_empty() {
        if !flags.str("copy-to").is_empty() {
            return refuse("--target is incompatible with --copy-to. Use --share-processes instead.");
        }
        if !flags.bool("quiet") {
            let target = quote(target);
            writeln!(
                cx.out,
                "Targeting container {target}. If you don't see processes from this container it may be because the container runtime doesn't support this feature."
            )?;
        }
    }
    if flags.bool("tty") && !flags.bool("stdin") {
        return refuse("-i/--stdin is required for containers with -t/--tty=true");
    }
    Ok(())
}

/// The objects that are named; a bare name is a pod's.
async fn targets(cx: &Context, names: &[String]) -> Result<Vec<Info>> {
    let (namespace, enforce) = cx.namespace().await?;
    let of_type = |name: &String| if name.contains('/') { name.clone() } else { format!("pods/{name}") };
    let names: Vec<String> = names.iter().map(of_type).collect();
    let builder = Builder::new().namespace(&namespace, enforce).filenames(&cx.flags).args(false, &names);
    builder.find(cx).await?.infos()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn path(pod: &Value) -> String {
    format!("/api/v1/namespaces/{}/pods", text(&pod["metadata"]["namespace"]))
}

/// A pod on a node.
async fn node(debug: &Debug<'_>, node: &Value) -> Result<(Value, String)> {
    let pod = debug.on_node(node)?;
    let (namespace, _) = debug.cx.namespace().await?;
    let call = Call::new(Method::POST, format!("/api/v1/namespaces/{namespace}/pods")).json(&pod);
    let created = debug.cx.requests().await?.json(call).await?;
    let container = text(&created["spec"]["containers"][0]["name"]).to_string();
    Ok((created, container))
}

/// A copy of a pod (`debugByCopy`).
async fn copy(debug: &Debug<'_>, pod: &Value) -> Result<(Value, String)> {
    let cx = debug.cx;
    let (copied, container) = debug.copy_of(pod)?;
    let containers = copied["spec"]["containers"].as_array();
    let made = containers.into_iter().flatten().find(|other| text(&other["name"]) == container);
    if let Some(made) = made {
        warn(cx, made, &copied)?;
    }
    let requests = cx.requests().await?;
    let created = requests.json(Call::new(Method::POST, path(pod)).json(&copied)).await?;
    if cx.flags.bool("replace") {
        let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0});
        let one = format!("{}/{}", path(pod), text(&pod["metadata"]["name"]));
        requests.json(Call::new(Method::DELETE, one).json(&options)).await?;
    }
    Ok((created, container))
}

/// One more container in a pod that runs (`debugByEphemeralContainer`).
async fn ephemeral(debug: &Debug<'_>, pod: &Value) -> Result<(Value, String)> {
    let containers = debug.ephemeral(pod)?;
    let Some(container) = containers.last() else { return Err(Error::msg("no container was made")) };
    warn(debug.cx, container, pod)?;
    let name = text(&container["name"]).to_string();
    let before = pod["spec"]["ephemeralContainers"].as_array().into_iter().flatten();
    let order: Vec<Value> = before.chain([container]).map(|one| json!({"name": one["name"]})).collect();
    let patch = json!({"spec": {"$setElementOrder/ephemeralContainers": order, "ephemeralContainers": containers}});
    let one = format!("{}/{}/ephemeralcontainers", path(pod), text(&pod["metadata"]["name"]));
    let call =
        Call::new(Method::PATCH, one).body(patch.to_string().into_bytes(), "application/strategic-merge-patch+json");
    match debug.cx.requests().await?.json(call).await {
        Ok(patched) => Ok((patched, name)),
        Err(error) => {
            // the subresource itself is missing, not the pod
            let disabled =
                error.is_not_found() && error.api().is_some_and(|api| text(&api.status["details"]["name"]).is_empty());
            Err(match disabled {
                true => Error::msg(format!(
                    "ephemeral containers are disabled for this cluster (error from server: {})",
                    quote(&error.to_string())
                )),
                false => error,
            })
        }
    }
}

/// Capabilities that another user than root may not have the use of (`displayWarning`).
fn warn(cx: &Context, container: &Value, pod: &Value) -> Result<()> {
    let root = |user: &Value| user.as_i64() == Some(0);
    let user = &pod["spec"]["securityContext"]["runAsUser"];
    let context = &container["securityContext"];
    if user.is_null() || root(user) || context.is_null() || root(&context["runAsUser"]) {
        return Ok(());
    }
    let capabilities = context["capabilities"]["add"].as_array().is_some_and(|added| !added.is_empty());
    if context["privileged"] == true || capabilities {
        cx.warn("Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using \"--custom\" with a custom profile that specifies \"securityContext.runAsUser: 0\".")?;
    }
    Ok(())
}
