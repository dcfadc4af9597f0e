//! `kubectl create secret docker-registry` (kubectl: pkg/cmd/create/create_secret_docker.go).

use super::{create, generated, sources};
use crate::command::{Class, Command, Context};
use crate::error::{Error, Result};
use crate::flags::Flag;
use apimachinery::go::json as go_json;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const KEY: &str = ".dockerconfigjson";

pub(super) static COMMAND: Command = Command {
    name: "docker-registry",
    use_line: "docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    short: "Create a secret for use with a Docker registry",
    long: "Create a secret for a container registry.\n\n Nodes use it to pull images on a pod's behalf: name it among the pod's imagePullSecrets, or among those of its service account.",
    example: "# With a user and a password
kubectl create secret docker-registry my-secret --docker-server=DOCKER_REGISTRY_SERVER --docker-username=DOCKER_USER --docker-password=DOCKER_PASSWORD

# From the configuration of docker
kubectl create secret docker-registry my-secret --from-file=path/to/.docker/config.json",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::string("docker-username", "", "Username for Docker registry authentication"),
            Flag::string("docker-password", "", "Password for Docker registry authentication"),
            Flag::string("docker-email", "", "Email for Docker registry"),
            Flag::string("docker-server", "https://index.docker.io/v1/", "Server location for Docker registry"),
            Flag::bool("append-hash", "Append a hash of the secret to its name."),
            Flag::string_slice("from-file", "Key files can be specified using their file path, in which case a default name of .dockerconfigjson will be given to them, or optionally with a name and file path, in which case the given name will be used. Specifying a directory will iterate each named file in the directory that is a valid secret key. For this command, the key should always be .dockerconfigjson."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    generated::name(cx)?;
    let text = |name: &str| cx.flags.str(name);
    let (user, password, server) = (text("docker-username"), text("docker-password"), text("docker-server"));
    let files = cx.flags.strings("from-file");
    if files.is_empty() && (user.is_empty() || password.is_empty() || server.is_empty()) {
        return Err(Error::msg(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    }
    let pairs = if files.is_empty() {
        let auth = STANDARD.encode(format!("{user}:{password}"));
        // The fields stand in the order of upstream's struct.
        let fields =
            [("username", user), ("password", password), ("email", text("docker-email")), ("auth", auth.as_str())];
        let fields: Vec<String> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("\"{name}\":{}", go_json(&json!(value))))
            .collect();
        let config = format!("{{\"auths\":{{{}:{{{}}}}}}}", go_json(&json!(server)), fields.join(","));
        vec![(KEY.to_string(), config.into_bytes())]
    } else {
        let named = |source: &String| if source.contains('=') { source.clone() } else { format!("{KEY}={source}") };
        let sources: Vec<String> = files.iter().map(named).collect();
        sources::files(cx, &sources).await?
    };
    create(cx, "kubernetes.io/dockerconfigjson", pairs).await
}
