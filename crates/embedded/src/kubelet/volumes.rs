//! The volumes of a Pod: what is in them, and where containers mount them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Kubelet, env, locked};
use crate::runtime::files::{Kind, Mount, Tree, Volume, clean};

/// A volume that could not be set up: its name and why.
pub struct SetUpError {
    /// The volume's name.
    pub volume: String,
    /// Why, in the kubelet's words.
    pub why: String,
    /// It is simulated nowhere in this cluster.
    pub unsupported: bool,
}

/// Files by path, as a projection collects them.
type Projection = BTreeMap<String, Vec<u8>>;

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// What `items` picks from the keys of a ConfigMap or Secret; all of it where nothing is picked.
fn pick(data: BTreeMap<String, Vec<u8>>, source: &Value, what: &str) -> Result<Projection, String> {
    let Some(items) = source["items"].as_array() else { return Ok(data) };
    let mut picked = Projection::new();
    for item in items {
        match data.get(text(item, "key")) {
            Some(value) => {
                picked.insert(text(item, "path").to_owned(), value.clone());
            }
            None if source["optional"] == true => {}
            None => return Err(format!("references non-existent {what} key: {}", text(item, "key"))),
        }
    }
    Ok(picked)
}

fn data(kubelet: &Kubelet, pod: &Value, resource: &str, name: &str, source: &Value) -> Result<Projection, String> {
    let what = if resource == "secrets" { "secret" } else { "config" };
    match env::data_of(&kubelet.api, resource, text(&pod["metadata"], "namespace"), name) {
        Ok(data) => pick(data, source, what),
        Err(_) if source["optional"] == true => Ok(Projection::new()),
        Err(why) => Err(why),
    }
}

fn downward(kubelet: &Kubelet, pod: &Value, source: &Value, pod_ip: &str) -> Result<Projection, String> {
    let mut files = Projection::new();
    for item in source["items"].as_array().into_iter().flatten() {
        let value = if let Some(path) = item["fieldRef"]["fieldPath"].as_str() {
            env::field(pod, path, pod_ip, &kubelet.address.to_string())
                .ok_or_else(|| format!("unsupported fieldPath: {path}"))?
        } else {
            let reference = &item["resourceFieldRef"];
            let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
            let container = containers
                .into_iter()
                .find(|container| container["name"] == reference["containerName"])
                .unwrap_or(&Value::Null);
            env::resource(container, reference)
        };
        files.insert(text(item, "path").to_owned(), value.into_bytes());
    }
    Ok(files)
}

/// A token as a ServiceAccount's Pod gets it: the shape of a JWT, signed by nobody.
fn token(kubelet: &Kubelet, pod: &Value) -> String {
    use base64::Engine;
    let encode = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let (meta, account) = (&pod["metadata"], text(&pod["spec"], "serviceAccountName"));
    let now = kubelet.api.clock().now().as_second();
    let namespace = text(meta, "namespace");
    let claims = json!({
        "aud": ["https://kubernetes.default.svc.cluster.local"], "exp": now + 31_536_000, "iat": now, "nbf": now, "iss": "https://kubernetes.default.svc.cluster.local",
        "kubernetes.io": {"namespace": namespace, "pod": {"name": meta["name"], "uid": meta["uid"]}, "serviceaccount": {"name": account}},
        "sub": format!("system:serviceaccount:{namespace}:{account}"),
    });
    format!("{}.{}.{}", encode(&json!({"alg": "RS256", "kid": "embedded"})), encode(&claims), "c2lnbmVkLWJ5LW5vYm9keQ")
}

/// The files of a volume that is made from API objects; `None` for those that are not.
fn projection(kubelet: &Kubelet, pod: &Value, volume: &Value, pod_ip: &str) -> Option<Result<Projection, String>> {
    if volume["configMap"].is_object() {
        return Some(data(kubelet, pod, "configmaps", text(&volume["configMap"], "name"), &volume["configMap"]));
    }
    if volume["secret"].is_object() {
        return Some(data(kubelet, pod, "secrets", text(&volume["secret"], "secretName"), &volume["secret"]));
    }
    if volume["downwardAPI"].is_object() {
        return Some(downward(kubelet, pod, &volume["downwardAPI"], pod_ip));
    }
    let sources = volume["projected"]["sources"].as_array()?;
    let mut all = Projection::new();
    for source in sources {
        let files = if source["configMap"].is_object() {
            data(kubelet, pod, "configmaps", text(&source["configMap"], "name"), &source["configMap"])
        } else if source["secret"].is_object() {
            data(kubelet, pod, "secrets", text(&source["secret"], "name"), &source["secret"])
        } else if source["downwardAPI"].is_object() {
            downward(kubelet, pod, &source["downwardAPI"], pod_ip)
        } else if source["serviceAccountToken"].is_object() {
            Ok(Projection::from([(
                text(&source["serviceAccountToken"], "path").to_owned(),
                token(kubelet, pod).into_bytes(),
            )]))
        } else {
            Err("the embedded cluster does not simulate this source of a projected volume; use a real cluster for it"
                .to_owned())
        };
        match files {
            Ok(files) => all.extend(files),
            Err(why) => return Some(Err(why)),
        }
    }
    Some(Ok(all))
}

