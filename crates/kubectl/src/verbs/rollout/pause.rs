//! `kubectl rollout pause` (kubectl: pkg/cmd/rollout/rollout_pause.go).

use super::{Change, change_all, changing};
use crate::command::{Class, Command};
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    name: "pause",
    use_line: "pause RESOURCE",
    short: "Mark the provided resource as paused",
    long: "Mark a deployment as paused.\n\n What is paused is not reconciled by its controller: changes take effect when \"kubectl rollout resume\" is given. Only deployments can be paused.",
    example: "# Pause a deployment: what it has goes on, changes wait
kubectl rollout pause deployment/web",
    flags: changing,
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(change_all(cx, &PAUSE))),
    ..Command::NEW
};

static PAUSE: Change = Change {
    done: "paused",
    apply: |_, info| {
        if info.mapping.kind != "Deployment" || info.mapping.group != "apps" {
            return Err("pausing is not supported".into());
        }
        if info.object["spec"]["paused"] == true {
            return Err("is already paused".into());
        }
        let mut object = info.object.clone();
        object["spec"]["paused"] = Value::Bool(true);
        Ok(object)
    },
    unchanged: |_| Ok("already paused"),
};
