//! From a container's spec and its image to the container: command line, environment, files, user.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::volumes::Volumes;
use super::{Kubelet, env, users};
use crate::network::{Origin, Stack, dns};
use crate::runtime::command::DEFAULT_PATH;
use crate::runtime::container::{Container, Setup};
use crate::runtime::files::{Files, Kind, Mount, Tree, Volume, clean};
use crate::runtime::image::Image;

/// What all containers of a Pod share.
pub struct PodContext<'a> {
    /// The Pod.
    pub pod: &'a Value,
    /// Its address.
    pub address: IpAddr,
    /// Its volumes.
    pub volumes: &'a Volumes,
}

fn words(value: &Value, variables: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let words: Vec<String> =
        value.as_array()?.iter().filter_map(Value::as_str).map(|word| env::expand(word, variables)).collect();
    (!words.is_empty()).then_some(words)
}

/// The command line: the container's words stand above the image's (kubelet: ExpandContainerCommandAndArgs, then the CRI).
fn command_line(container: &Value, image: &Image, variables: &BTreeMap<String, String>) -> Vec<String> {
    let (command, args) = (words(&container["command"], variables), words(&container["args"], variables));
    match (command, args) {
        (Some(command), args) => [command, args.unwrap_or_default()].concat(),
        (None, Some(args)) => [image.description.entrypoint.clone(), args].concat(),
        (None, None) => [image.description.entrypoint.clone(), image.description.cmd.clone()].concat(),
    }
}

/// The name that processes of a Pod see as their host's.
pub fn hostname(pod: &Value) -> String {
    let name = pod["spec"]["hostname"].as_str().or_else(|| pod["metadata"]["name"].as_str()).unwrap_or_default();
    name.chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_owned()
}

fn hosts_file(pod: &Value, address: IpAddr) -> String {
    let mut text = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n".to_owned();
    let (name, namespace) = (hostname(pod), pod["metadata"]["namespace"].as_str().unwrap_or_default());
    match pod["spec"]["subdomain"].as_str().filter(|subdomain| !subdomain.is_empty()) {
        Some(subdomain) => {
            text.push_str(&format!("{address}\t{name}.{subdomain}.{namespace}.svc.{}\t{name}\n", dns::DOMAIN))
        }
        None => text.push_str(&format!("{address}\t{name}\n")),
    }
    let aliases = pod["spec"]["hostAliases"].as_array().into_iter().flatten();
    let lines: String = aliases
        .map(|alias| {
            let names: Vec<&str> =
                alias["hostnames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{}\t{}\n", alias["ip"].as_str().unwrap_or_default(), names.join("\t"))
        })
        .collect();
    if !lines.is_empty() {
        text.push_str(&format!("\n# Entries added by HostAliases.\n{lines}"));
    }
    text
}

fn resolv_file(kubelet: &Kubelet, pod: &Value) -> String {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let server = kubelet
        .api
        .get("services", "kube-system", "kube-dns")
        .ok()
        .and_then(|service| service["spec"]["clusterIP"].as_str().map(str::to_owned));
    format!(
        "search {}\nnameserver {}\noptions ndots:5\n",
        dns::search(namespace),
        server.as_deref().unwrap_or("10.96.0.10")
    )
}

impl Kubelet {
    /// Makes a container, not started yet.
    ///
    /// # Errors
    /// In the kubelet's words: the reason and the message of its waiting state.
    pub fn create(
        &self,
        context: &PodContext<'_>,
        container: &Value,
        image: Image,
    ) -> Result<Arc<Container>, (&'static str, String)> {
        let PodContext { pod, address, volumes } = *context;
        let config = |message: String| ("CreateContainerConfigError", message);
        let clock = *self.api.clock();
        let mut root = image.files(clock.now());
        let user = users::user(pod, container, &image, &root).map_err(config)?;
        let own = env::variables(&self.api, pod, container, &address.to_string(), &self.address.to_string())
            .map_err(config)?;
        let name = hostname(pod);
        let mut environment = BTreeMap::from([
            ("PATH".to_owned(), DEFAULT_PATH.to_owned()),
            ("HOSTNAME".to_owned(), name.clone()),
            ("HOME".to_owned(), user.home.clone()),
        ]);
        if container["tty"] == true {
            environment.insert("TERM".into(), "xterm".into());
        }
        let of_image =
            image.description.env.iter().map(|(key, value)| (key.clone(), value.replace("{version}", image.version())));
        environment.extend(of_image);
        environment.extend(own.clone());
        let command = command_line(container, &image, &own);
        if command.is_empty() {
            return Err(("CreateContainerError", "no command specified".into()));
        }
        root.put("/etc/hostname", Kind::File(format!("{name}\n").into()), 0o644, clock.now());
        root.put("/etc/resolv.conf", Kind::File(resolv_file(self, pod).into()), 0o644, clock.now());
        let directory = container["workingDir"].as_str().or(image.description.workdir.as_deref()).unwrap_or("/");
        let directory = clean("/", directory);
        if root.get(&directory).is_none() {
            root.put(&directory, Kind::Directory, 0o755, clock.now());
        }
        let mut mounts = volumes.mounts(container, &environment, clock.now());
        let file = |path: &str, text: String| {
            let mut tree = Tree::new(clock.now());
            tree.put("/file", Kind::File(text.into()), 0o644, clock.now());
            Mount { path: path.to_owned(), volume: Volume::new(tree), sub_path: "/file".into(), read_only: false }
        };
        mounts.push(file("/etc/hosts", hosts_file(pod, address)));
        mounts.push(file(termination_path(container), String::new()));
        let origin = Origin::Pod {
            namespace: pod["metadata"]["namespace"].as_str().unwrap_or_default().to_owned(),
            name: name.clone(),
            ip: address,
        };
        Ok(Container::new(Setup {
            id: self.api.entropy().hex(64),
            hostname: name,
            image: Arc::new(image),
            command,
            environment,
            directory,
            user,
            files: Files::new(root, mounts, clock),
            network: Stack { network: self.network.clone(), origin, address },
            clock,
            entropy: self.api.entropy().clone(),
            terminal: container["tty"] == true,
            stdin: container["stdin"] == true,
        }))
    }
}

/// The file that a container's last words stand in.
pub fn termination_path(container: &Value) -> &str {
    container["terminationMessagePath"].as_str().filter(|path| !path.is_empty()).unwrap_or("/dev/termination-log")
}