/// The tree that the kubelet writes for a projection: a folder of its time, a link `..data` to it, links to the files (atomic_writer.go).
fn tree(files: &Projection, mode: u32, at: Timestamp, number: u64) -> Tree {
    let mut tree = Tree::new(at);
    let folder = format!("..{}.{number:010}", at.strftime("%Y_%m_%d_%H_%M_%S"));
    tree.put(&format!("/{folder}"), Kind::Directory, 0o755, at);
    tree.put("/..data", Kind::Link(folder.clone()), 0o777, at);
    for (path, content) in files {
        tree.put(&format!("/{folder}/{path}"), Kind::File(content.clone().into()), mode, at);
        let first = path.split('/').next().unwrap_or(path);
        tree.put(&format!("/{first}"), Kind::Link(format!("..data/{first}")), 0o777, at);
    }
    tree
}

/// The volumes of one Pod.
#[derive(Default)]
pub struct Volumes {
    mounted: BTreeMap<String, Volume>,
    /// What projections held when they were last written.
    written: BTreeMap<String, Projection>,
}

impl Volumes {
    /// Sets up what is not set up yet.
    ///
    /// # Errors
    /// The first volume that cannot be.
    pub fn set_up(&mut self, kubelet: &Kubelet, pod: &Value, pod_ip: &str) -> Result<(), SetUpError> {
        let now = kubelet.api.clock().now();
        for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            let name = text(volume, "name").to_owned();
            if self.mounted.contains_key(&name) {
                continue;
            }
            let made = if let Some(files) = projection(kubelet, pod, volume, pod_ip) {
                let files = files.map_err(|why| SetUpError { volume: name.clone(), why, unsupported: false })?;
                let made = Volume::new(tree(&files, mode(volume), now, kubelet.api.entropy().below(4_000_000_000)));
                self.written.insert(name.clone(), files);
                made
            } else if volume["emptyDir"].is_object() {
                Volume::new(Tree::new(now))
            } else if let Some(path) = volume["hostPath"]["path"].as_str() {
                locked(&kubelet.host_folders)
                    .entry(clean("/", path))
                    .or_insert_with(|| Volume::new(Tree::new(now)))
                    .clone()
            } else {
                let kind = volume
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| key.as_str())
                    .find(|key| *key != "name")
                    .unwrap_or("this");
                let why =
                    format!("the embedded cluster does not simulate volumes of type {kind}; use a real cluster for it");
                return Err(SetUpError { volume: name, why, unsupported: true });
            };
            self.mounted.insert(name, made);
        }
        Ok(())
    }

    /// Writes projections again whose sources have changed. What containers mount shows it; mounts of a `subPath` do not.
    pub fn refresh(&mut self, kubelet: &Kubelet, pod: &Value, pod_ip: &str) {
        let now = kubelet.api.clock().now();
        for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            let name = text(volume, "name");
            let Some(written) = self.written.get_mut(name) else { continue };
            // What has gone stays as it was.
            let Some(Ok(mut files)) = projection(kubelet, pod, volume, pod_ip) else { continue };
            // A token is renewed long before it ends, not at every look.
            for source in volume["projected"]["sources"].as_array().into_iter().flatten() {
                let path = text(&source["serviceAccountToken"], "path");
                if let Some(old) = written.get(path) {
                    files.insert(path.to_owned(), old.clone());
                }
            }
            if *written != files
                && let Some(mounted) = self.mounted.get(name)
            {
                mounted.replace(tree(&files, mode(volume), now, kubelet.api.entropy().below(4_000_000_000)));
                *written = files;
            }
        }
    }

    /// Whether any volume is made from objects that may change.
    pub fn may_change(&self) -> bool {
        self.written.len() > usize::from(self.written.keys().any(|name| name.starts_with("kube-api-access-")))
    }

    /// The mounts of a container; `variables` are for `subPathExpr`.
    pub fn mounts(&self, container: &Value, variables: &BTreeMap<String, String>, now: Timestamp) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let Some(volume) = self.mounted.get(text(mount, "name")) else { continue };
            let expression = mount["subPathExpr"].as_str().map(|expression| env::expand(expression, variables));
            let sub_path = clean("/", expression.as_deref().or_else(|| mount["subPath"].as_str()).unwrap_or("/"));
            let is_projection = self.written.contains_key(text(mount, "name"));
            let (volume, sub_path) = if is_projection && sub_path != "/" {
                // A file mounted by itself is the one that was there at the time: it never changes.
                (fixed(volume, &sub_path, now), sub_path)
            } else {
                if volume.tree().get(&sub_path).is_none() {
                    volume.tree().put(&sub_path, Kind::Directory, 0o755, now);
                }
                (volume.clone(), sub_path)
            };
            mounts.push(Mount {
                path: text(mount, "mountPath").to_owned(),
                volume,
                sub_path,
                read_only: is_projection || mount["readOnly"] == true,
            });
        }
        mounts
    }
}

fn mode(volume: &Value) -> u32 {
    ["configMap", "secret", "projected", "downwardAPI"]
        .iter()
        .find_map(|source| volume[*source]["defaultMode"].as_u64())
        .and_then(|mode| u32::try_from(mode).ok())
        .unwrap_or(0o644)
}

fn fixed(volume: &Volume, path: &str, now: Timestamp) -> Volume {
    let tree = volume.tree();
    let target = match tree.get("/..data").map(|entry| &entry.kind) {
        Some(Kind::Link(folder)) => format!("/{folder}{path}"),
        _ => path.to_owned(),
    };
    let mut copy = Tree::new(now);
    if let Some(entry) = tree.get(&target) {
        copy.put(path, entry.kind.clone(), entry.mode, entry.modified);
    }
    Volume::new(copy)
}
