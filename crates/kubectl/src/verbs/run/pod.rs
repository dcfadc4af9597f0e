//! The Pod, and the Service, that `run` makes of its flags (kubectl: pkg/cmd/run/run.go `createPod`, `createService`).

use crate::command::Context;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};

/// What the flags say.
pub(super) struct Pod {
    name: String,
    labels: Map<String, Value>,
    given_labels: Map<String, Value>,
    annotations: Map<String, Value>,
    container: Value,
    restart: String,
    port: Option<i64>,
}

impl Pod {
    /// Reads the flags.
    pub(super) fn of(cx: &Context) -> Result<Pod> {
        let flags = &cx.flags;
        let annotations = pairs(flags.strings("annotations"))?;
        let given_labels = labels(flags.str("labels"))?;
        let env = env(flags.strings("env"))?;
        let interactive = flags.bool("stdin");
        let restart = match flags.str("restart") {
            "" if interactive => "OnFailure",
            "" => "Always",
            policy @ ("Always" | "Never" | "OnFailure") => policy,
            other => {
                return Err(Error::msg(format!(
                    "invalid restart policy: {other}, valid values are: Always, OnFailure, Never"
                )));
            }
        };
        let pull = flags.str("image-pull-policy");
        if !["", "Always", "IfNotPresent", "Never"].contains(&pull) {
            return Err(Error::msg(format!(
                "invalid image pull policy: {pull}, valid values are: Always, IfNotPresent, Never"
            )));
        }
        let name = cx.args.first().cloned().unwrap_or_default();
        let mut container = json!({"name": name, "image": flags.str("image"), "resources": {}});
        let mut set = |field: &str, value: Value, wanted: bool| {
            if wanted {
                container[field] = value;
            }
        };
        let arguments = cx.args.get(1..).unwrap_or_default();
        let field = if flags.bool("command") { "command" } else { "args" };
        set(field, json!(arguments), !arguments.is_empty());
        set("env", json!(env), !env.is_empty());
        set("imagePullPolicy", json!(pull), !pull.is_empty());
        set("stdin", json!(true), interactive);
        set("stdinOnce", json!(true), interactive && !flags.bool("leave-stdin-open"));
        set("tty", json!(true), flags.bool("tty"));
        set("securityContext", json!({"privileged": true}), flags.bool("privileged"));
        let port = flags.str("port").parse::<i64>().ok();
        set("ports", json!([{"containerPort": port}]), port.is_some());
        let mut labels = given_labels.clone();
        if labels.is_empty() {
            labels.insert("run".into(), json!(name));
        }
        Ok(Pod { name, labels, given_labels, annotations, container, restart: restart.into(), port })
    }

    /// Its restart policy.
    pub(super) fn restart_policy(&self) -> &str {
        &self.restart
    }

    /// The object.
    pub(super) fn pod(&self) -> Value {
        let mut metadata = json!({"name": self.name, "labels": self.labels});
        if !self.annotations.is_empty() {
            metadata["annotations"] = json!(self.annotations);
        }
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {"containers": [self.container], "dnsPolicy": "ClusterFirst", "restartPolicy": self.restart},
            "status": {},
        })
    }

    /// The Service of `--expose`.
    pub(super) fn service(&self) -> Value {
        let mut metadata = json!({"name": self.name});
        if !self.given_labels.is_empty() {
            metadata["labels"] = json!(self.given_labels);
        }
        let port = json!({"port": self.port, "protocol": "TCP", "targetPort": self.port});
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": self.labels, "ports": [port]},
            "status": {"loadBalancer": {}},
        })
    }
}

fn labels(text: &str) -> Result<Map<String, Value>> {
    let mut labels = Map::new();
    for label in text.split(',').filter(|_| !text.is_empty()) {
        match label.split('=').collect::<Vec<_>>()[..] {
            ["", _] => return Err(Error::msg("unexpected empty label key")),
            [key, value] => labels.insert(key.to_string(), json!(value)),
            _ => return Err(Error::msg(format!("unexpected label spec: {label}"))),
        };
    }
    Ok(labels)
}

fn pairs(texts: &[String]) -> Result<Map<String, Value>> {
    let mut pairs = Map::new();
    for text in texts {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => pairs.insert(key.to_string(), json!(value)),
            _ => return Err(Error::msg(format!("invalid annotations format: {text}"))),
        };
    }
    Ok(pairs)
}

fn env(texts: &[String]) -> Result<Vec<Value>> {
    let of = |text: &String| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(json!({"name": name, "value": value})),
        _ => Err(Error::msg(format!("invalid env: {text}"))),
    };
    texts.iter().map(of).collect()
}
