//! `kubectl rollout restart` (kubectl: pkg/cmd/rollout/rollout_restart.go).

use super::{Change, change_all, changing};
use crate::command::{Class, Command};
use crate::error::Error;
use apimachinery::meta;
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "restart",
    use_line: "restart RESOURCE",
    short: "Restart a resource",
    long: "Restart a resource.\n\n Its pods are replaced as by any other rollout.",
    example: "# Restart all deployments of a namespace
kubectl rollout restart deployment -n test-namespace

# Restart a deployment
kubectl rollout restart deployment/web

# Restart the deployments with a label
kubectl rollout restart deployment --selector=app=web",
    flags: changing,
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(change_all(cx, &RESTART))),
    ..Command::NEW
};

static RESTART: Change = Change {
    done: "restarted",
    apply: |cx, info| {
        let kind = (info.mapping.group.as_str(), info.mapping.kind.as_str());
        if !matches!(kind, ("apps", "Deployment" | "DaemonSet" | "StatefulSet")) {
            return Err("restarting is not supported".into());
        }
        if info.object["spec"]["paused"] == true {
            return Err("can't restart paused deployment (run rollout resume first)".into());
        }
        let mut object = info.object.clone();
        let now = Value::String(meta::format_time(cx.env.clock.now()));
        meta::set(
            &mut object,
            &["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"],
            now,
        );
        Ok(object)
    },
    unchanged: |info| {
        Err(Error::msg(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            info.name
        )))
    },
};
