//! `kubectl kustomize` (kubectl: pkg/cmd/kustomize, kustomize: commands/build).

use crate::command::{Class, Command, Context};
use crate::environment::FileKind;
use crate::error::{Error, Result};
use crate::flags::{Flag, Kind};
use crate::kustomize::{Options, Order, build_for, to_yaml};
use crate::resource::go_error;
use serde_json::Value;
use std::path::Path;

const ROOT_ONLY: &str = "LoadRestrictionsRootOnly";
const NONE: &str = "LoadRestrictionsNone";

pub(super) static COMMAND: Command = Command {
    name: "kustomize",
    use_line: "kustomize DIR",
    bare_use_line: false,
    short: "Build a kustomization target from a directory or URL",
    long: "Build the objects that a 'kustomization.yaml' file describes, and print them.

 DIR is a directory with such a file; without it the current directory is meant.",
    example: "# The current working directory
kubectl kustomize

# A directory of configuration that is shared
kubectl kustomize /home/config/production",
    flags: || {
        vec![
            Flag::bool("as-current-user", "use the uid and gid of the command executor to run the function in the container"),
            Flag::bool("enable-alpha-plugins", "enable kustomize plugins"),
            Flag::bool("enable-helm", "Enable use of the Helm chart inflator generator."),
            Flag::bool("enable-managedby-label", "enable adding app.kubernetes.io/managed-by")
                .deprecated("The flag `enable-managedby-label` has been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead."),
            Flag::string_array("env", "a list of environment variables to be used by functions").short('e'),
            Flag::string_array("helm-api-versions", "Kubernetes api versions used by Helm for Capabilities.APIVersions"),
            Flag::string("helm-command", "helm", "helm command (path to executable)"),
            Flag::bool("helm-debug", "Enable debug output from the Helm chart inflator generator."),
            Flag::string("helm-kube-version", "", "Kubernetes version used by Helm for Capabilities.KubeVersion"),
            Flag::string("load-restrictor", ROOT_ONLY, "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root. This does, however, break the relocatability of the kustomization."),
            Flag::string_array("mount", "a list of storage options read from the filesystem"),
            Flag::bool("network", "enable network access for functions that declare it"),
            Flag::string("network-name", "bridge", "the docker network to run the container in"),
            Flag::string("output", "", "If specified, write output to this path.").short('o'),
            Flag::of_kind(Kind::String, "reorder", "legacy", "Reorder the resources just before output. Use 'legacy' to apply a legacy reordering (Namespaces first, Webhooks last, etc). Use 'none' to suppress a final reordering.")
                .deprecated("use the new 'sortOptions' field in kustomization.yaml instead."),
        ]
    },
    class: |_| Class::LOCAL,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let path = match cx.args.as_slice() {
        [] => ".",
        [path] => path,
        _ => return Err(Error::msg("specify one path to kustomization.yaml")),
    };
    let (restrictor, order) = (cx.flags.str("load-restrictor"), cx.flags.str("reorder"));
    if ![ROOT_ONLY, NONE].contains(&restrictor) {
        return Err(Error::msg(format!(
            "illegal flag value --load-restrictor {restrictor}; legal values: [{ROOT_ONLY} {NONE}]"
        )));
    }
    let order = match order {
        "legacy" if cx.flags.changed("reorder") => Order::Legacy,
        "legacy" => Order::Default,
        "none" => Order::Kept,
        other => {
            return Err(Error::msg(format!("illegal flag value --reorder {other}; legal values: [legacy none]")));
        }
    };
    let options =
        Options { unrestricted: restrictor == NONE, order, managed_by: cx.flags.bool("enable-managedby-label") };
    let objects = build_for(cx, path, options).await?;
    let output = cx.flags.str("output");
    if output.is_empty() {
        cx.out.write(to_yaml(&objects).as_bytes())?;
        return Ok(());
    }
    if matches!(cx.env.files.kind(Path::new(output)).await, Ok(FileKind::Directory)) {
        for object in &objects {
            let file = format!("{output}/{}", file_name(object));
            write(cx, &file, std::slice::from_ref(object)).await?;
        }
        return Ok(());
    }
    write(cx, output, &objects).await
}

async fn write(cx: &Context, path: &str, objects: &[Value]) -> Result<()> {
    let written = cx.env.files.write(Path::new(path), to_yaml(objects).as_bytes()).await;
    written.map_err(|error| Error::msg(go_error("open", path, &error)))
}

/// `apps_v1_deployment_web.yaml`.
fn file_name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    let version = text(&object["apiVersion"]).replace('/', "_");
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let namespace = text(&object["metadata"]["namespace"]);
    let namespace = if namespace.is_empty() { namespace } else { format!("{namespace}_") };
    format!("{namespace}{version}_{kind}_{name}.yaml").replace(':', "-")
}
