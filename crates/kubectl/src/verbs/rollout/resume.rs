//! `kubectl rollout resume` (kubectl: pkg/cmd/rollout/rollout_resume.go).

use super::{Change, change_all, changing};
use crate::command::{Class, Command};

pub(super) static COMMAND: Command = Command {
    name: "resume",
    use_line: "resume RESOURCE",
    short: "Resume a paused resource",
    long: "Resume a paused deployment.\n\n Its controller reconciles it again. Only deployments can be paused and resumed.",
    example: "# Resume a paused deployment
kubectl rollout resume deployment/web",
    flags: changing,
    class: |_| Class::CHANGES,
    run: Some(|cx| Box::pin(change_all(cx, &RESUME))),
    ..Command::NEW
};

static RESUME: Change = Change {
    done: "resumed",
    apply: |_, info| {
        if info.mapping.kind != "Deployment" || info.mapping.group != "apps" {
            return Err("resuming is not supported".into());
        }
        if info.object["spec"]["paused"] != true {
            return Err("is not paused".into());
        }
        let mut object = info.object.clone();
        if let Some(spec) = object["spec"].as_object_mut() {
            spec.remove("paused");
        }
        Ok(object)
    },
    unchanged: |_| Ok("already resumed"),
};
