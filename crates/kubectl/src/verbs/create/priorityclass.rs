//! `kubectl create priorityclass` (kubectl: pkg/cmd/create/create_priorityclass.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::Result;
use crate::flags::Flag;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "priorityclass",
    use_line: "priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    aliases: &["pc"],
    short: "Create a priority class with the specified name",
    long: "Create a priority class with the specified name, value, globalDefault and description.",
    example: "# A priority class
kubectl create priorityclass high-priority --value=1000 --description=\"high priority\"

# That pods get which name none
kubectl create priorityclass default-priority --value=1000 --global-default=true --description=\"default priority\"

# That makes no room by evicting others
kubectl create priorityclass high-priority --value=1000 --preemption-policy=\"Never\"",
    flags: || {
        let mut flags = generated::flags();
        flags.extend([
            Flag::int32("value", "0", "the value of this priority class."),
            Flag::bool("global-default", "global-default specifies whether this PriorityClass should be considered as the default priority."),
            Flag::string("description", "", "description is an arbitrary string that usually provides guidelines on when this priority class should be used."),
            Flag::string("preemption-policy", "PreemptLowerPriority", "preemption-policy is the policy for preempting pods with lower priority."),
        ]);
        flags
    },
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let flags = &cx.flags;
    let mut class = json!({
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": flags.int("value"),
        "preemptionPolicy": flags.str("preemption-policy"),
    });
    if flags.bool("global-default") {
        class["globalDefault"] = json!(true);
    }
    if !flags.str("description").is_empty() {
        class["description"] = json!(flags.str("description"));
    }
    generated::create(cx, "failed to create priorityclass:", class).await
}
