//! `kubectl create namespace` (kubectl: pkg/cmd/create/create_namespace.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::Result;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "namespace",
    use_line: "namespace NAME [--dry-run=server|client|none]",
    aliases: &["ns"],
    short: "Create a namespace with the specified name",
    long: "Create a namespace with the specified name.",
    example: "# Create a namespace
kubectl create namespace my-namespace",
    flags: generated::flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name},
        "spec": {},
        "status": {},
    });
    generated::create(cx, "", namespace).await
}
