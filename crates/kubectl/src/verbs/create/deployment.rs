//! `kubectl create deployment` (kubectl: pkg/cmd/create/create_deployment.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "deployment",
    use_line: "deployment NAME --image=image -- [COMMAND] [args...]",
    aliases: &["deploy"],
    short: "Create a deployment with the specified name",
    long: "Create a deployment with the specified name.",
    example: "# A deployment that runs the busybox image
kubectl create deployment my-dep --image=busybox

# With a command
kubectl create deployment my-dep --image=busybox -- date

# With three replicas of nginx
kubectl create deployment my-dep --image=nginx --replicas=3

# With a port
kubectl create deployment my-dep --image=busybox --port=5701

# With two containers
kubectl create deployment my-dep --image=busybox:latest --image=ubuntu:latest --image=nginx",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = generated::flags();
    flags.extend([
        Flag::string_slice(
            "image",
            "Image names to run. A deployment can have multiple images set for multi-container pod.",
        )
        .required(),
        Flag::int32("port", "-1", "The containerPort that this deployment exposes."),
        Flag::int32("replicas", "1", "Number of replicas to create. Default is 1.").short('r'),
    ]);
    flags
}

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let (images, command) = (cx.flags.strings("image"), &cx.args[1..]);
    if images.len() > 1 && !command.is_empty() {
        return Err(Error::msg("cannot specify multiple --image options and command"));
    }
    let mut containers: Vec<Value> = images.iter().map(|image| container(image, command)).collect();
    let port = cx.flags.int("port");
    if let (true, Some(first)) = (port >= 0, containers.first_mut()) {
        first["ports"] = json!([{"containerPort": port}]);
    }
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": cx.flags.int("replicas"),
            "selector": {"matchLabels": {"app": name}},
            "strategy": {},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
        },
        "status": {},
    });
    generated::create(cx, "failed to create deployment:", deployment).await
}

fn container(image: &str, command: &[String]) -> Value {
    let mut container = json!({"name": container_name(image), "image": image, "resources": {}});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    container
}

/// The image's last part without tag and digest. Upstream appends a random suffix where it replaced a character that
/// names may not have; here the suffix is a hash of the image, so that the same command gives the same object.
fn container_name(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    if !name.contains(['_', '.']) {
        return name.to_string();
    }
    let hash = apimachinery::hash::fnv32a(image.as_bytes()).to_string();
    let suffix: String = apimachinery::names::safe_encode(&hash).chars().take(5).collect();
    format!("{}-{suffix}", name.replace(['_', '.'], "-"))
}

#[cfg(test)]
mod tests {
    use super::container_name;

    #[test]
    fn containers_are_named_after_their_images() {
        assert_eq!(container_name("registry.example/team/nginx:1.27"), "nginx");
        assert_eq!(container_name("nginx@sha256:abc"), "nginx");
        assert!(container_name("my_app").starts_with("my-app-"));
    }
}
