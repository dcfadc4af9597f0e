//! `kubectl create serviceaccount` (kubectl: pkg/cmd/create/create_serviceaccount.go).

use super::generated;
use crate::command::{Class, Command, Context};
use crate::error::Result;
use serde_json::json;

pub(super) static COMMAND: Command = Command {
    name: "serviceaccount",
    use_line: "serviceaccount NAME [--dry-run=server|client|none]",
    aliases: &["sa"],
    short: "Create a service account with the specified name",
    long: "Create a service account with the specified name.",
    example: "# Create a service account
kubectl create serviceaccount my-service-account",
    flags: generated::flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

async fn run(cx: &Context) -> Result<()> {
    let name = generated::name(cx)?;
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    generated::create(cx, "failed to create serviceaccount:", account).await
}
