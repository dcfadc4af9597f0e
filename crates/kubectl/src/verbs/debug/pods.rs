//! The containers and pods that `debug` makes (kubectl: pkg/cmd/debug/debug.go `generateDebugContainer`,
//! `generateNodeDebugPod`, `generatePodCopyWithDebugContainer`).

use super::custom;
use super::profile::{Profile, Style, find};
use super::text;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::resource::take_items;
use serde_json::{Map, Value, json};

/// What the command line asks for.
pub(super) struct Debug<'c> {
    /// Flags and streams.
    pub cx: &'c Context,
    /// What stands behind `--`.
    pub command: &'c [String],
    /// `--profile`.
    pub profile: Profile,
    /// `--custom`.
    pub custom: Option<Value>,
}

impl Debug<'_> {
    fn env(&self) -> Vec<Value> {
        let pairs = self.cx.flags.pairs("env");
        pairs.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    }

    /// The field that the command line's words go to.
    fn command_field(&self) -> &'static str {
        if self.cx.flags.bool("arguments-only") { "args" } else { "command" }
    }

    /// A container as the flags describe it.
    fn container(&self, name: &str) -> Value {
        let flags = &self.cx.flags;
        let mut container = Map::new();
        let mut set = |field: &str, value: Value, wanted: bool| {
            if wanted {
                container.insert(field.to_string(), value);
            }
        };
        let (env, policy) = (self.env(), flags.str("image-pull-policy"));
        set("name", json!(name), true);
        set("image", json!(flags.str("image")), true);
        set("resources", json!({}), true);
        set("terminationMessagePolicy", json!("File"), true);
        set("imagePullPolicy", json!(policy), !policy.is_empty());
        set("stdin", json!(true), flags.bool("stdin"));
        set("tty", json!(true), flags.bool("tty"));
        set("env", json!(env), !env.is_empty());
        set(self.command_field(), json!(self.command), !self.command.is_empty());
        Value::Object(container)
    }

    /// The container that is added to a running pod, behind those of its name that are there already: a profile means
    /// the first of a name, and the API server has the last word.
    pub(super) fn ephemeral(&self, pod: &Value) -> Result<Vec<Value>> {
        let name = self.name(pod)?;
        let mut container = self.container(&name);
        let target = self.cx.flags.str("target");
        if !target.is_empty() {
            container["targetContainerName"] = json!(target);
        }
        let there = pod["spec"]["ephemeralContainers"].as_array().into_iter().flatten();
        let named: Vec<&Value> = there.filter(|other| other["name"] == name).chain([&container]).collect();
        let mut alone = json!({"spec": {"ephemeralContainers": named}});
        self.profile.apply(&mut alone, &name, Style::Ephemeral, &self.cx.flags);
        if let Some(custom) = &self.custom {
            custom::apply(custom, &mut alone, "ephemeralContainers", &name)?;
        }
        Ok(take_items(&mut json!({"items": alone["spec"]["ephemeralContainers"]})))
    }

    /// The pod that runs on a node.
    pub(super) fn on_node(&self, node: &Value) -> Result<Value> {
        let flags = &self.cx.flags;
        let container = match flags.str("container") {
            "" => "debugger",
            given => given,
        };
        let node = text(&node["metadata"]["name"]);
        let name = format!("node-debugger-{node}-{}", suffix(self.cx, 0));
        if !flags.bool("quiet") {
            writeln!(self.cx.out, "Creating debugging pod {name} with container {container} on node {node}.")?;
        }
        let mut pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"}},
            "spec": {
                "containers": [self.container(container)],
                "nodeName": node,
                "restartPolicy": "Never",
                "tolerations": [{"operator": "Exists"}],
            },
        });
        self.profile.apply(&mut pod, container, Style::Node, flags);
        if let Some(custom) = &self.custom {
            custom::apply(custom, &mut pod, "containers", container)?;
        }
        Ok(pod)
    }

    /// A copy of a pod, and the container of it that is for debugging: none where only images were changed.
    pub(super) fn copy_of(&self, pod: &Value) -> Result<(Value, String)> {
        let flags = &self.cx.flags;
        let mut copied = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": flags.str("copy-to"), "namespace": pod["metadata"]["namespace"]},
            "spec": pod["spec"],
        });
        for field in ["annotations", "labels"] {
            if !pod["metadata"][field].is_null() {
                copied["metadata"][field] = pod["metadata"][field].clone();
            }
        }
        if let Some(spec) = copied["spec"].as_object_mut() {
            spec.remove("ephemeralContainers");
            if !flags.bool("same-node") {
                spec.remove("nodeName");
            }
            if flags.changed("share-processes") {
                spec.insert("shareProcessNamespace".into(), json!(flags.bool("share-processes")));
            }
        }
        self.set_images(&mut copied);
        let given = flags.str("container").to_string();
        let name = match find(&mut copied, &given) {
            Some(_) => given,
            None if flags.str("image").is_empty() && !flags.pairs("set-image").is_empty() => {
                return Ok((copied, String::new()));
            }
            None if flags.str("image").is_empty() => {
                return Err(Error::msg("you must specify image when creating new container"));
            }
            None => {
                let name = self.name(&copied)?;
                if let Some(containers) = copied["spec"]["containers"].as_array_mut() {
                    containers.push(json!({"name": name, "resources": {}, "terminationMessagePolicy": "File"}));
                }
                name
            }
        };
        if let Some(container) = find(&mut copied, &name) {
            self.change(container);
        }
        self.profile.apply(&mut copied, &name, Style::Copy, flags);
        if let Some(custom) = &self.custom {
            custom::apply(custom, &mut copied, "containers", &name)?;
        }
        Ok((copied, name))
    }

    fn set_images(&self, copied: &mut Value) {
        let images = self.cx.flags.pairs("set-image");
        for container in copied["spec"]["containers"].as_array_mut().into_iter().flatten() {
            let image = images.get(text(&container["name"])).or_else(|| images.get("*"));
            if let Some(image) = image.filter(|image| !image.is_empty()) {
                container["image"] = json!(image);
            }
        }
    }

    /// What the flags say of a container that is in the copy.
    fn change(&self, container: &mut Value) {
        let made = self.container(text(&container["name"]));
        let (Some(fields), Some(mut made)) = (container.as_object_mut(), made.as_object().cloned()) else { return };
        if self.command_field() == "command" && !self.command.is_empty() {
            fields.remove("args");
        }
        for field in ["stdin", "tty"] {
            fields.remove(field);
        }
        made.retain(|field, value| {
            !["name", "resources", "terminationMessagePolicy"].contains(&field.as_str()) && value != ""
        });
        fields.extend(made);
    }

    /// The container's name: as given, or a new one, which is said (`computeDebugContainerName`).
    fn name(&self, pod: &Value) -> Result<String> {
        let flags = &self.cx.flags;
        if !flags.str("container").is_empty() {
            return Ok(flags.str("container").to_string());
        }
        let lists = ["containers", "initContainers", "ephemeralContainers"].into_iter();
        let names: Vec<&str> = lists
            .flat_map(|list| pod["spec"][list].as_array().into_iter().flatten())
            .map(|container| text(&container["name"]))
            .collect();
        let mut attempt = 0;
        let name = loop {
            let name = format!("debugger-{}", suffix(self.cx, attempt));
            if !names.contains(&name.as_str()) {
                break name;
            }
            attempt += 1;
        };
        if !flags.bool("quiet") {
            writeln!(self.cx.out, "Defaulting debug container name to {name}.")?;
        }
        Ok(name)
    }
}

/// Five letters, other ones at another moment (apimachinery: util/rand `String`).
fn suffix(cx: &Context, attempt: u64) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let moment = cx.env.clock.now().as_nanosecond().to_le_bytes();
    let mut state = moment.iter().fold(attempt, |state, byte| {
        // FNV-1a
        (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let letters = (0..5).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let index = usize::try_from(state >> 33).unwrap_or_default() % LETTERS.len();
        char::from(LETTERS[index])
    });
    letters.collect()
}
